package dev.trunkline.pooler.statement;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The statements that one server connection has prepared, least recently used first. Loop-confined.
 *
 * <p>They are noted when the server is asked, and taken back if it does not do it. Until its answer has come nothing must be
 * built on that but in the same batch: see {@link #isUncertain}.
 */
public final class ServerStatements {
    private final LinkedHashMap<Prepared, Entry> prepared = new LinkedHashMap<>(16, 0.75f, true);
    /** Those whose Close may not be answered yet. */
    private final Map<Prepared, Entry> leaving = new HashMap<>(0);

    /** Texts on one server connection together, whatever their number: a server keeps some times as much for them. */
    static final long MAX_BYTES = 16L << 20;

    private final int max;
    private final Batches batches;
    private long bytes;
    /** In which batch anything was changed last. */
    private long changedIn;

    private @Nullable ClientStatements unnamedOwner;
    private long unnamedVersion;
    private long unnamedIn;

    /** As it was noted when the server was asked. */
    static final class Entry {
        /** Its plan did not fit its tables any more when it was last used. */
        boolean stale;

        private final Prepared statement;
        private final long since;
        /** What was there in its place, as long as it may be there again; null for nothing. */
        private @Nullable Entry before;

        private boolean answered;
        private boolean gone;

        Entry(Prepared statement, long since, @Nullable Entry before) {
            this.statement = statement;
            this.since = since;
            this.before = before;
        }

        Prepared statement() {
            return statement;
        }

        /** DEALLOCATE ALL was carried out behind which the server was asked: if it does not do it, there is nothing to take back. */
        boolean isGone() {
            return gone;
        }

        /** DEALLOCATE ALL has ended what was there before, unless that is still to come. */
        void endsWithAll(Batches batches) {
            gone = before == null || !before.isOpen(batches);
        }

        /** The server has done it. */
        void answered() {
            answered = true;
            before = null;
        }

        boolean isUncertain(Batches batches) {
            return !answered && batches.isUncertain(since);
        }

        boolean isOpen(Batches batches) {
            return !answered && batches.isOpen(since);
        }
    }

    /** Of a server that answers at once. */
    ServerStatements(int max) {
        this(max, Batches.AT_REST);
    }

    /**
     * Of a server that has prepared none.
     *
     * @param max most statements kept; at least 1
     * @param batches of the same connection
     */
    public ServerStatements(int max, Batches batches) {
        this.max = max;
        this.batches = batches;
    }

    Batches batches() {
        return batches;
    }

    /** True if the server has it; it then counts as used just now. */
    boolean uses(Prepared statement) {
        return prepared.get(statement) != null;
    }

    /**
     * The server has said that it cannot run it as it was prepared, or does not have it: it is to be prepared again at its next use.
     *
     * @return false if it was not to be there anyway, so that the error is true
     */
    public boolean distrust(Prepared statement) {
        Entry entry = prepared.get(statement);
        if (entry == null || entry.isGone()) {
            return false;
        }
        entry.stale = true;
        return true;
    }

    /** True if it has to be prepared again before it is used; it then counts as fresh. */
    boolean takeStale(Prepared statement) {
        Entry entry = prepared.get(statement);
        if (entry == null || !entry.stale) {
            return false;
        }
        entry.stale = false;
        return true;
    }

    /** Notes that the server is asked to prepare it; {@link #evict} says what has to go for it. */
    Entry add(Prepared statement) {
        changedIn = batches.current();
        Entry before = prepared.get(statement);
        Entry entry = new Entry(statement, changedIn, before);
        if (prepared.put(statement, entry) == null) {
            bytes += statement.weight();
        }
        return entry;
    }

    /** The least recently used one, which is not here any more, if there are too many; or null. The last one stays in any case. */
    @Nullable
    Entry evict() {
        if (!isTooFull(0, 0) || prepared.firstEntry().getValue().isUncertain(batches)) {
            return null;
        }
        Entry last = prepared.firstEntry().getValue();
        Prepared eldest = last.statement;
        remove(eldest);
        changedIn = batches.current();
        Entry entry = new Entry(eldest, changedIn, last);
        leaving.put(eldest, entry);
        return entry;
    }

    /** It is known what has become of one that was to go. */
    void evicted(Entry entry) {
        leaving.remove(entry.statement, entry);
    }

    private boolean isTooFull(int more, long moreBytes) {
        int size = prepared.size() + more;
        return size > max || (bytes + moreBytes > MAX_BYTES && size > 1);
    }

    /** Undo of giving one up: the server did not carry out the Close. */
    void restore(Prepared statement) {
        add(statement).answered();
    }

    void remove(Prepared statement) {
        if (prepared.remove(statement) != null) {
            bytes -= statement.weight();
        }
    }

    /** True if nothing is noted here that the server has yet to do. */
    boolean isCertain() {
        return !batches.isOpen(changedIn);
    }

    /** True if it is not known whether the server has the statement, or which one would have to go for it. */
    boolean isUncertain(Prepared statement) {
        if (isCertain()) {
            return false;
        }
        Entry entry = prepared.get(statement);
        if (entry != null) {
            return entry.isUncertain(batches);
        }
        Entry left = leaving.get(statement);
        return (left != null && left.isUncertain(batches)) || !hasRoom(statement.weight());
    }

    /** True if nothing has to go for a definition of so many bytes, or something of which it is known that it is there. */
    boolean hasRoomFor(int definition) {
        return hasRoom(Prepared.weight(definition));
    }

    private boolean hasRoom(long weight) {
        return !isTooFull(1, weight)
                || prepared.isEmpty()
                || !prepared.firstEntry().getValue().isUncertain(batches);
    }

    /** DEALLOCATE ALL or DISCARD ALL is answered: the server has none any more but those that it is asked for behind that. */
    public void clear() {
        leaving.values().forEach(each -> each.endsWithAll(batches));
        if (isCertain()) {
            prepared.clear();
            bytes = 0;
            return;
        }
        for (Map.Entry<Prepared, Entry> each : List.copyOf(prepared.entrySet())) {
            if (each.getValue().isOpen(batches)) {
                each.getValue().endsWithAll(batches);
            } else {
                remove(each.getKey());
            }
        }
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

    /** The server is asked to prepare the unnamed statement that the client has now. */
    void unnamedIsOf(ClientStatements client) {
        unnamedOwner = client;
        unnamedVersion = client.unnamedVersion();
        unnamedIn = batches.current();
    }

    /** True if it is not known whether the server has the unnamed statement that was sent last. */
    boolean isUnnamedUncertain() {
        return unnamedOwner != null && batches.isUncertain(unnamedIn);
    }

    /** It is not known any more whose unnamed statement the server has, if it has one. */
    public void forgetUnnamed() {
        unnamedOwner = null;
    }
}
