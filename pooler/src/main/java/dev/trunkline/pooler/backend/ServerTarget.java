package dev.trunkline.pooler.backend;

/**
 * Where a pool's connections lead, and as whom.
 *
 * @param host name or address
 * @param port 1 to 65535
 * @param database on the server
 * @param login user and what it shows
 * @param standing what the server must be
 */
public record ServerTarget(String host, int port, String database, Login login, Standing standing) {
    /**
     * @param user that the proxy logs in as
     * @param credentials of that user
     */
    public record Login(String user, Credentials credentials) {}

    /** What the server itself must say it is. */
    public enum Standing {
        /** Not in recovery: it takes writes. */
        LEADER,
        ANY
    }

    @Override
    public String toString() {
        return login.user() + "@" + host + ":" + port + "/" + database;
    }
}
