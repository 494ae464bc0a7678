package dev.trunkline.server;

import dev.trunkline.server.client.KeyWish;
import dev.trunkline.wire.message.BackendKeyData;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of one worker by their cancel keys. Loop-confined.
 *
 * <p>The process id is a server's own where a session keeps its connection, and made up elsewhere. Servers do not agree on
 * theirs, so several sessions may have the same: the secret is part of the key, and is always Trunkline's.
 *
 * @param <S> a kind of session; each kind has a table of its own
 */
final class SessionTable<S> {
    private final int worker;
    private final int workers;
    private final SecureRandom random;
    private final Map<Integer, List<Entry<S>>> byPid = new HashMap<>();
    private final Map<S, Entry<S>> bySession = new LinkedHashMap<>();
    private int next;

    SessionTable(int worker, int workers, SecureRandom random) {
        this.worker = worker;
        this.workers = workers;
        this.random = random;
        this.next = random.nextInt(1 << 20);
    }

    private record Entry<S>(S session, BackendKeyData key) {}

    /** Adds a session and makes its key. */
    BackendKeyData add(S session, KeyWish wish) {
        int pid = wish.pid() == 0 ? freePid() : wish.pid();
        List<Entry<S>> same = byPid.computeIfAbsent(pid, _ -> new ArrayList<>(1));
        byte[] secret = new byte[wish.protocol().keyLength()];
        do {
            random.nextBytes(secret);
        } while (find(same, secret) != null);
        Entry<S> entry = new Entry<>(session, new BackendKeyData(pid, secret));
        same.add(entry);
        bySession.put(session, entry);
        return entry.key();
    }

    /** Removes a session; false if it was not there. */
    boolean remove(S session) {
        Entry<S> entry = bySession.remove(session);
        if (entry == null) {
            return false;
        }
        List<Entry<S>> same = Objects.requireNonNull(byPid.get(entry.key().pid()));
        same.remove(entry);
        if (same.isEmpty()) {
            byPid.remove(entry.key().pid());
        }
        return true;
    }

    /** The session with that key, or null. How long it takes says nothing about a secret. */
    @Nullable
    S find(int pid, byte[] secret) {
        return find(byPid.getOrDefault(pid, List.of()), secret);
    }

    Collection<S> sessions() {
        return Collections.unmodifiableCollection(bySession.keySet());
    }

    int size() {
        return bySession.size();
    }

    private static <S> @Nullable S find(List<Entry<S>> entries, byte[] secret) {
        S found = null;
        for (Entry<S> each : entries) {
            if (MessageDigest.isEqual(each.key().secret(), secret)) {
                found = each.session();
            }
        }
        return found;
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
