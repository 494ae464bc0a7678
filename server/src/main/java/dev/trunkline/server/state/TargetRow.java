package dev.trunkline.server.state;

/**
 * The connections of one pool to one server. Immutable.
 *
 * @param max the most connections of this pool to this server over all workers; each worker reports the whole number
 * @param waiting clients that wait for a connection to this server
 * @param oldestWaitNanos how long the first of them has waited; 0 if none does
 * @param begun how often a client was to get a connection to this server, since the start: once for each transaction, or for each
 *     session that keeps its connection
 * @param churn connections that came and went, since the start
 */
public record TargetRow(
        Target target,
        ServerCounts servers,
        int max,
        int waiting,
        long oldestWaitNanos,
        long begun,
        ServerChurn churn) {

    TargetRow plus(TargetRow other) {
        return new TargetRow(
                target,
                servers.plus(other.servers),
                Math.max(max, other.max),
                waiting + other.waiting,
                Math.max(oldestWaitNanos, other.oldestWaitNanos),
                begun + other.begun,
                churn.plus(other.churn));
    }
}
