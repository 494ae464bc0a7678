package dev.trunkline.router.reads;

/**
 * What is known of the texts of one database, bounded by the memory that they take. Thread-safe: shared by workers, each of which
 * asks through a {@link ReadLookup} of its own.
 */
public final class ReadCache {
    /** @param maxBytes of memory, an estimate */
    public ReadCache(long maxBytes) {}

    public long hits() {
        return 0;
    }

    public long misses() {
        return 0;
    }

    /** Texts that had to go for others. */
    public long evictions() {
        return 0;
    }

    /** What all texts in it take. */
    public long bytes() {
        return 0;
    }
}
