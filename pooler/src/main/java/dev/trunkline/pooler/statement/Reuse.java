package dev.trunkline.pooler.statement;

/**
 * Which unnamed statements are prepared under a name that clients with the same text share, so that the server does not parse them
 * each time.
 */
public enum Reuse {
    NONE,
    /** Those that have no parameters: there is nothing that a plan could be made for anew. */
    WITHOUT_PARAMETERS,
    /** All. From the sixth time on PostgreSQL may take one plan for all values, as it does with named statements. */
    ALL;

    /** Longer ones cost more to keep than to parse. */
    private static final int MAX_BYTES = 8 * 1024;

    boolean isLong(int definition) {
        return definition > MAX_BYTES;
    }

    boolean allows(Prepared statement) {
        return this == ALL || (this == WITHOUT_PARAMETERS && !statement.mayHaveParameters());
    }
}
