package dev.trunkline.server.patroni;

import dev.trunkline.server.ProxyServer;
import dev.trunkline.server.SetupLoader;
import dev.trunkline.server.SetupResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/** A cluster, the proxy in front of it, and clients of the proxy that write and read without a pause. One thread at a time. */
final class Drill {
    private static final int WRITERS = 4;
    private static final int READERS = 2;
    private static final Duration RESUMED = Duration.ofSeconds(60);
    /** How long the load runs on after an event, so that late mistakes are seen. */
    private static final Duration AFTERWARDS = Duration.ofSeconds(2);

    private final PatroniCluster cluster;
    private final ProxyServer proxy;
    private final Observer observer;
    private final Load writers;
    private final Load readers;

    private Drill(PatroniCluster cluster, ProxyServer proxy) throws SQLException {
        this.cluster = cluster;
        this.proxy = proxy;
        Works.createTable(url());
        this.observer = Observer.of(cluster.nodes());
        this.writers = Load.start(url(), Works::write, WRITERS);
        this.readers = Load.start(url(), new Works.Read(), READERS);
    }

    /** Returns when the clients are at work. */
    static Drill start() throws Exception {
        PatroniCluster cluster = PatroniCluster.start();
        try {
            ProxyServer proxy = proxy(cluster);
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

    /** Of the proxy. */
    String url() {
        return "jdbc:postgresql://127.0.0.1:" + proxy.ports().getFirst() + "/" + PatroniCluster.DATABASE;
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

    private static ProxyServer proxy(PatroniCluster cluster) throws IOException {
        Path users = cluster.directory().resolve("userlist.txt");
        Files.writeString(users, """
                "%s" "%s"
                "%s" "%s"
                """.formatted(
                        PatroniCluster.USER, PatroniFile.PASSWORD, PatroniCluster.CHECK_USER, PatroniFile.PASSWORD));
        Path file = cluster.directory().resolve("trunkline.yaml");
        Files.writeString(file, configuration(cluster));
        return switch (SetupLoader.load(file)) {
            case SetupResult.Broken(var problems) -> throw new AssertionError(problems.toString());
            case SetupResult.Ready(var setup, var _) -> ProxyServer.start(setup);
        };
    }

    private static String configuration(PatroniCluster cluster) {
        List<String> urls =
                cluster.restUrls().stream().map(url -> '"' + url + '"').toList();
        return """
                listeners: [ { port: %d, address: 127.0.0.1 } ]
                clusters:
                  main: { patroni: %s, check_user: %s, failover_hold: 60s }
                databases:
                  %s: { cluster: main, pool_size: 10 }
                users_file: userlist.txt
                """.formatted(cluster.ports().next(), urls, PatroniCluster.CHECK_USER, PatroniCluster.DATABASE);
    }
}
