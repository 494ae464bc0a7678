package dev.trunkline.server.patroni;

import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** A cluster, the proxy in front of it, and clients of the proxy that write and read without a pause. One thread at a time. */
final class Drill {
    private static final int WRITERS = 4;
    private static final int READERS = 2;
    private static final Duration RESUMED = Duration.ofSeconds(60);
    /** How long the load runs on after an event, so that late mistakes are seen. */
    private static final Duration AFTERWARDS = Duration.ofSeconds(2);

    private final PatroniCluster cluster;
    private final TestProxy proxy;
    private final Observer observer;
    private final Load writers;
    private final Load readers;

    private Drill(PatroniCluster cluster, TestProxy proxy) throws SQLException {
        this.cluster = cluster;
        this.proxy = proxy;
        Works.createTable(url());
        this.observer = Observer.of(cluster.nodes());
        this.writers = Load.start(url(), Works::write, WRITERS);
        this.readers = Load.start(url(), new Works.Read(), READERS);
    }

    /** Returns when the clients are at work; the proxy asks Patroni's API. */
    static Drill start() throws Exception {
        return start(cluster -> "patroni: " + quoted(cluster.restUrls()));
    }

    /** The same with a proxy that asks whom {@code source} names, as {@code patroni: [ "http://..." ]}. */
    static Drill start(Function<PatroniCluster, String> source) throws Exception {
        PatroniCluster cluster = PatroniCluster.start();
        try {
            TestProxy proxy = proxy(source.apply(cluster));
            try {
                return new Drill(cluster, proxy);
            } catch (SQLException | RuntimeException e) {
                proxy.close();
                throw e;
            }
        } catch (Exception e) {
            cluster.end();
            throw e;
        }
    }

    PatroniCluster cluster() {
        return cluster;
    }

    Load writers() {
        return writers;
    }

    Load readers() {
        return readers;
    }

    /** A client of the proxy that speaks byte by byte. */
    RawClient rawClient() {
        return proxy.rawClient(PatroniCluster.DATABASE);
    }

    /** A client whose bytes pass through to the leader. */
    RawClient tcpClient() {
        return RawClient.login(proxy.port(2), PatroniCluster.DATABASE);
    }

    /** What a command of the console is answered with, the text of its notice. */
    String console(String command) throws SQLException {
        return String.valueOf(notice(command).getMessage());
    }

    /** The whole notice. */
    SQLWarning notice(String command) throws SQLException {
        String url = proxy.jdbcUrl("pgbouncer", "preferQueryMode=simple&assumeMinServerVersion=9.6");
        try (Connection connection = DriverManager.getConnection(url, TestPostgres.USER, TestPostgres.PASSWORD);
                Statement statement = connection.createStatement()) {
            statement.execute(command);
            return statement.getWarnings();
        }
    }

    /** True while a switchover holds new transactions. */
    boolean isHeld() {
        return proxy.console("SHOW CLUSTERS").stream().anyMatch(row -> "1".equals(row.get("held")));
    }

    /** The rows of {@code SHOW TOPOLOGY}. */
    List<Map<String, String>> topology() {
        return proxy.console("SHOW TOPOLOGY");
    }

    /** How many clients that keep their connections wait all the same. */
    long waiting() {
        return proxy.console("SHOW CLIENTS").stream()
                .filter(row -> "waiting".equals(row.get("state")) && !"".equals(row.get("pinned")))
                .count();
    }

    /** Of the proxy. */
    String url() {
        return proxy.jdbcUrl(PatroniCluster.DATABASE, "");
    }

    /** Everybody is well: one leads, the others stream, and reads have found their way to those others. */
    void awaitHealth() throws IOException, InterruptedException {
        cluster.startDead();
        cluster.awaitStreaming();
        int leader = cluster.leader().postgresPort();
        long now = System.nanoTime();
        Await.until(
                RESUMED,
                () -> readers.done(now).stream()
                                .filter(read -> read.place().port() != leader)
                                .map(read -> read.place().port())
                                .distinct()
                                .count()
                        == cluster.nodes().size() - 1,
                () -> "reads on each replica");
        awaitWritesOn(leader, now);
    }

    /** Returns when the clients have written to the new leader for a while after {@code sinceNanos}. */
    PatroniNode awaitMove(PatroniNode old, long sinceNanos) throws InterruptedException {
        Await.until(RESUMED, () -> cluster.leader() != old, () -> "another leader than " + old.name() + cluster);
        PatroniNode leader = cluster.leader();
        awaitWritesOn(leader.postgresPort(), sinceNanos);
        runOn(AFTERWARDS);
        return leader;
    }

    void runOn(Duration time) throws InterruptedException {
        Await.elapse(time);
    }

    /** How many connections the proxy has to this node. */
    long connectionsTo(PatroniNode node) {
        String port = String.valueOf(node.postgresPort());
        return proxy.console("SHOW SERVERS").stream()
                .filter(row -> port.equals(row.get("port")))
                .count();
    }

    /** Writes that were begun after the first on the new leader was acknowledged, and yet went elsewhere. There must be none. */
    List<Load.Done> strays(PatroniNode leader, long sinceNanos) {
        Load.Done first = writers.done(sinceNanos).stream()
                .filter(write -> write.place().port() == leader.postgresPort())
                .findFirst()
                .orElseThrow();
        return writers.done(first.endedNanos()).stream()
                .filter(write -> !write.place().equals(first.place()))
                .toList();
    }

    /** What was acknowledged and is not in the leader's table. What is acknowledged after this call began does not count. */
    List<Load.Done> lost(PatroniNode leader, long sinceNanos) throws SQLException {
        List<Load.Done> acknowledged = writers.done(sinceNanos);
        return Rows.of(leader).missing(acknowledged);
    }

    /** What has happened since, in figures. */
    Outage outage(long sinceNanos, PatroniNode newLeader, int lost) {
        long writable = observer.writableSince(newLeader, sinceNanos);
        return Outage.of(writers, sinceNanos, writable, lost)
                .withReads(readers.done(sinceNanos).size(), readers.failures(sinceNanos));
    }

    void end() throws IOException, InterruptedException {
        observer.end();
        writers.end();
        readers.end();
        proxy.close();
        cluster.end();
    }

    private void awaitWritesOn(int port, long sinceNanos) throws InterruptedException {
        Await.until(
                RESUMED,
                () -> writers.done(sinceNanos).stream()
                                .filter(write -> write.place().port() == port)
                                .count()
                        >= 10 * WRITERS,
                () -> "writes on port " + port + "; failures " + writers.failures(sinceNanos));
    }

    private static TestProxy proxy(String source) {
        return TestProxy.before("{ %s, patroni_user: %s, check_user: %s, failover_hold: 60s, switchover_wait: 2s }"
                        .formatted(source, PatroniFile.REST_USER, PatroniCluster.CHECK_USER))
                .user(PatroniFile.REST_USER, PatroniFile.PASSWORD)
                .user(PatroniCluster.CHECK_USER, PatroniFile.PASSWORD)
                .database(PatroniCluster.DATABASE, "pool_size: 10")
                .listener("mode: tcp")
                .start();
    }

    private static List<String> quoted(List<String> urls) {
        return urls.stream().map(url -> '"' + url + '"').toList();
    }
}
