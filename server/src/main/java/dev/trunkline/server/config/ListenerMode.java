package dev.trunkline.server.config;

/** What becomes of the connections of a listener. */
public enum ListenerMode implements Keyword {
    /** Clients log in to the proxy and share server connections. */
    POOL("pool"),
    /** Each has a server connection of its own, and bytes pass without being read. */
    TCP("tcp");

    private final String keyword;

    ListenerMode(String keyword) {
        this.keyword = keyword;
    }

    @Override
    public String keyword() {
        return keyword;
    }
}
