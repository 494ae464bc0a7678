package dev.trunkline.server.config;

/** What a client's reads must have of what the same client has written. */
public enum Consistency implements Keyword {
    /** All of it: they go to replicas that have replayed it, else to the leader. */
    SESSION("session"),
    /** Nothing: they go to any replica that is not too far behind. */
    EVENTUAL("eventual"),
    /** All that anybody has written: they go to the leader. */
    LEADER("leader");

    private final String keyword;

    Consistency(String keyword) {
        this.keyword = keyword;
    }

    @Override
    public String keyword() {
        return keyword;
    }
}
