package dev.trunkline.server.differential;

/** What stands between a client and PostgreSQL. */
interface Endpoint extends AutoCloseable {
    /** Where it listens, on 127.0.0.1. */
    int port();

    @Override
    void close();

    /** Makes a new one, which knows nothing of the one before. */
    interface Maker {
        Endpoint make(Scenario.Setting setting, String database);
    }
}
