package dev.trunkline.server;

import dev.trunkline.wire.message.BackendKeyData;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of one worker by their cancel keys. Loop-confined.
 *
 * <p>The process ids that clients are given are made up; each tells which worker to ask.
 *
 * @param <S> a kind of session; each kind has a table of its own, in which only the secret says whose a number is
 */
final class SessionTable<S> {
    private static final int SECRET_LENGTH = 4;

    private final int worker;
    private final int workers;
    private final SecureRandom random;
    private final Map<Integer, Entry<S>> byPid = new LinkedHashMap<>();
    private final Map<S, Integer> pids = new LinkedHashMap<>();
    private int next;

    SessionTable(int worker, int workers, SecureRandom random) {
        this.worker = worker;
        this.workers = workers;
        this.random = random;
        this.next = random.nextInt(1 << 20);
    }

    // An array, because a key is only ever compared in constant time and written.
    @SuppressWarnings("ArrayRecordComponent")
    private record Entry<S>(S session, byte[] secret) {}

    /** Which worker gave out this process id. */
    static int workerOf(int pid, int workers) {
        return Math.floorMod(pid, workers);
    }

    /** Adds a session and makes its key. */
    BackendKeyData add(S session) {
        int pid = freePid();
        byte[] secret = new byte[SECRET_LENGTH];
        random.nextBytes(secret);
        byPid.put(pid, new Entry<>(session, secret));
        pids.put(session, pid);
        return new BackendKeyData(pid, secret);
    }

    /** Removes a session; false if it was not there. */
    boolean remove(S session) {
        Integer pid = pids.remove(session);
        if (pid == null) {
            return false;
        }
        byPid.remove(pid);
        return true;
    }

    /** The session with that key, or null. */
    @Nullable
    S find(int pid, byte[] secret) {
        Entry<S> entry = byPid.get(pid);
        return entry != null && MessageDigest.isEqual(entry.secret(), secret) ? entry.session() : null;
    }

    Collection<S> sessions() {
        return Collections.unmodifiableCollection(pids.keySet());
    }

    int size() {
        return pids.size();
    }

    /** Positive, of this worker's share of the numbers, and not in use. */
    private int freePid() {
        int pid;
        do {
            next = (next + 1) % (Integer.MAX_VALUE / workers - 1);
            pid = (next + 1) * workers + worker;
        } while (byPid.containsKey(pid));
        return pid;
    }
}
