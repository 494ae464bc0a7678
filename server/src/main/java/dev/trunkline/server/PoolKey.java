package dev.trunkline.server;

/**
 * Whose pools.
 *
 * @param database the name that clients ask for
 * @param user as clients log in, or the forced user of the database
 */
record PoolKey(String database, String user) {
    @Override
    public String toString() {
        return user + "@" + database;
    }
}
