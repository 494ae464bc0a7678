package dev.trunkline.server.patroni;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** A cluster, one Trunkline in front of it, and clients that read. One thread at a time. The cluster belongs to somebody else. */
final class ReplicaScene {
    private static final Duration RESUMED = Duration.ofSeconds(60);
    /** Of the share of a replica, in percent. */
    private static final String WHOLE = "100";

    private final PatroniCluster cluster;
    private final Front front;
    private final Observer observer;
    private final Shares shares;
    private final ReplicaCrew crew;
    private PatroniNode concerned;
    private PatroniNode returning;
    private long seen;

    /** The clients begin at once. */
    ReplicaScene(PatroniCluster cluster, Front front) throws SQLException, InterruptedException {
        this.cluster = cluster;
        this.front = front;
        ReadWorks.createTable(front.url());
        this.observer = Observer.of(cluster.nodes());
        this.shares = Shares.of(front);
        this.crew = new ReplicaCrew(front.url());
        this.concerned = replicas().getFirst();
        this.returning = concerned;
    }

    PatroniCluster cluster() {
        return cluster;
    }

    Shares shares() {
        return shares;
    }

    ReplicaCrew crew() {
        return crew;
    }

    Front front() {
        return front;
    }

    /** All nodes but the leader. */
    List<PatroniNode> replicas() throws InterruptedException {
        PatroniNode leader = cluster.leader();
        return cluster.nodes().stream().filter(node -> node != leader).toList();
    }

    /** The replica that loses its load, or whose share is of interest. */
    PatroniNode concerned() {
        return concerned;
    }

    /** The one that gets its load in the end. */
    PatroniNode returning() {
        return returning;
    }

    /** This replica loses its load and gets it again. */
    void concerns(PatroniNode replica) {
        concerned = replica;
        returning = replica;
    }

    /** Another one gets its load in the end. */
    void returns(PatroniNode replica) {
        returning = replica;
    }

    /** From now on it can be seen that the replica must get nothing. */
    void seenNow() {
        seen = System.nanoTime();
    }

    /** The same since this node has left recovery, if it was seen to. */
    void seenSincePromotionOf(PatroniNode node) {
        seen = observer.writableSince(node, seen);
    }

    /** When it could be seen. */
    long seen() {
        return seen;
    }

    /** What was measured so far does not count any more; returns from when on it does. */
    long forget() {
        long now = System.nanoTime();
        crew.forget(now);
        shares.forget(now);
        return now;
    }

    /** Everybody is well: one leads, the others stream and get their whole share, and there are reads on each. */
    void awaitHealth() throws IOException, InterruptedException {
        cluster.startDead();
        cluster.awaitStreaming();
        awaitReplicas(cluster.nodes().size() - 1);
    }

    /** Returns when so many replicas get their whole share. */
    void awaitReplicas(int count) throws InterruptedException {
        awaitTopology(rows -> rows.stream()
                        .filter(row -> "replica".equals(row.get("verdict")) && WHOLE.equals(row.get("ramp")))
                        .count()
                == count);
        long since = System.nanoTime();
        Await.until(
                RESUMED,
                () -> shares.part(concerned.postgresPort(), since, System.nanoTime()) >= 0,
                () -> "reads on replicas; failures " + Failures.of(crew.loads(), since) + cluster);
    }

    /** Returns when Trunkline's picture of the cluster is such. */
    void awaitTopology(Predicate<List<Map<String, String>>> picture) throws InterruptedException {
        Await.until(
                RESUMED,
                () -> {
                    try (Connection console = front.openConsole()) {
                        return picture.test(Front.rows(console, "SHOW TOPOLOGY"));
                    }
                },
                () -> "the topology" + cluster);
    }

    /** Returns when this column of a member begins so. */
    void awaitMember(PatroniNode member, String column, String begin) throws InterruptedException {
        awaitTopology(rows -> rows.stream()
                .anyMatch(row -> member.name().equals(row.get("member"))
                        && row.get(column).startsWith(begin)));
    }

    /** Returns when {@code node}, asked directly, answers as a replica. */
    void awaitAnswer(PatroniNode node) throws InterruptedException {
        Await.until(
                RESUMED,
                () -> {
                    try (Connection connection = node.connect("postgres");
                            Statement statement = connection.createStatement();
                            ResultSet row = statement.executeQuery("SELECT pg_is_in_recovery()")) {
                        row.next();
                        return row.getBoolean(1);
                    }
                },
                () -> "an answer of " + node.name() + "\n" + node.logTail());
    }

    /** Returns when another node than this one leads. */
    void awaitAnother(PatroniNode old) throws InterruptedException {
        Await.until(RESUMED, () -> cluster.leader() != old, () -> "another leader than " + old.name() + cluster);
    }

    void end() throws InterruptedException, SQLException {
        observer.end();
        crew.end();
        shares.end();
    }
}
