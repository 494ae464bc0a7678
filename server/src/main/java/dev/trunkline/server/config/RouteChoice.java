package dev.trunkline.server.config;

/** Where the transactions of a listener or of a database go. */
public enum RouteChoice implements Keyword {
    /** Each transaction by what it says of itself. */
    AUTO("auto"),
    /** All to the leader. */
    LEADER("leader"),
    /** All to a replica. */
    REPLICA("replica");

    private final String keyword;

    RouteChoice(String keyword) {
        this.keyword = keyword;
    }

    @Override
    public String keyword() {
        return keyword;
    }
}
