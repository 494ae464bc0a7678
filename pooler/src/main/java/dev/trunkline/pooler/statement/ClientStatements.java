package dev.trunkline.pooler.statement;

import dev.trunkline.wire.bytes.ByteHash;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The statement names of one client. Loop-confined.
 *
 * <p>The unnamed statement is remembered too: PostgreSQL keeps it until the next unnamed Parse or simple query, so that a
 * client may bind it again after a Sync, when it may sit on another server connection.
 */
public final class ClientStatements {
    private final StatementCatalog catalog;
    private final Object scope;
    private StatementSpace space;
    private @Nullable ByteMap<ClientStatement> named;
    private final LeavingNames leaving = new LeavingNames();
    /** In which batch a name was defined or given up last. */
    private long changedIn;
    /** In which batch something was sent that may end all names. */
    private long releasedIn;

    private final UnnamedStatement unnamed;
    private final Reuse reuse;
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
        this(catalog, scope, maxBytes, Reuse.NONE);
    }

    /** As above, with unnamed statements that may be shared. */
    public ClientStatements(StatementCatalog catalog, Object scope, long maxBytes, Reuse reuse) {
        this.maxBytes = maxBytes;
        this.reuse = reuse;
        this.unnamed = new UnnamedStatement(catalog::release);
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

    /** DEALLOCATE ALL or DISCARD ALL is answered: all names are gone but those that are defined behind it. */
    public void clear(ServerStatements server) {
        Batches batches = server.batches();
        leaving.clear(batches);
        if (named != null && batches.isOpen(changedIn)) {
            List<ClientStatement> gone = new ArrayList<>();
            named.forEachValue(each -> {
                if (!each.isUpcoming(batches)) {
                    gone.add(each);
                }
            });
            gone.forEach(each -> remove(each.name()));
        } else {
            clear();
        }
    }

    private void clear() {
        if (named != null) {
            named.forEachValue(this::released);
            named.clear();
        }
    }

    /** What is sent now may end all names when it is carried out. */
    public void mayRelease(ServerStatements server) {
        releasedIn = server.batches().current();
    }

    /** True if what was sent may yet change any name. */
    boolean isCertain(Batches batches) {
        return !batches.isOpen(changedIn) && !batches.isOpen(releasedIn);
    }

    /**
     * True if something was sent that may end all names, and with them the server's statements, and is not answered. That counts
     * also within one batch, where it is carried out although what stands behind it fails.
     */
    boolean mayBeReleasing(Batches batches) {
        return batches.isOpen(releasedIn) && !batches.isQuiet();
    }

    /** True if it is not known whether the client has the name. */
    boolean isUncertain(ByteBuf buf, int index, int length, Batches batches) {
        return isUncertain(get(buf, index, length), leaving.get(buf, index, length), batches);
    }

    /** True if it is not known whether the client has the name. */
    boolean isUncertain(byte[] name, Batches batches) {
        return isUncertain(get(name), leaving.get(name), batches);
    }

    private boolean isUncertain(@Nullable ClientStatement present, @Nullable ClientStatement left, Batches batches) {
        return mayBeReleasing(batches)
                || (present != null && present.isUncertain(batches))
                || (left != null && left.isUncertain(batches));
    }

    /** The client is gone: names that an undo brings back later are not kept. */
    public void close() {
        clear();
        unnamed.close();
        if (!closed) {
            closed = true;
            catalog.leave(space);
        }
    }

    /** The statement behind one of the client's names; null if there is none. The name is not ended by a NUL. */
    public @Nullable Prepared prepared(ByteBuf buf, int index, int length) {
        ClientStatement present = get(buf, index, length);
        return present == null ? null : present.statement();
    }

    /** The Parse that has defined the name is about to be sent once more, to another server. Without effect if there is no such name. */
    public void forget(ByteBuf buf, int index, int length) {
        remove(buf, index, length);
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
        Prepared known = known(buf, nameIndex + nameLength + 1, end);
        if (known == null || !known.isProvenFor(scope)) {
            return false;
        }
        define(buf, nameIndex, nameLength, end, Batches.AT_REST);
        return true;
    }

    /** The statement of that definition, if there is one; it is not counted as named. */
    @Nullable
    Prepared known(ByteBuf buf, int definition, int end) {
        return space.byDefinition.get(buf, definition, end - definition);
    }

    /** The statement of that definition, if there is one; it is not counted as named. */
    @Nullable
    Prepared known(byte[] definition) {
        return space.byDefinition.get(definition);
    }

    ClientStatement define(ByteBuf buf, int nameIndex, int nameLength, int end, Batches batches) {
        int definition = nameIndex + nameLength + 1;
        Prepared statement = catalog.acquire(space, buf, definition, end - definition);
        byte[] name = new byte[nameLength];
        buf.getBytes(nameIndex, name);
        return define(name, statement, batches);
    }

    /** Defines a name that is not there yet. Both arrays are kept. */
    ClientStatement define(byte[] name, byte[] definition, Batches batches) {
        ByteBuf buf = Unpooled.wrappedBuffer(definition);
        return define(name, catalog.acquire(space, buf, 0, definition.length), batches);
    }

    private ClientStatement define(byte[] name, Prepared statement, Batches batches) {
        ClientStatement defined = new ClientStatement(name, statement);
        changedIn = batches.current();
        defined.definedIn(changedIn);
        names().insert(name, defined);
        bytes += weight(defined);
        return defined;
    }

    @Nullable
    ClientStatement get(byte[] name) {
        return named == null ? null : named.get(name);
    }

    private @Nullable ClientStatement remove(byte[] name) {
        ClientStatement removed = named == null ? null : named.remove(name);
        if (removed != null) {
            released(removed);
        }
        return removed;
    }

    /** Gives a name up by a request that is to be answered. */
    @Nullable
    ClientStatement remove(byte[] name, Batches batches) {
        ClientStatement removed = remove(name);
        if (removed != null) {
            leaves(removed, batches);
        }
        return removed;
    }

    /** Gives a name up by a request that is to be answered. */
    @Nullable
    ClientStatement remove(ByteBuf buf, int index, int length, Batches batches) {
        ClientStatement removed = remove(buf, index, length);
        if (removed != null) {
            leaves(removed, batches);
        }
        return removed;
    }

    private void leaves(ClientStatement removed, Batches batches) {
        changedIn = batches.current();
        leaving.add(removed, changedIn);
    }

    /** It is known what has become of a name that was given up. */
    void left(ClientStatement removed) {
        leaving.settled(removed);
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
    void undefine(ClientStatement failed) {
        byte[] name = failed.name();
        if (named != null && named.get(name) == failed) {
            named.remove(name);
            released(failed);
        }
    }

    /** Undo of a Close that the server did not carry out. */
    void restore(ClientStatement statement) {
        if (closed || statement.isGone()) {
            return;
        }
        byte[] name = statement.name();
        ClientStatement newer = names().remove(name);
        if (newer != null) {
            released(newer);
        }
        catalog.revive(statement.statement());
        bytes += weight(statement);
        names().insert(name, statement);
    }

    /**
     * The shared statement of that definition, counted as named once more, if an unnamed Parse may be taken for it: one that comes again
     * and again, and of which it is known whether the server has it. Null if not.
     */
    @Nullable
    Prepared acquireReusable(ByteBuf buf, int definition, int end, ServerStatements server) {
        int length = end - definition;
        if (reuse == Reuse.NONE || reuse.isLong(length)) {
            return null;
        }
        Prepared known = known(buf, definition, end);
        if (known == null && !catalog.hasSeen(ByteHash.of(buf, definition, length))) {
            return null;
        }
        Prepared statement = catalog.acquire(space, buf, definition, length);
        if (reuse.allows(statement) && !server.isUncertain(statement)) {
            return statement;
        }
        catalog.release(statement);
        return null;
    }

    /** The unnamed statement. */
    UnnamedStatement unnamed() {
        return unnamed;
    }

    /**
     * Something is sent that ends the unnamed statement, as a simple query or its Close.
     *
     * @param skippable whether the server may be ignoring it, because something in front of it in the same batch has failed
     * @return what is to be told what becomes of it; null if that is certain
     */
    public @Nullable Undo dropUnnamed(ServerStatements server, boolean skippable) {
        server.forgetUnnamed();
        if (!skippable && !unnamed.hasPending()) {
            unnamed.drop();
            return null;
        }
        unnamed.drop(server.batches().current());
        return unnamed;
    }

    /** The unnamed statement is ended while the client has no server connection. */
    void dropUnnamed() {
        unnamed.drop();
    }

    /** The unnamed statement that was sent last is an EXECUTE of that one, whose name in it is the server's. */
    public void unnamedNeeds(ClientStatement statement) {
        unnamed.needs(statement);
    }

    /** What the server must have before the client's unnamed statement is used; null if nothing, or if it is gone. */
    @Nullable
    Prepared neededByUnnamed() {
        ClientStatement needed = unnamed.needed();
        return needed != null && needed.equals(get(needed.name())) ? needed.statement() : null;
    }

    long unnamedVersion() {
        return unnamed.version();
    }

    /** The definition of the unnamed statement, as a Parse has it behind the name; a copy. */
    public byte[] unnamedDefinition() {
        return unnamed.definition();
    }
}
