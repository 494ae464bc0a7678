package dev.trunkline.server.config;

/** What is done in transaction mode with statements that leave state in their session. */
public enum SessionStateMode implements Keyword {
    /** Settings follow the client over server connections; it keeps its connection for the sake of any other state. */
    REPLAY("replay"),
    /** The client keeps its connection for the sake of any state. */
    PIN("pin"),
    /** Such statements are refused. */
    REJECT("reject"),
    /** Nothing: what is left behind reaches the next client, as in PgBouncer. */
    IGNORE("ignore");

    private final String keyword;

    SessionStateMode(String keyword) {
        this.keyword = keyword;
    }

    @Override
    public String keyword() {
        return keyword;
    }
}
