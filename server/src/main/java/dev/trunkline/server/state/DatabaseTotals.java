package dev.trunkline.server.state;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What was counted for one database since the start. Immutable.
 *
 * @param received bytes from clients
 * @param sent bytes to clients
 * @param serverAssignments how often a server connection was lent to a client
 * @param clientLogins clients that logged in
 * @param cancels cancel requests of its clients
 * @param statements prepared statements
 * @param state what session state has cost
 * @param reruns first batches that were lost with their connection and sent on another one
 * @param routes transactions by where they ran and why
 * @param staleReadsAvoided reads that went to the leader because no replica had what their client has written
 * @param errors errors that clients were told, by SQLSTATE class (its first two characters)
 * @param latencies durations; their counts are the numbers of queries, transactions and waits
 */
public record DatabaseTotals(
        long received,
        long sent,
        long serverAssignments,
        long clientLogins,
        long cancels,
        Statements statements,
        State state,
        long reruns,
        RouteTotals routes,
        long staleReadsAvoided,
        Map<String, Long> errors,
        Latencies latencies) {

    public DatabaseTotals {
        errors = Map.copyOf(errors);
    }

    /** Queries that were answered. */
    public long queries() {
        return latencies.query().count();
    }

    /** Transactions that ended. */
    public long transactions() {
        return latencies.transaction().count();
    }

    DatabaseTotals plus(DatabaseTotals other) {
        Map<String, Long> sum = new LinkedHashMap<>(errors);
        other.errors.forEach((sqlClass, count) -> sum.merge(sqlClass, count, Long::sum));
        return new DatabaseTotals(
                received + other.received,
                sent + other.sent,
                serverAssignments + other.serverAssignments,
                clientLogins + other.clientLogins,
                cancels + other.cancels,
                statements.plus(other.statements),
                state.plus(other.state),
                reruns + other.reruns,
                routes.plus(other.routes),
                staleReadsAvoided + other.staleReadsAvoided,
                sum,
                latencies.plus(other.latencies));
    }

    /** Named statements: Parse messages of clients, Parse messages to servers, Bind messages. */
    public record Statements(long clientParses, long serverParses, long binds) {
        Statements plus(Statements other) {
            return new Statements(
                    clientParses + other.clientParses, serverParses + other.serverParses, binds + other.binds);
        }
    }

    /** Queries of the proxy's own: those that gave a connection a client's settings, and those that asked what is left. */
    public record State(long replays, long questions) {
        State plus(State other) {
            return new State(replays + other.replays, questions + other.questions);
        }
    }

    /** Durations of queries, of transactions, and of waiting for a server connection. */
    public record Latencies(LatencySnapshot query, LatencySnapshot transaction, LatencySnapshot waiting) {
        Latencies plus(Latencies other) {
            return new Latencies(
                    query.plus(other.query), transaction.plus(other.transaction), waiting.plus(other.waiting));
        }
    }
}
