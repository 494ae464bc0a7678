package dev.trunkline.server;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** How many clients each slice of each pool has, so that they get equally many. Thread-safe. */
final class Slices {
    private final Map<PoolKey, AtomicIntegerArray> clients = new ConcurrentHashMap<>();

    /**
     * Counts a client in, where there are the fewest; {@link #leave} counts it out.
     *
     * @param count of slices, the same at each call for this key
     * @param near the slice that is taken of those with equally few, since the client is there already; negative for none
     * @return the slice, from 0
     */
    int enter(PoolKey key, int count, int near) {
        AtomicIntegerArray all = clients.computeIfAbsent(key, _ -> new AtomicIntegerArray(count));
        int fewest = near >= 0 && near < count ? near : 0;
        for (int i = 0; i < count; i++) {
            if (all.get(i) < all.get(fewest)) {
                fewest = i;
            }
        }
        all.incrementAndGet(fewest);
        return fewest;
    }

    /** The client has left. */
    void leave(PoolKey key, int slice) {
        AtomicIntegerArray all = clients.get(key);
        if (all != null) {
            all.decrementAndGet(slice);
        }
    }
}
