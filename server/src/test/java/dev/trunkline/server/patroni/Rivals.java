package dev.trunkline.server.patroni;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** What Trunkline replaces, beside it: HAProxy as Patroni's documentation has it, and PgBouncer that leads to HAProxy. */
final class Rivals {
    private static final String LOOPBACK = "127.0.0.1";

    private final Address haproxyListen;
    private final Address pgbouncerListen;
    private final Daemon haproxy;
    private final Daemon pgbouncer;

    private Rivals(PatroniCluster cluster, Programs programs) throws IOException {
        this.haproxyListen = new Address(LOOPBACK, cluster.ports().next());
        this.pgbouncerListen = new Address(LOOPBACK, cluster.ports().next());
        Path directory = Files.createDirectory(cluster.directory().resolve("rivals"));
        Programs.own(directory);
        Path haproxyFile = write(directory, "haproxy.cfg", haproxyFile(cluster));
        Path users =
                write(directory, "users.txt", "\"%s\" \"%s\"%n".formatted(PatroniCluster.USER, PatroniFile.PASSWORD));
        Path pgbouncerFile = write(directory, "pgbouncer.ini", pgbouncerFile(users));
        String haproxyProgram = System.getProperty("drill.haproxy", "/usr/sbin/haproxy");
        String pgbouncerProgram = System.getProperty("drill.pgbouncer", "/usr/sbin/pgbouncer");
        haproxy = cluster.front(new Daemon(
                "HAProxy",
                programs.command(directory, List.of(haproxyProgram, "-db", "-f", haproxyFile.toString())),
                haproxyListen,
                directory.resolve("haproxy.log")));
        pgbouncer = cluster.front(new Daemon(
                "PgBouncer",
                programs.command(directory, List.of(pgbouncerProgram, pgbouncerFile.toString())),
                pgbouncerListen,
                directory.resolve("pgbouncer.log")));
    }

    /** Returns when both accept connections. */
    static Rivals start(PatroniCluster cluster, Programs programs) throws IOException, InterruptedException {
        Rivals rivals = new Rivals(cluster, programs);
        rivals.haproxy.start();
        rivals.pgbouncer.start();
        return rivals;
    }

    String haproxyUrl() {
        return url(haproxyListen) + "?";
    }

    /** In transaction mode PgBouncer 1.18 knows no prepared statements. */
    String pgbouncerUrl() {
        return url(pgbouncerListen) + "?prepareThreshold=0";
    }

    private static String url(Address address) {
        return "jdbc:postgresql://" + address + "/" + PatroniCluster.DATABASE;
    }

    private static Path write(Path directory, String name, String text) throws IOException {
        Path file = Files.writeString(directory.resolve(name), text);
        Programs.own(file);
        return file;
    }

    private String haproxyFile(PatroniCluster cluster) {
        String servers = cluster.nodes().stream()
                .map(node -> "  server %s %s check addr %s port %d"
                        .formatted(
                                node.name(),
                                node.postgres(),
                                node.publishedRest().host(),
                                node.publishedRest().port()))
                .collect(Collectors.joining("\n"));
        return """
                global
                  maxconn 200
                defaults
                  mode tcp
                  retries 2
                  timeout client 30m
                  timeout connect 4s
                  timeout server 30m
                  timeout check 5s
                listen primary
                  bind %s
                  option httpchk GET /primary
                  http-check expect status 200
                  default-server inter 3s fall 3 rise 2 on-marked-down shutdown-sessions
                %s
                """.formatted(haproxyListen, servers);
    }

    private String pgbouncerFile(Path users) {
        return """
                [databases]
                %s = host=%s port=%d
                [pgbouncer]
                listen_addr = %s
                listen_port = %d
                unix_socket_dir =
                auth_type = scram-sha-256
                auth_file = %s
                pool_mode = transaction
                default_pool_size = 10
                max_client_conn = 200
                ignore_startup_parameters = extra_float_digits
                """.formatted(
                        PatroniCluster.DATABASE,
                        haproxyListen.host(),
                        haproxyListen.port(),
                        pgbouncerListen.host(),
                        pgbouncerListen.port(),
                        users);
    }
}
