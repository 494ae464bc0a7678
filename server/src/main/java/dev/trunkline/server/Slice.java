package dev.trunkline.server;

import dev.trunkline.server.config.ListenMode;
import dev.trunkline.server.config.PoolMode;
import dev.trunkline.server.config.PoolSettings;

/**
 * Which part of a pool a worker has. A small pool is one slice, on the worker that is its home; a large one has slices on several
 * workers, whose connections together count under the pool's size. Immutable.
 *
 * @param index from 0
 * @param count of how many, at least 1
 */
record Slice(int index, int count) {
    /** Into how many slices a pool is cut. */
    static int count(PoolSettings settings, int sliceSize, int workers) {
        // A session's own parameters choose among the idle connections of one worker, and so does the one that listens
        // for all.
        boolean whole =
                settings.poolMode() == PoolMode.SESSION || settings.listen().mode() == ListenMode.SHARED;
        return whole || sliceSize == 0 ? 1 : Math.clamp(settings.poolSize() / sliceSize, 1, workers);
    }

    /** The part of that worker. */
    static Slice of(PoolKey key, int worker, int workers, int count) {
        return new Slice(Math.floorMod(worker - home(key, workers), workers), count);
    }

    /** The number of the worker that has the first slice. */
    static int home(PoolKey key, int workers) {
        return Math.floorMod(key.hashCode(), workers);
    }

    /** This slice's part of so many, as even as it can be. */
    int shareOf(int all) {
        return all / count + (index < all % count ? 1 : 0);
    }
}
