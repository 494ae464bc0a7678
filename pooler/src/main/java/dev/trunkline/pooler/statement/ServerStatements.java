package dev.trunkline.pooler.statement;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The statements that one server connection has prepared, least recently used first. Loop-confined.
 */
public final class ServerStatements {
    private final LinkedHashMap<Prepared, Prepared> prepared = new LinkedHashMap<>(16, 0.75f, true);
    /** Those whose plans did not fit their tables any more when they were last used. */
    private final Set<Prepared> stale = new HashSet<>(0);

    /** Texts on one server connection together, whatever their number: a server keeps some times as much for them. */
    static final long MAX_BYTES = 16L << 20;

    private final int max;
    private long bytes;
    private @Nullable ClientStatements unnamedOwner;
    private long unnamedVersion;

    /** @param max most statements kept; at least 1 */
    public ServerStatements(int max) {
        this.max = max;
    }

    /** True if the server has it; it then counts as used just now. */
    boolean uses(Prepared statement) {
        return prepared.get(statement) != null;
    }

    /** The server has said that it cannot run it as it was prepared: it is to be prepared again at its next use. */
    public void distrust(Prepared statement) {
        if (prepared.containsKey(statement)) {
            stale.add(statement);
        }
    }

    /** True if it has to be prepared again before it is used; it then counts as fresh. */
    boolean takeStale(Prepared statement) {
        return !stale.isEmpty() && stale.remove(statement);
    }

    /** Notes that the server is asked to prepare it; {@link #evict} says what has to go for it. */
    void add(Prepared statement) {
        if (prepared.put(statement, statement) == null) {
            bytes += statement.weight();
        }
    }

    /** The least recently used one, which is not here any more, if there are too many; or null. The last one stays in any case. */
    @Nullable
    Prepared evict() {
        if (prepared.size() <= max && (bytes <= MAX_BYTES || prepared.size() == 1)) {
            return null;
        }
        Prepared eldest = prepared.firstEntry().getKey();
        remove(eldest);
        return eldest;
    }

    /** Undo of giving one up: the server did not carry out the Close. */
    void restore(Prepared statement) {
        add(statement);
    }

    void remove(Prepared statement) {
        if (prepared.remove(statement) != null) {
            bytes -= statement.weight();
        }
        stale.remove(statement);
    }

    /** The server has no named one any more, as after DEALLOCATE ALL or DISCARD ALL. */
    public void clear() {
        prepared.clear();
        bytes = 0;
        stale.clear();
    }

    public int size() {
        return prepared.size();
    }

    /** What their texts and types cost here, in bytes, roughly. */
    public long bytes() {
        return bytes;
    }

    /** Calls {@code action} with each. */
    public void forEach(Consumer<Prepared> action) {
        prepared.keySet().forEach(action);
    }

    /** True if the unnamed statement there is the one that the client sent last. */
    boolean hasUnnamedOf(ClientStatements client) {
        return unnamedOwner == client && unnamedVersion == client.unnamedVersion();
    }

    void unnamedIsOf(ClientStatements client) {
        unnamedOwner = client;
        unnamedVersion = client.unnamedVersion();
    }

    /** It is not known any more whose unnamed statement the server has, if it has one. */
    public void forgetUnnamed() {
        unnamedOwner = null;
    }
}
