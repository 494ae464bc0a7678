package dev.trunkline.router.reads;

/**
 * What the catalog of one database says of names that may stand in a text. Immutable.
 *
 * <p>Built by {@link CatalogReading} from the rows of {@link CatalogQuery}.
 */
public final class CatalogFacts {
    /** Nothing is known, so nothing is proven. */
    public static final CatalogFacts NONE = new CatalogFacts(0, "the catalog has not been read");

    private final long epoch;
    private final String missing;

    private CatalogFacts(long epoch, String missing) {
        this.epoch = epoch;
        this.missing = missing;
    }

    /** A number that other facts of the same database do not have; 0 if nothing is known. */
    public long epoch() {
        return epoch;
    }

    /** False if nothing can be proven by these facts. */
    public boolean isKnown() {
        return missing.isEmpty();
    }

    /** Why nothing is known; empty if these are facts. */
    public String missing() {
        return missing;
    }
}
