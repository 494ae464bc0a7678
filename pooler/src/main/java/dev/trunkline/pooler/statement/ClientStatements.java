package dev.trunkline.pooler.statement;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The statement names of one client. Loop-confined.
 *
 * <p>The unnamed statement is remembered too: PostgreSQL keeps it until the next unnamed Parse or simple query, so that a
 * client may bind it again after a Sync, when it may sit on another server connection.
 */
public final class ClientStatements {
    /** Longer unnamed statements are not remembered; binding one in a later transaction is an error. */
    static final int MAX_UNNAMED = 256 * 1024;

    private final StatementCatalog catalog;
    private final Object scope;
    private StatementSpace space;
    private @Nullable ByteMap<ClientStatement> named;
    private byte[] unnamed = new byte[0];
    private int unnamedLength = -1;
    private long unnamedVersion;
    private boolean closed;
    private boolean portalsDescribed;

    /** What one name costs beside its bytes and its text. */
    private static final int NAME_BYTES = 120;

    private final long maxBytes;
    private long bytes;
    private boolean overflowed;

    /** Names over a catalog whose texts were proven for nobody else. */
    public ClientStatements(StatementCatalog catalog) {
        this(catalog, new Object());
    }

    /** @param scope stands for the pools that the client is served by: the same object for all clients of them */
    public ClientStatements(StatementCatalog catalog, Object scope) {
        this(catalog, scope, Long.MAX_VALUE);
    }

    /**
     * As above, with a bound for what the names and their texts may cost together.
     *
     * @param maxBytes from then on new names belong to the server connection, which has to be kept; see {@link Rewrite#pins}
     */
    public ClientStatements(StatementCatalog catalog, Object scope, long maxBytes) {
        this.maxBytes = maxBytes;
        this.catalog = catalog;
        this.scope = scope;
        this.space = catalog.enter(new byte[0]);
    }

    /**
     * What the meaning of a text depends on, as the client's own search_path and role: from now on its statements are shared with
     * those clients alone that have the same. Empty if it has set nothing of that kind. What it has prepared stays as it is.
     */
    public void context(byte[] context) {
        StatementSpace old = space;
        space = catalog.enter(context);
        catalog.leave(old);
    }

    /** The client has described portals of which it is not known what they were made of: any of its statements may be meant. */
    public void portalsAreDescribed() {
        portalsDescribed = true;
    }

    /** True after {@link #portalsAreDescribed}. */
    public boolean hasDescribedPortals() {
        return portalsDescribed;
    }

    /** True if so many bytes of a name and its text are too many. */
    boolean isFull(int more) {
        return bytes + more + NAME_BYTES > maxBytes;
    }

    void overflow() {
        overflowed = true;
    }

    /** True if some names are the server connection's. */
    boolean isOverflowed() {
        return overflowed;
    }

    /** What its names cost, their texts counted in full although they may be shared; in bytes, roughly. */
    public long bytes() {
        return bytes;
    }

    private static long weight(ClientStatement statement) {
        return NAME_BYTES
                + statement.name().length
                + (long) statement.statement().definition().length;
    }

    private void released(ClientStatement statement) {
        bytes -= weight(statement);
        catalog.release(statement.statement());
    }

    public int size() {
        return named == null ? 0 : named.size();
    }

    /** Forgets all names, as after DEALLOCATE ALL or DISCARD ALL; the unnamed statement survives them. */
    public void clear() {
        if (named != null) {
            named.forEachValue(this::released);
            named.clear();
        }
    }

    /** The client is gone: names that an undo brings back later are not kept. */
    public void close() {
        clear();
        if (!closed) {
            closed = true;
            catalog.leave(space);
        }
    }

    @Nullable
    ClientStatement get(ByteBuf buf, int index, int length) {
        return named == null ? null : named.get(buf, index, length);
    }

    Object scope() {
        return scope;
    }

    /** Defines a name for a text that a server of these pools has prepared before; false if there is no such text. */
    boolean defineProven(ByteBuf buf, int nameIndex, int nameLength, int end) {
        int definition = nameIndex + nameLength + 1;
        Prepared known = space.byDefinition.get(buf, definition, end - definition);
        if (known == null || !known.isProvenFor(scope)) {
            return false;
        }
        define(buf, nameIndex, nameLength, end);
        return true;
    }

    ClientStatement define(ByteBuf buf, int nameIndex, int nameLength, int end) {
        int definition = nameIndex + nameLength + 1;
        Prepared statement = catalog.acquire(space, buf, definition, end - definition);
        byte[] name = new byte[nameLength];
        buf.getBytes(nameIndex, name);
        return define(name, statement);
    }

    /** Defines a name that is not there yet. Both arrays are kept. */
    ClientStatement define(byte[] name, byte[] definition) {
        ByteBuf buf = Unpooled.wrappedBuffer(definition);
        return define(name, catalog.acquire(space, buf, 0, definition.length));
    }

    private ClientStatement define(byte[] name, Prepared statement) {
        ClientStatement defined = new ClientStatement(name, statement);
        names().insert(name, defined);
        bytes += weight(defined);
        return defined;
    }

    @Nullable
    ClientStatement get(byte[] name) {
        return named == null ? null : named.get(name);
    }

    @Nullable
    ClientStatement remove(byte[] name) {
        ClientStatement removed = named == null ? null : named.remove(name);
        if (removed != null) {
            released(removed);
        }
        return removed;
    }

    private ByteMap<ClientStatement> names() {
        ByteMap<ClientStatement> names = named;
        if (names == null) {
            names = new ByteMap<>();
            named = names;
        }
        return names;
    }

    @Nullable
    ClientStatement remove(ByteBuf buf, int index, int length) {
        ClientStatement removed = named == null ? null : named.remove(buf, index, length);
        if (removed != null) {
            released(removed);
        }
        return removed;
    }

    /** Undo of a definition that the server did not carry out. The client may have defined the name anew: that stays. */
    void undefine(byte[] name, ClientStatement failed) {
        if (named != null && named.get(name) == failed) {
            named.remove(name);
            released(failed);
        }
    }

    /** Undo of a Close that the server did not carry out. */
    void restore(byte[] name, ClientStatement statement) {
        if (closed) {
            return;
        }
        ClientStatement newer = names().remove(name);
        if (newer != null) {
            released(newer);
        }
        catalog.revive(statement.statement());
        bytes += weight(statement);
        names().insert(name, statement);
    }

    /** Copies the definition of an unnamed Parse; the array is used again, so that a repeated text costs no object. */
    void rememberUnnamed(ByteBuf buf, int index, int length) {
        unnamedVersion++;
        if (length > MAX_UNNAMED) {
            unnamedLength = -1;
            return;
        }
        if (unnamed.length < length) {
            unnamed = new byte[Math.max(length, Math.min(2 * unnamed.length, MAX_UNNAMED))];
        }
        buf.getBytes(index, unnamed, 0, length);
        unnamedLength = length;
    }

    /** A simple query, a Close or a failure has ended it. */
    public void forgetUnnamed() {
        unnamedVersion++;
        unnamedLength = -1;
    }

    boolean hasUnnamed() {
        return unnamedLength >= 0;
    }

    long unnamedVersion() {
        return unnamedVersion;
    }

    /** The definition of the unnamed statement, as a Parse has it behind the name; a copy. */
    public byte[] unnamedDefinition() {
        return Arrays.copyOf(unnamed, Math.max(unnamedLength, 0));
    }
}
