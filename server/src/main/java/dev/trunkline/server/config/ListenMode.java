package dev.trunkline.server.config;

/** What LISTEN means for a client in transaction mode. */
public enum ListenMode implements Keyword {
    /** The client keeps its server connection for as long as it listens. */
    PIN("pin"),
    /** One server connection listens for all clients of a database and user. */
    SHARED("shared");

    private final String keyword;

    ListenMode(String keyword) {
        this.keyword = keyword;
    }

    @Override
    public String keyword() {
        return keyword;
    }
}
