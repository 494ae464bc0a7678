package dev.trunkline.pooler.statement;

import io.netty.buffer.ByteBuf;
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
    private @Nullable ByteMap<Prepared> named;
    private byte[] unnamed = new byte[0];
    private int unnamedLength = -1;
    private long unnamedVersion;
    private boolean closed;

    /** Names over a catalog whose texts were proven for nobody else. */
    public ClientStatements(StatementCatalog catalog) {
        this(catalog, new Object());
    }

    /** @param scope stands for the pools that the client is served by: the same object for all clients of them */
    public ClientStatements(StatementCatalog catalog, Object scope) {
        this.catalog = catalog;
        this.scope = scope;
    }

    public int size() {
        return named == null ? 0 : named.size();
    }

    /** Forgets all names, as after DEALLOCATE ALL or DISCARD ALL; the unnamed statement survives them. */
    public void clear() {
        if (named != null) {
            named.forEachValue(catalog::release);
            named.clear();
        }
    }

    /** The client is gone: names that an undo brings back later are not kept. */
    public void close() {
        clear();
        closed = true;
    }

    @Nullable
    Prepared get(ByteBuf buf, int index, int length) {
        return named == null ? null : named.get(buf, index, length);
    }

    Object scope() {
        return scope;
    }

    /** Defines a name for a text that a server of these pools has prepared before; false if there is no such text. */
    boolean defineProven(ByteBuf buf, int nameIndex, int nameLength, int end) {
        int definition = nameIndex + nameLength + 1;
        Prepared known = catalog.find(buf, definition, end - definition);
        if (known == null || !known.isProvenFor(scope)) {
            return false;
        }
        define(buf, nameIndex, nameLength, end);
        return true;
    }

    Prepared define(ByteBuf buf, int nameIndex, int nameLength, int end) {
        if (named == null) {
            named = new ByteMap<>();
        }
        int definition = nameIndex + nameLength + 1;
        Prepared statement = catalog.acquire(buf, definition, end - definition);
        named.put(buf, nameIndex, nameLength, statement);
        return statement;
    }

    @Nullable
    Prepared remove(ByteBuf buf, int index, int length) {
        Prepared statement = named == null ? null : named.remove(buf, index, length);
        if (statement != null) {
            catalog.release(statement);
        }
        return statement;
    }

    /** Undo of a definition that the server did not carry out. */
    void undefine(byte[] name) {
        if (named != null) {
            Prepared statement = named.remove(name);
            if (statement != null) {
                catalog.release(statement);
            }
        }
    }

    /** Undo of a Close that the server did not carry out. */
    void restore(byte[] name, Prepared statement) {
        if (closed) {
            return;
        }
        if (named == null) {
            named = new ByteMap<>();
        }
        undefine(name);
        catalog.revive(statement);
        named.insert(name, statement);
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
