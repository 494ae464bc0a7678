package dev.trunkline.router.reads;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the texts of one database, bounded by the memory that they take. Thread-safe: shared by workers, each of which
 * asks through a {@link ReadLookup} of its own.
 */
public final class ReadCache {
    /** Longer texts, in bytes, are not kept. */
    public static final int MAX_TEXT = 64 * 1024;

    private final Cache<TextKey, Entry> entries;
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder evictions = new LongAdder();
    private volatile boolean full;

    /**
     * What is kept of a text.
     *
     * @param epoch of the facts by which it was classified
     */
    record Entry(Classified classified, long epoch) {
        /** Whatever the catalog says. */
        private static final long ALWAYS = -1;

        static Entry always(Classified classified) {
            return new Entry(classified, ALWAYS);
        }

        boolean holdsAt(long asked) {
            return epoch == asked || isForAlways();
        }

        private boolean isForAlways() {
            return epoch == ALWAYS;
        }
    }

    /** @param maxBytes of memory, an estimate */
    public ReadCache(long maxBytes) {
        this.entries = Caffeine.newBuilder()
                .maximumWeight(maxBytes)
                .weigher((TextKey key, Entry entry) -> key.memory())
                .evictionListener((@Nullable TextKey key, @Nullable Entry entry, RemovalCause cause) -> evicted())
                // Its own housekeeping is short, and done by whoever comes by.
                .executor(Runnable::run)
                .build();
    }

    /** What is known of the text by the facts of that epoch; null if nothing is. */
    @Nullable
    Classified get(TextKey key, long epoch) {
        Entry entry = entries.getIfPresent(key);
        if (entry == null || !entry.holdsAt(epoch)) {
            misses.increment();
            return null;
        }
        hits.increment();
        return entry.classified();
    }

    /** Keeps it, unless something is known of the text that holds for always. */
    void put(TextKey key, Entry entry) {
        entries.asMap().merge(key, entry, (kept, newer) -> kept.isForAlways() ? kept : newer);
    }

    private void evicted() {
        evictions.increment();
        // Read for each text that is not known, written once.
        if (!full) {
            full = true;
        }
    }

    /** True if it has been full: since then a text that comes in drives another one out. */
    boolean isFull() {
        return full;
    }

    /** Texts that were in it. */
    public long hits() {
        return hits.sum();
    }

    /** Texts that were not, or not by the facts that hold now. */
    public long misses() {
        return misses.sum();
    }

    /** Texts that had to go for others. */
    public long evictions() {
        return evictions.sum();
    }

    /** What all texts in it take, an estimate. */
    public long bytes() {
        return entries.policy().eviction().orElseThrow().weightedSize().orElseThrow();
    }

    /** How many texts are in it. */
    public long texts() {
        return entries.estimatedSize();
    }
}
