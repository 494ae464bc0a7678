package dev.trunkline.router.reads;

/** The statement that reads {@link CatalogFacts} from a leader. */
public final class CatalogQuery {
    /**
     * Rows of three columns of text, for {@link CatalogReading#row}. Any role may run it, on PostgreSQL 13 and later. Every name is
     * qualified: no search_path matters.
     */
    public static final String SQL = "";

    private CatalogQuery() {}
}
