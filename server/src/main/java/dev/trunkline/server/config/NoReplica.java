package dev.trunkline.server.config;

/** What becomes of a transaction for a replica while there is none. */
public enum NoReplica implements Keyword {
    /** It goes to the leader. */
    LEADER("leader"),
    /** It waits for a replica, at most for as long as for any connection. */
    WAIT("wait"),
    /** It fails at once. */
    ERROR("error");

    private final String keyword;

    NoReplica(String keyword) {
        this.keyword = keyword;
    }

    @Override
    public String keyword() {
        return keyword;
    }
}
