package dev.trunkline.server.state;

/**
 * What is known of the functions of one database, or of several, for routing. Immutable.
 *
 * @param database its name
 * @param known whether anything is known now
 * @param looks at its catalog that have told something, since the start
 * @param failures looks that have told nothing, since the start
 * @param texts what was found out of statements
 */
public record CatalogRow(String cluster, String database, boolean known, long looks, long failures, Texts texts) {
    /** The same under the name that the configuration has. */
    public CatalogRow named(String name) {
        return new CatalogRow(cluster, name, known, looks, failures, texts);
    }

    /** Both together, under the name of this one. */
    public CatalogRow plus(CatalogRow other) {
        return new CatalogRow(
                cluster,
                database,
                known && other.known,
                looks + other.looks,
                failures + other.failures,
                texts.plus(other.texts));
    }

    /** Look-ups of texts that were known and that were not, texts that had to go, and what the present ones take in bytes. */
    public record Texts(long hits, long misses, long evictions, long bytes) {
        Texts plus(Texts other) {
            return new Texts(
                    hits + other.hits, misses + other.misses, evictions + other.evictions, bytes + other.bytes);
        }
    }
}
