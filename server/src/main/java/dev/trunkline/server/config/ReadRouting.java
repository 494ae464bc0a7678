package dev.trunkline.server.config;

/** Which transactions of a routed database may go to a replica. */
public enum ReadRouting implements Keyword {
    /** None. */
    OFF("off"),
    /** Those that were declared read only. */
    EXPLICIT("explicit"),
    /** Those, and single statements outside a transaction that are proven to read. */
    AUTO("auto");

    private final String keyword;

    ReadRouting(String keyword) {
        this.keyword = keyword;
    }

    @Override
    public String keyword() {
        return keyword;
    }
}
