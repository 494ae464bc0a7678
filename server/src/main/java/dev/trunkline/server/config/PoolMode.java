package dev.trunkline.server.config;

/** When a server connection goes back to its pool. Source: PgBouncer's {@code pool_mode}. */
public enum PoolMode implements Keyword {
    /** When the client leaves. */
    SESSION("session"),
    /** When the transaction ends. */
    TRANSACTION("transaction"),
    /** After each statement; a transaction of several statements is refused. */
    STATEMENT("statement");

    private final String keyword;

    PoolMode(String keyword) {
        this.keyword = keyword;
    }

    @Override
    public String keyword() {
        return keyword;
    }
}
