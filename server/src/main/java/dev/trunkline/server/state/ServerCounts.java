package dev.trunkline.server.state;

/**
 * How many server connections are in which state, in PgBouncer's sense of the words. Immutable.
 *
 * @param active lent to a client
 * @param activeCancel carry a cancel request at the moment
 * @param beingCanceled could be idle, but a cancel request for them is still under way
 * @param idle ready for a client
 * @param used idle for so long that they are checked before they are lent
 * @param tested being checked or reset
 * @param login connecting and logging in
 */
public record ServerCounts(int active, int activeCancel, int beingCanceled, int idle, int used, int tested, int login) {
    public static final ServerCounts NONE = new ServerCounts(0, 0, 0, 0, 0, 0, 0);

    /** Every connection, whatever its state. */
    public int total() {
        return active + activeCancel + beingCanceled + idle + used + tested + login;
    }

    ServerCounts plus(ServerCounts other) {
        return new ServerCounts(
                active + other.active,
                activeCancel + other.activeCancel,
                beingCanceled + other.beingCanceled,
                idle + other.idle,
                used + other.used,
                tested + other.tested,
                login + other.login);
    }
}
