package dev.trunkline.server.state;

/**
 * What one worker counts for one database, since the start. Loop-confined: plain fields, no memory and no branch worth
 * naming per event. The path of a query calls these methods, so each does one thing.
 */
public final class DatabaseCounters {
    private final LatencyHistogram queries = new LatencyHistogram();
    private final LatencyHistogram transactions = new LatencyHistogram();
    private final LatencyHistogram waits = new LatencyHistogram();
    private final SqlClassCounts errors = new SqlClassCounts();
    private final RouteCounts routes = new RouteCounts();

    private long received;
    private long sent;
    private long serverAssignments;
    private long clientLogins;
    private long cancels;
    private long clientParses;
    private long serverParses;
    private long binds;
    private long stateReplays;
    private long stateQuestions;
    private long reruns;
    private long staleReadsAvoided;

    /** Bytes came from a client. */
    public void received(long bytes) {
        received += bytes;
    }

    /** Bytes went to a client. */
    public void sent(long bytes) {
        sent += bytes;
    }

    /** A query was answered, {@code nanos} after it was sent to the server. */
    public void queryDone(long nanos) {
        queries.record(nanos);
    }

    /** A transaction ended, {@code nanos} after its first request was sent to the server. */
    public void transactionDone(long nanos) {
        transactions.record(nanos);
    }

    /** A client got a server connection (or an error instead) after it had waited. */
    public void waited(long nanos) {
        waits.record(nanos);
    }

    /** A server connection was lent to a client. */
    public void serverAssigned() {
        serverAssignments++;
    }

    /** A client logged in. */
    public void loggedIn() {
        clientLogins++;
    }

    /** A cancel request for one of the clients came. */
    public void cancelRequested() {
        cancels++;
    }

    /** A client sent a Parse. */
    public void clientParsed() {
        clientParses++;
    }

    /** A Parse was sent to a server. */
    public void serverParsed() {
        serverParses++;
    }

    /** A client sent a Bind. */
    public void bound() {
        binds++;
    }

    /** A server connection was given the settings of its client. */
    public void stateReplayed() {
        stateReplays++;
    }

    /** A server was asked what a transaction has left in its session. */
    public void stateAsked() {
        stateQuestions++;
    }

    /** A first batch was lost with its connection, and is sent on another one. */
    public void rerun() {
        reruns++;
    }

    /** A transaction begins there. */
    public void routed(Route route, RouteReason reason) {
        routes.add(route, reason);
    }

    /** A read went to the leader because no replica had what its client has written. */
    public void staleReadAvoided() {
        staleReadsAvoided++;
    }

    /** A client was told an error whose SQLSTATE begins with these two characters. */
    public void errorTold(byte first, byte second) {
        errors.add(first, second);
    }

    /** A copy that may leave the loop. */
    public DatabaseTotals snapshot() {
        return new DatabaseTotals(
                received,
                sent,
                serverAssignments,
                clientLogins,
                cancels,
                new DatabaseTotals.Statements(clientParses, serverParses, binds),
                new DatabaseTotals.State(stateReplays, stateQuestions),
                reruns,
                routes.snapshot(),
                staleReadsAvoided,
                errors.snapshot(),
                new DatabaseTotals.Latencies(queries.snapshot(), transactions.snapshot(), waits.snapshot()));
    }
}
