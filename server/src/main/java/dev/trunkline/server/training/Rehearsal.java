package dev.trunkline.server.training;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A short life of a proxy: a configuration in a directory of its own, a cluster of stand-ins, and clients that do what clients
 * mostly do. It is what the JVM records when the AOT cache is made: which classes are needed, and which methods run often. Not
 * thread-safe.
 */
public final class Rehearsal implements AutoCloseable {
    /** Of each kind of query: so many that the JVM compiles their way with its best compiler. */
    public static final int ROUNDS = 6_000;

    private static final String USER = "training";
    private static final String PASSWORD = "only for the rehearsal";
    private static final int CLIENTS = 3;
    /** A login costs its client a millisecond and more, and a storm of them comes when a proxy has just started. */
    private static final int QUERIES_FOR_EACH_LOGIN = 6;

    private final Path directory;
    private final StandIn leader;
    private final StandIn replica;
    private final StandIn patroni;
    private final int port;
    private final int httpPort;

    /** Starts the stand-ins and writes the configuration into {@code directory}, which exists. */
    public Rehearsal(Path directory) throws IOException {
        this.directory = directory;
        this.leader = StandIn.start("leader", StandInPostgres.service(false));
        this.replica = StandIn.start("replica", StandInPostgres.service(true));
        this.patroni = StandIn.start("patroni", new StandInPatroni(leader.port(), replica.port()));
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket one = new ServerSocket(0, 1, loopback);
                ServerSocket two = new ServerSocket(0, 1, loopback)) {
            this.port = one.getLocalPort();
            this.httpPort = two.getLocalPort();
        }
        Path users = Files.writeString(directory.resolve("users.txt"), "\"%s\" \"%s\"%n".formatted(USER, PASSWORD));
        Files.setPosixFilePermissions(users, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(configuration(), """
                listeners: [ { address: 127.0.0.1, port: %d } ]
                http: { address: 127.0.0.1, port: %d }
                users_file: users.txt
                admin_users: [ %s ]
                shutdown_timeout: 1s
                clusters:
                  main: { patroni: [ "http://127.0.0.1:%d" ] }
                databases:
                  "*": { cluster: main }
                """.formatted(port, httpPort, USER, patroni.port()));
    }

    /** The file to run a proxy with. */
    public Path configuration() {
        return directory.resolve("trunkline.yaml");
    }

    /**
     * Sends queries through the proxy, which must accept connections.
     *
     * @param rounds queries of each kind
     * @throws IOException if a query fails, with what the client was told
     */
    public void perform(int rounds) throws IOException {
        for (int i = 0; i < CLIENTS; i++) {
            try (TrainingClient client = new TrainingClient(port, "app", USER, PASSWORD)) {
                client.query("SET extra_float_digits = 3");
                queries(client, rounds / CLIENTS);
            }
        }
        for (int i = 0; i < rounds / QUERIES_FOR_EACH_LOGIN; i++) {
            new TrainingClient(port, "app", USER, PASSWORD).close();
        }
        try (TrainingClient console = new TrainingClient(port, "pgbouncer", USER, PASSWORD)) {
            console.query("SHOW POOLS");
        }
        get("/health");
        get("/metrics");
    }

    private static void queries(TrainingClient client, int rounds) throws IOException {
        client.prepare("balance", "SELECT abalance FROM accounts WHERE aid = 1");
        for (int i = 0; i < rounds; i++) {
            client.query("SELECT abalance FROM accounts WHERE aid = " + i);
            client.extended("SELECT abalance FROM accounts WHERE aid = " + i);
            client.executePrepared("balance");
        }
        for (int i = 0; i < rounds / 10; i++) {
            client.query("BEGIN");
            client.query("UPDATE accounts SET abalance = 0 WHERE aid = " + i);
            client.query("COMMIT");
        }
    }

    private void get(String path) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), httpPort)) {
            String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(UTF_8));
            String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
            if (!answer.startsWith("HTTP/1.1 200 ")) {
                throw new IOException("GET " + path + " was answered with: "
                        + answer.lines().findFirst().orElse(""));
            }
        }
    }

    /** Ends the stand-ins and removes the files. */
    @Override
    public void close() throws IOException {
        leader.close();
        replica.close();
        patroni.close();
        Files.deleteIfExists(directory.resolve("users.txt"));
        Files.deleteIfExists(configuration());
    }
}
