package dev.trunkline.pooler.statement;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The statements that one server connection has prepared, least recently used first. Loop-confined.
 */
public final class ServerStatements {
    private final LinkedHashMap<Prepared, Prepared> prepared = new LinkedHashMap<>(16, 0.75f, true);
    /** Those whose plans did not fit their tables any more when they were last used. */
    private final Set<Prepared> stale = new HashSet<>(0);

    private final int max;
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

    /** Notes that the server is asked to prepare it. Returns the one that has to go for it, or null. */
    @Nullable
    Prepared add(Prepared statement) {
        prepared.put(statement, statement);
        if (prepared.size() <= max) {
            return null;
        }
        Prepared eldest = prepared.firstEntry().getKey();
        remove(eldest);
        return eldest;
    }

    /** Undo of giving one up: the server did not carry out the Close. */
    void restore(Prepared statement) {
        prepared.put(statement, statement);
    }

    void remove(Prepared statement) {
        prepared.remove(statement);
        stale.remove(statement);
    }

    /** The server has no named one any more, as after DEALLOCATE ALL or DISCARD ALL. */
    public void clear() {
        prepared.clear();
        stale.clear();
    }

    public int size() {
        return prepared.size();
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
