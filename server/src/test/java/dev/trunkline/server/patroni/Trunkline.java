package dev.trunkline.server.patroni;

import dev.trunkline.server.testing.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** Trunkline as it is shipped: a process of its own, started by bin/trunkline. */
final class Trunkline {
    /** Maven runs the tests in the directory of their module. */
    private static final Path LAUNCHER = Path.of("..", "bin", "trunkline").toAbsolutePath();

    private final Address listen;
    private final Daemon daemon;

    private Trunkline(Address listen, Daemon daemon) {
        this.listen = listen;
        this.daemon = daemon;
    }

    /** Returns when it accepts connections. */
    static Trunkline start(PatroniCluster cluster) throws IOException, InterruptedException {
        FreePorts ports = cluster.ports();
        Address listen = new Address("127.0.0.1", ports.next());
        Path directory = Files.createDirectory(cluster.directory().resolve("trunkline"));
        Files.writeString(directory.resolve("users.txt"), users());
        Path file = Files.writeString(directory.resolve("trunkline.yaml"), yaml(cluster, listen));
        ProcessBuilder builder = new ProcessBuilder(LAUNCHER.toString(), "run", file.toString());
        Path log = Path.of("target", "failover-drill.trunkline.log");
        Daemon daemon = cluster.front(new Daemon("Trunkline", builder, listen, log));
        daemon.start();
        return new Trunkline(listen, daemon);
    }

    String url() {
        return "jdbc:postgresql://" + listen + "/" + PatroniCluster.DATABASE;
    }

    /** What a command of the console is answered with, the text of its notice. */
    String console(String command) throws SQLException {
        String url = "jdbc:postgresql://" + listen + "/pgbouncer?preferQueryMode=simple&assumeMinServerVersion=9.6";
        try (Connection connection = DriverManager.getConnection(url, PatroniCluster.USER, PatroniFile.PASSWORD);
                Statement statement = connection.createStatement()) {
            statement.execute(command);
            return String.valueOf(statement.getWarnings().getMessage());
        }
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

    private static String yaml(PatroniCluster cluster, Address listen) {
        return """
                listeners: [ { address: %s, port: %d } ]
                users_file: users.txt
                admin_users: [ %s ]
                log_connections: false
                log_disconnections: false
                clusters:
                  main: { %s, patroni_user: %s, check_user: %s, failover_hold: 60s, switchover_wait: 5s }
                databases:
                  %s: { cluster: main, pool_size: 10 }
                """.formatted(
                        listen.host(),
                        listen.port(),
                        PatroniCluster.USER,
                        source(cluster),
                        PatroniFile.REST_USER,
                        PatroniCluster.CHECK_USER,
                        PatroniCluster.DATABASE);
    }
}
