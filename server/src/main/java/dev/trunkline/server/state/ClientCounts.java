package dev.trunkline.server.state;

/**
 * How many clients are in which state, in PgBouncer's sense of the words. Immutable.
 *
 * @param active linked to a server connection, or idle with nothing to ask
 * @param waiting have sent a request and wait for a server connection
 * @param activeCancels cancel requests that were sent on to a server
 * @param waitingCancels cancel requests that were not yet sent on
 */
public record ClientCounts(int active, int waiting, int activeCancels, int waitingCancels) {
    public static final ClientCounts NONE = new ClientCounts(0, 0, 0, 0);

    ClientCounts plus(ClientCounts other) {
        return new ClientCounts(
                active + other.active,
                waiting + other.waiting,
                activeCancels + other.activeCancels,
                waitingCancels + other.waitingCancels);
    }
}
