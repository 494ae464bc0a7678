package dev.trunkline.server.patroni;

import dev.trunkline.server.testing.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Trunkline as it is shipped: a process of its own, started by bin/trunkline. */
final class Trunkline implements Front {
    /** Maven runs the tests in the directory of their module. */
    private static final Path LAUNCHER = Path.of("..", "bin", "trunkline").toAbsolutePath();

    private final Address listen;
    private final Daemon daemon;

    private Trunkline(Address listen, Daemon daemon) {
        this.listen = listen;
        this.daemon = daemon;
    }

    /**
     * What is set of it, each as entries of a YAML mapping.
     *
     * @param cluster of the cluster, beside where it is and who asks it
     * @param database of the database
     * @param log the file below {@code target} to which its log is appended
     */
    record Settings(String cluster, String database, String log) {
        static final Settings FAILOVER = new Settings(
                "failover_hold: 60s, switchover_wait: 5s", "pool_size: 10", "failover-drill.trunkline.log");
    }

    /** Returns when it accepts connections. */
    static Trunkline start(PatroniCluster cluster, Settings settings) throws IOException, InterruptedException {
        FreePorts ports = cluster.ports();
        Address listen = new Address("127.0.0.1", ports.next());
        Path directory = Files.createDirectory(cluster.directory().resolve("trunkline-" + listen.port()));
        Files.writeString(directory.resolve("users.txt"), users());
        Path file = Files.writeString(directory.resolve("trunkline.yaml"), yaml(cluster, settings, listen));
        ProcessBuilder builder = new ProcessBuilder(LAUNCHER.toString(), "run", file.toString());
        Daemon daemon = cluster.front(
                new Daemon("Trunkline", builder, listen, Path.of("target").resolve(settings.log)));
        daemon.start();
        return new Trunkline(listen, daemon);
    }

    @Override
    public String url() {
        return "jdbc:postgresql://" + listen + "/" + PatroniCluster.DATABASE;
    }

    @Override
    public String consoleUrl() {
        return "jdbc:postgresql://" + listen + "/pgbouncer?preferQueryMode=simple&assumeMinServerVersion=9.6";
    }

    /** SIGTERM. */
    void stop() throws InterruptedException {
        daemon.stop();
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        daemon.kill();
    }

    /** Returns when it accepts connections again. */
    void startAgain() throws IOException, InterruptedException {
        daemon.start();
    }

    private static String users() {
        StringBuilder users = new StringBuilder();
        for (String user : List.of(PatroniCluster.USER, PatroniFile.REST_USER, PatroniCluster.CHECK_USER)) {
            users.append("\"%s\" \"%s\"%n".formatted(user, PatroniFile.PASSWORD));
        }
        return users.toString();
    }

    /** Who names the leader: Patroni's API, or with {@code -Ddrill.source=etcd} what Patroni keeps in etcd. */
    private static String source(PatroniCluster cluster) {
        return System.getProperty("drill.source", "patroni").equals("etcd")
                ? "etcd: [ \"%s\" ], etcd_scope: %s".formatted(cluster.etcdUrl(), PatroniFile.SCOPE)
                : "patroni: [ \"" + String.join("\", \"", cluster.restUrls()) + "\" ]";
    }

    private static String yaml(PatroniCluster cluster, Settings settings, Address listen) {
        return """
                listeners: [ { address: %s, port: %d } ]
                users_file: users.txt
                admin_users: [ %s ]
                log_connections: false
                log_disconnections: false
                clusters:
                  main: { %s, patroni_user: %s, check_user: %s, %s }
                databases:
                  %s: { cluster: main, %s }
                """.formatted(
                        listen.host(),
                        listen.port(),
                        PatroniCluster.USER,
                        source(cluster),
                        PatroniFile.REST_USER,
                        PatroniCluster.CHECK_USER,
                        settings.cluster,
                        PatroniCluster.DATABASE,
                        settings.database);
    }
}
