package dev.trunkline.router.reads;

import dev.trunkline.router.sql.SqlLexer;
import dev.trunkline.wire.bytes.Sightings;
import io.netty.buffer.ByteBuf;

/**
 * One worker's way to a {@link ReadCache}. Loop-confined; what is in the cache is found without an allocation.
 *
 * <p>Once the cache is full a text is kept when it comes for the second time: where applications write numbers into their texts most
 * never come again, and to keep one of them costs more than to look at it.
 */
public final class ReadLookup {
    private static final ReadVerdict REFUSED = new ReadVerdict(ReadVerdict.Kind.WRITES, "refused by a replica before");

    private static final int ONCE = 8_192;

    private final ReadCache cache;
    private final TextKey key = new TextKey();
    private final ReadClassifier classifier = new ReadClassifier();
    private final HintReader hints = new HintReader();
    /** Texts that have come once while the cache was full. */
    private final Sightings once = new Sightings(ONCE);

    public ReadLookup(ReadCache cache) {
        this.cache = cache;
    }

    /**
     * What a text is by these facts, from the cache or found out now.
     *
     * @param buf is borrowed; its indexes do not change
     * @param index where the text begins
     * @param length how many bytes from there on may be read, its NUL included
     * @param backslash what a backslash in {@code '...'} is when the server reads the text
     */
    public Classified of(ByteBuf buf, int index, int length, SqlLexer.Backslash backslash, CatalogFacts facts) {
        if (length > ReadCache.MAX_TEXT) {
            return classify(buf, index, length, backslash, facts);
        }
        key.set(buf, index, length, backslash);
        Classified known = cache.get(key, facts.epoch());
        if (known != null) {
            return known;
        }
        Classified found = classify(buf, index, length, backslash, facts);
        if (!cache.isFull() || once.hasSeen(key.hashCode())) {
            cache.put(key.copy(), new ReadCache.Entry(found, facts.epoch()));
        }
        return found;
    }

    private Classified classify(ByteBuf buf, int index, int length, SqlLexer.Backslash backslash, CatalogFacts facts) {
        return hints.with(classifier.classify(buf, index, length, facts, backslash), buf, index, length, backslash);
    }

    /**
     * A replica has refused this text as one that writes: from now on it counts as that, whatever the catalog says. One that is longer
     * than {@link ReadCache#MAX_TEXT} is not remembered. The parameters are those of {@link #of}.
     */
    public void remembersWrite(ByteBuf buf, int index, int length, SqlLexer.Backslash backslash) {
        if (length <= ReadCache.MAX_TEXT) {
            key.set(buf, index, length, backslash);
            Classified classified = hints.with(REFUSED, buf, index, length, backslash);
            cache.put(key.copy(), ReadCache.Entry.always(classified));
        }
    }
}
