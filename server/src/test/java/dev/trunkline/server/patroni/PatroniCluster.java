package dev.trunkline.server.patroni;

import dev.trunkline.server.testing.FreePorts;
import dev.trunkline.server.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * etcd and three nodes of Patroni with PostgreSQL, on free ports of the loopback interface and with all of their files in one
 * directory. {@link #end} leaves neither process nor file. One thread at a time.
 */
final class PatroniCluster {
    static final String DATABASE = "app";
    static final String USER = TestPostgres.USER;
    static final String CHECK_USER = "monitor";

    private static final int NODES = 3;
    private static final Duration START = Duration.ofSeconds(60);

    private final Path directory;
    private final Programs programs;
    private final Network network;
    private final Address etcdClient;
    private final Address etcdPeer;
    private final FreePorts ports = new FreePorts();
    private final List<PatroniNode> nodes = new CopyOnWriteArrayList<>();
    /** A JVM that is told to end must not leave a cluster behind. */
    private final Thread atExit = new Thread(this::killAll);

    /** What stands before the cluster and ends with it. */
    private final List<Daemon> fronts = new CopyOnWriteArrayList<>();

    private volatile Process etcd;

    private PatroniCluster(Programs programs, Network network) throws IOException {
        this.programs = programs;
        this.network = network;
        this.etcdClient = new Address(network.address(Network.ETCD), ports.next());
        this.etcdPeer = new Address(network.address(Network.ETCD), ports.next());
        this.directory = Files.createTempDirectory("trunkline-patroni-");
        Programs.own(directory);
    }

    /** Returns when the leader has the database {@value #DATABASE} and the others stream from it. */
    static PatroniCluster start() throws IOException, InterruptedException {
        return start(Programs.find(), new Loopback());
    }

    /** The names of the hosts that a cluster needs. */
    static List<String> hosts() {
        List<String> hosts = new ArrayList<>(List.of(Network.ETCD));
        IntStream.rangeClosed(1, NODES).mapToObj(PatroniCluster::name).forEach(hosts::add);
        return hosts;
    }

    private static String name(int node) {
        return "node" + node;
    }

    /** The same on these hosts; the network is closed at the end of the cluster. */
    static PatroniCluster start(Programs programs, Network network) throws IOException, InterruptedException {
        PatroniCluster cluster = new PatroniCluster(programs, network);
        Runtime.getRuntime().addShutdownHook(cluster.atExit);
        try {
            cluster.startAll();
            return cluster;
        } catch (IOException | InterruptedException | RuntimeException | AssertionError e) {
            cluster.end();
            throw e;
        }
    }

    /** The same on hosts that can be cut off, where this machine can have them. */
    static PatroniCluster startApart(Programs programs) throws IOException, InterruptedException {
        return start(programs, Namespaces.obstacle().isEmpty() ? Namespaces.of(hosts()) : new Loopback());
    }

    Path directory() {
        return directory;
    }

    FreePorts ports() {
        return ports;
    }

    List<PatroniNode> nodes() {
        return List.copyOf(nodes);
    }

    PatroniNode node(String name) {
        return nodes.stream().filter(node -> node.name().equals(name)).findAny().orElseThrow();
    }

    /** The addresses of the REST APIs, behind their forwarders. */
    List<String> restUrls() {
        return nodes.stream().map(PatroniNode::restUrl).toList();
    }

    /** The client address of etcd. */
    String etcdUrl() {
        return "http://" + etcdClient;
    }

    /** Who holds the lock and has a PostgreSQL that writes. */
    PatroniNode leader() throws InterruptedException {
        List<PatroniNode> found = new ArrayList<>();
        Await.until(
                START,
                () -> {
                    found.clear();
                    nodes.stream().filter(PatroniCluster::leads).forEach(found::add);
                    return found.size() == 1;
                },
                () -> "one leader; there are "
                        + found.stream().map(PatroniNode::name).toList() + this);
        return found.getFirst();
    }

    /** kill -9 of the leader's Patroni and PostgreSQL; returns who it was. */
    PatroniNode killLeader() throws IOException, InterruptedException {
        PatroniNode leader = leader();
        leader.kill();
        return leader;
    }

    /** Asks Patroni for a switchover to whichever replica it likes; returns, when it is done, who led before. */
    PatroniNode switchover() throws IOException, InterruptedException {
        PatroniNode leader = leader();
        PatroniNode.Answer[] last = new PatroniNode.Answer[1];
        // Replicas that stream already may not have told etcd so yet: then there are no good candidates, for a moment.
        Await.until(START, () -> switchesOver(leader, last), () -> "a switchover, not " + last[0]);
        return leader;
    }

    /** Has Patroni switch over in so long; returns who leads until then. */
    PatroniNode scheduleSwitchover(Duration ahead) throws IOException, InterruptedException {
        PatroniNode leader = leader();
        String body = "{\"leader\":\"%s\",\"scheduled_at\":\"%s\"}"
                .formatted(leader.name(), OffsetDateTime.now(ZoneOffset.UTC).plus(ahead));
        PatroniNode.Answer[] last = new PatroniNode.Answer[1];
        Await.until(
                START,
                () -> {
                    last[0] = leader.request("POST", "/switchover", body);
                    return last[0].status() == 202;
                },
                () -> "a scheduled switchover, not " + last[0]);
        return leader;
    }

    private static boolean switchesOver(PatroniNode leader, PatroniNode.Answer[] last)
            throws IOException, InterruptedException {
        last[0] = leader.request("POST", "/switchover", "{\"leader\":\"" + leader.name() + "\"}");
        if (last[0].status() != 200 && last[0].status() != 412) {
            throw new AssertionError("switchover: " + last[0]);
        }
        return last[0].status() == 200;
    }

    /** The REST APIs cannot be reached any more, by nobody, while Patroni goes on. */
    void stopRest() throws IOException, InterruptedException {
        for (PatroniNode node : nodes) {
            node.rest().cut();
        }
    }

    void resumeRest() throws IOException, InterruptedException {
        for (PatroniNode node : nodes) {
            node.rest().restore();
        }
    }

    /** Starts what was killed. */
    void startDead() throws IOException {
        for (PatroniNode node : nodes) {
            if (!node.isRunning()) {
                node.start();
            }
        }
    }

    /** Returns when one leads and all others stream from it. */
    void awaitStreaming() throws InterruptedException {
        Await.until(START, () -> streaming(leader()) == NODES - 1, () -> "streaming from " + this);
    }

    /** A program in front of this cluster, which ends before it. */
    Daemon front(Daemon daemon) {
        fronts.add(daemon);
        return daemon;
    }

    void end() throws IOException, InterruptedException {
        for (Daemon front : fronts.reversed()) {
            front.stop();
        }
        // Replicas first, so that nobody stands for election.
        List<PatroniNode> order = new ArrayList<>(nodes);
        order.sort(Comparator.comparingInt(node -> leads(node) ? 1 : 0));
        for (PatroniNode node : order) {
            node.end();
        }
        killEtcd();
        network.close();
        deleteFiles();
        Runtime.getRuntime().removeShutdownHook(atExit);
    }

    /** What is told to end with this process may be ending already, and one that cannot be ended must not spare the others. */
    private void killAll() {
        fronts.forEach(front -> attempt(front::kill));
        nodes.forEach(node -> attempt(node::kill));
        attempt(this::killEtcd);
        nodes.forEach(node -> attempt(node.rest()::close));
        attempt(network::close);
        attempt(this::deleteFiles);
    }

    private interface Removal {
        void run() throws IOException, InterruptedException;
    }

    private static void attempt(Removal removal) {
        try {
            removal.run();
        } catch (IOException | AssertionError e) {
            System.err.println("left behind: " + e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void killEtcd() throws InterruptedException {
        if (etcd != null) {
            etcd.destroyForcibly().waitFor();
        }
    }

    private void deleteFiles() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Override
    public String toString() {
        return nodes.stream()
                .map(node -> "\n" + node.name() + ":\n" + node.logTail())
                .collect(Collectors.joining());
    }

    private void startAll() throws IOException, InterruptedException {
        startEtcd();
        for (int i = 1; i <= NODES; i++) {
            nodes.add(new PatroniNode(place(name(i)), network, programs));
        }
        nodes.getFirst().start();
        createDatabase(leader());
        startDead();
        awaitStreaming();
    }

    private PatroniNode.Place place(String name) {
        Address api = new Address(network.restAddress(name), ports.next());
        Address published = network.hasDirectRest() ? api : new Address(api.host(), ports.next());
        Address postgres = new Address(network.address(name), ports.next());
        return new PatroniNode.Place(name, directory.resolve(name), postgres, api, published, etcdClient);
    }

    /** Also one that was stopped, with what it knew then. */
    void startEtcd() throws IOException {
        ProcessBuilder builder = programs.command(
                directory,
                List.of(
                        programs.etcd().toString(),
                        "--name=etcd",
                        "--data-dir=" + directory.resolve("etcd"),
                        "--listen-client-urls=http://" + etcdClient,
                        "--advertise-client-urls=http://" + etcdClient,
                        "--listen-peer-urls=http://" + etcdPeer,
                        "--initial-advertise-peer-urls=http://" + etcdPeer,
                        "--initial-cluster=etcd=http://" + etcdPeer,
                        "--log-level=warn"));
        builder.command().addAll(0, network.on(Network.ETCD));
        etcd = builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("etcd.log").toFile()))
                .start();
    }

    /** SIGTERM. */
    void stopEtcd() throws InterruptedException {
        etcd.destroy();
        etcd.waitFor();
    }

    /** Whether the leader goes on without etcd as long as it reaches all members; returns when they know it. */
    void failsafe(boolean on) throws IOException, InterruptedException {
        PatroniNode leader = leader();
        leader.configure("failsafe_mode", on);
        if (on) {
            // The list of members goes to etcd with the leader's next round.
            Await.until(START, () -> leader.status("/failsafe") == 200, () -> "a list of members" + this);
        }
    }

    /** {@code patronictl switchover} to whichever replica it likes. */
    void switchoverByControl(PatroniNode leader) throws IOException, InterruptedException {
        String said = leader.control("switchover", "--leader", leader.name(), "--force", PatroniFile.SCOPE);
        if (!said.contains("Successfully switched over")) {
            throw new IOException("patronictl: " + said);
        }
    }

    /** True if a Patroni that has slept for longer than its lock lives does no harm when it wakes. */
    boolean mayWake() throws IOException, InterruptedException {
        return programs.mayWake();
    }

    Network network() {
        return network;
    }

    /** The other nodes, and etcd: everybody with whom a node decides who leads. */
    List<String> peersOf(PatroniNode node) {
        return hosts().stream().filter(host -> !host.equals(node.name())).toList();
    }

    private static boolean leads(PatroniNode node) {
        if (node.status("/primary") != 200) {
            return false;
        }
        try (Connection connection = node.connect("postgres")) {
            return number(connection, "SELECT pg_is_in_recovery()::int") == 0;
        } catch (SQLException _) {
            return false;
        }
    }

    private static long streaming(PatroniNode leader) throws SQLException {
        try (Connection connection = leader.connect("postgres")) {
            return number(connection, "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'");
        }
    }

    /** Patroni's own users come a moment after the lock: who is first here may not be let in yet. */
    private void createDatabase(PatroniNode leader) throws InterruptedException {
        Await.until(
                START,
                () -> {
                    execute(leader, "postgres", "SELECT 'rewinder'::regrole");
                    return true;
                },
                () -> "the users of Patroni" + this);
        try {
            execute(leader, "postgres", "CREATE ROLE " + USER + " LOGIN PASSWORD '" + PatroniFile.PASSWORD + "'");
            execute(leader, "postgres", "CREATE ROLE " + CHECK_USER + " LOGIN PASSWORD '" + PatroniFile.PASSWORD + "'");
            execute(leader, "postgres", "CREATE DATABASE " + DATABASE + " OWNER " + USER);
            mayCheckpoint(leader, true);
        } catch (SQLException e) {
            throw new AssertionError("the database of the tests", e);
        }
    }

    /**
     * Lets the check user ask for a CHECKPOINT, or not.
     *
     * @return false if it cannot be let, because before PostgreSQL 15 superusers alone may
     */
    boolean mayCheckpoint(PatroniNode leader, boolean may) throws SQLException {
        try (Connection connection = leader.connect("postgres")) {
            if (number(connection, "SELECT count(*) FROM pg_roles WHERE rolname = 'pg_checkpoint'") == 0) {
                return false;
            }
        }
        String change = may ? "GRANT pg_checkpoint TO " : "REVOKE pg_checkpoint FROM ";
        execute(leader, "postgres", change + CHECK_USER);
        return true;
    }

    private static void execute(PatroniNode node, String database, String sql) throws SQLException {
        try (Connection connection = node.connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getLong(1);
        }
    }
}
