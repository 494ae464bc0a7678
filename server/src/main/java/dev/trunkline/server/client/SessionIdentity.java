package dev.trunkline.server.client;

/**
 * Who a client is.
 *
 * @param id unique among all connections of the process
 * @param user as it logged in
 * @param poolUser as whom its server connections are logged in
 * @param database as it asked for
 * @param applicationName as it was at login; for logs
 */
public record SessionIdentity(long id, String user, String poolUser, String database, String applicationName) {
    @Override
    public String toString() {
        return "client " + id + " (" + user + "@" + database + ")";
    }
}
