package dev.trunkline.server.application;

import static dev.trunkline.server.application.Program.pgbench;
import static dev.trunkline.server.application.Program.psql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trunkline.server.ProxyServer;
import dev.trunkline.server.SetupLoader;
import dev.trunkline.server.SetupResult;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.Transports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** psql and pgbench by Unix sockets, with each transport that works here. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class UnixClientsTest {
    private static final int PORT = 6432;
    private static final int DATABASES = 5;

    private static String database;

    @TempDir
    private Path directory;

    private String sockets;

    @BeforeAll
    static void createDatabase() {
        database = TestPostgres.get().createDatabase("unix");
    }

    @BeforeEach
    void name() {
        sockets = directory.toString();
    }

    static List<String> transports() {
        return Transports.available();
    }

    /** A proxy with five databases, whose homes are not all the same of its three workers, and without a port of TCP. */
    private ProxyServer start(String transport, String unixSockets) throws IOException {
        StringBuilder yaml = new StringBuilder(unixSockets);
        yaml.append("\ntransport: ").append(transport);
        yaml.append("\nworkers: 3\nshutdown_timeout: 2s\nusers_file: users.txt\nadmin_users: [ app ]\n");
        yaml.append("listeners: [ { address: \"\", port: ").append(PORT).append(" } ]\n");
        yaml.append("clusters: { main: { leader: \"127.0.0.1:")
                .append(TestPostgres.get().port())
                .append("\" } }\ndatabases:\n");
        for (int i = 0; i < DATABASES; i++) {
            yaml.append("  db").append(i).append(": { cluster: main, dbname: ").append(database);
            yaml.append(", pool_size: 4 }\n");
        }
        Files.writeString(directory.resolve("users.txt"), "\"app\" \"app\"\n");
        Path file = Files.writeString(directory.resolve("trunkline.yaml"), yaml);
        return ProxyServer.start(((SetupResult.Ready) SetupLoader.load(file)).setup());
    }

    private ProxyServer start(String transport) throws IOException {
        return start(transport, "unix_socket_dir: " + sockets);
    }

    private String psqlPrints(String database, String... arguments) throws Exception {
        return Program.run(psql(sockets, PORT, database, arguments), "").success();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void clients_areServedOnEveryWorker(String transport) throws Exception {
        try (ProxyServer proxy = start(transport)) {
            assertThat(proxy.ports()).isEmpty();
            for (int i = 0; i < DATABASES; i++) {
                assertThat(psqlPrints("db" + i, "-c", "SELECT 'row ' || length(repeat('x', " + i + "))"))
                        .isEqualTo("row " + i + "\n");
            }
            assertThat(psqlPrints("db1", "-c", "SELECT repeat('x', 3000000)")).hasSize(3_000_001);
            Program.run(pgbench(sockets, PORT, "db0", "-i", "-q", "-s", "1"), "")
                    .success();
            assertThat(Program.run(pgbench(sockets, PORT, "db2", "-S", "-c", "8", "-t", "50", "-M", "prepared"), "")
                            .success())
                    .contains("number of transactions actually processed: 400/400");
            assertThat(Program.run(pgbench(sockets, PORT, "db3", "-S", "-C", "-c", "4", "-t", "10"), "")
                            .success())
                    .contains("number of transactions actually processed: 40/40");
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void interrupt_cancelsTheStatement(String transport) throws Exception {
        try (ProxyServer _ = start(transport);
                Program.Dialogue psql = new Program.Dialogue(psql(sockets, PORT, "db4"))) {
            assertThat(psql.ask("SELECT 'ready';")).isEqualTo("ready");
            psql.say("SELECT pg_sleep(50) /* by a Unix socket */;");
            Stage.await("the statement on the server", () -> TestPostgres.get()
                    .column(
                            "postgres",
                            "SELECT 1 FROM pg_stat_activity WHERE state = 'active'"
                                    + " AND query LIKE 'SELECT pg_sleep(50) /* by a Unix socket%'")
                    .equals(List.of("1")));
            psql.interrupt();
            assertThat(psql.hear()).isEqualTo("Cancel request sent");
            assertThat(psql.hear()).contains("canceling statement due to user request");
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void console_showsUnixAndThePortInThePlaceOfAddresses(String transport) throws Exception {
        try (ProxyServer _ = start(transport);
                Program.Dialogue psql = new Program.Dialogue(psql(sockets, PORT, "db3"))) {
            assertThat(psql.ask("SELECT 'ready';")).isEqualTo("ready");
            String client = psqlPrints("pgbouncer", "-c", "SHOW CLIENTS");
            assertThat(client.split("\\|", -1))
                    .startsWith("C", "app", "db3")
                    .containsSequence("unix", "6432", "unix", "6432");
            assertThat(psqlPrints("pgbouncer", "-c", "SHOW SERVERS").split("\\|", -1))
                    .containsSequence(
                            "127.0.0.1", String.valueOf(TestPostgres.get().port()), "127.0.0.1");
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void files_haveTheirModeAndAreGoneAtTheEnd(String transport) throws Exception {
        Path socket = directory.resolve(".s.PGSQL.6432");
        try (ProxyServer _ = start(transport, "unix_socket_mode: 0750\nunix_socket_dir: " + sockets)) {
            assertThat(Files.getAttribute(socket, "unix:mode")).isEqualTo(0140750);
        }
        assertThat(leftIn(directory)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void secondProxyOnTheSamePath_doesNotStartAndTheFirstGoesOn(String transport) throws Exception {
        try (ProxyServer _ = start(transport)) {
            assertThatThrownBy(() -> start(transport))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("cannot listen on the Unix socket " + sockets
                            + "/.s.PGSQL.6432: another process has locked ");
            assertThat(psqlPrints("db0", "-c", "SELECT 1")).isEqualTo("1\n");
        }
    }

    @Test
    void groupThatIsMissing_keepsTheProxyFromStartingAndLeavesNothing() throws Exception {
        assertThatThrownBy(() -> start("auto", "unix_socket_group: nobodys\nunix_socket_dir: " + sockets))
                .hasMessageContaining("there is no group \"nobodys\", which unix_socket_group names");
        assertThat(leftIn(directory)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void abstractSocket_isServedOrRefused(String transport) throws Exception {
        sockets = "@trunkline-" + ProcessHandle.current().pid();
        if (transport.equals("nio")) {
            assertThatThrownBy(() -> start(transport, "unix_socket_dir: \"" + sockets + "\""))
                    .hasMessage("cannot listen on the Unix socket " + sockets
                            + "/.s.PGSQL.6432: the transport nio has no abstract Unix sockets such as " + sockets
                            + "/.s.PGSQL.6432");
            return;
        }
        try (ProxyServer _ = start(transport, "unix_socket_dir: \"" + sockets + "\"")) {
            assertThat(psqlPrints("db2", "-c", "SELECT 2")).isEqualTo("2\n");
            assertThat(psqlPrints("pgbouncer", "-c", "SHOW VERSION")).contains("PgBouncer");
            assertThatThrownBy(() -> start(transport, "unix_socket_dir: \"" + sockets + "\""))
                    .hasMessageStartingWith("cannot listen on the Unix socket " + sockets + "/.s.PGSQL.6432: ");
        }
    }

    private static List<String> leftIn(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("."))
                    .toList();
        }
    }
}
