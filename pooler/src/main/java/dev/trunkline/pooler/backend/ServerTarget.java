package dev.trunkline.pooler.backend;

/**
 * Where a pool's connections lead, and as whom.
 *
 * @param host name or address, or a directory for Unix sockets: see {@link UnixSockets}
 * @param port 1 to 65535
 * @param database on the server
 * @param login user and what it shows
 * @param standing what the server must be
 */
public record ServerTarget(String host, int port, String database, Login login, Standing standing) {
    /**
     * @param user that the proxy logs in as
     * @param credentials of that user
     * @param startup what the startup packet holds beside user and database
     */
    public record Login(String user, Credentials credentials, Parameters startup) {
        /** A login that asks for nothing beyond the database. */
        public Login(String user, Credentials credentials) {
            this(user, credentials, Parameters.NONE);
        }
    }

    /** The same, for a session that begins with these parameters. */
    ServerTarget beginningWith(Parameters startup) {
        return startup == login.startup()
                ? this
                : new ServerTarget(
                        host, port, database, new Login(login.user(), login.credentials(), startup), standing);
    }

    /** What the server itself must say it is. */
    public enum Standing {
        /** Not in recovery: it takes writes. A server that does not say so by itself is asked by a query. */
        LEADER,
        /** Not in recovery if it says what it is, as PostgreSQL 14 and later do; for connections that take no query. */
        LEADER_UNASKED,
        ANY
    }

    @Override
    public String toString() {
        return login.user() + "@" + host + ":" + port + "/" + database;
    }
}
