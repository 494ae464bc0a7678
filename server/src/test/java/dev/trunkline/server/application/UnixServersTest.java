package dev.trunkline.server.application;

import static dev.trunkline.server.application.Program.psql;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.InstalledPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.PGConnection;

/** A server that is reached by its Unix socket, with each transport that works here. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class UnixServersTest {
    private static InstalledPostgres postgres;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        postgres = InstalledPostgres.leader("unix_socket_directories = '.'", "password_encryption = 'scram-sha-256'");
        postgres.run("CREATE ROLE checker LOGIN PASSWORD 'checker'", "CREATE DATABASE shop OWNER app");
    }

    @AfterAll
    static void stop() throws IOException {
        postgres.close();
    }

    static List<String> transports() {
        return UnixClientsTest.transports();
    }

    private static TestProxy proxy(String transport) {
        String socket = postgres.data("") + ":" + postgres.port();
        return TestProxy.before("{ sql: [ \"" + socket + "\" ], check_user: checker }")
                .database("shop", "pool_size: 4")
                .database("listening", "dbname: shop, listen: shared")
                .user("checker", "checker")
                .user(InstalledPostgres.REPLICATOR, InstalledPostgres.REPLICATOR)
                .global("transport: " + transport)
                .start();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void queries_goThroughTheSocket(String transport) throws Exception {
        try (TestProxy proxy = proxy(transport);
                Connection connection = proxy.connect("shop")) {
            assertThat(Stage.text(connection, "SELECT coalesce(inet_server_addr()::text, 'unix')"))
                    .isEqualTo("unix");
            assertThat(Stage.text(connection, "SELECT length(repeat('x', 2000000))"))
                    .isEqualTo("2000000");
            String port = String.valueOf(postgres.port());
            assertThat(proxy.console("SHOW SERVERS")).isNotEmpty().allSatisfy(row -> assertThat(row)
                    .containsAllEntriesOf(
                            Map.of("addr", "unix", "port", port, "local_addr", "unix", "local_port", port)));
            assertThat(proxy.console("SHOW DATABASES"))
                    .anySatisfy(row -> assertThat(row).containsEntry("host", String.valueOf(postgres.data(""))));
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void cancelRequest_goesThroughTheSocket(String transport) throws Exception {
        try (TestProxy proxy = proxy(transport);
                Program.Dialogue psql = new Program.Dialogue(psql(proxy.port(), "shop"))) {
            assertThat(psql.ask("SELECT 'ready';")).isEqualTo("ready");
            psql.say("SELECT pg_sleep(50) /* " + transport + " */;");
            Stage.await("the statement on the server", () -> postgres.value(
                            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
                                    + " AND query LIKE 'SELECT pg_sleep(50) /* " + transport + "%'")
                    .equals("1"));
            psql.interrupt();
            assertThat(psql.hear()).isEqualTo("Cancel request sent");
            assertThat(psql.hear()).contains("canceling statement due to user request");
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void sharedListen_hearsThroughTheSocket(String transport) throws Exception {
        try (TestProxy proxy = proxy(transport);
                Connection hears = proxy.connect("listening");
                Connection speaks = proxy.connect("listening")) {
            Stage.run(hears, "LISTEN news");
            Stage.run(speaks, "NOTIFY news, 'by " + transport + "'");
            assertThat(hears.unwrap(PGConnection.class).getNotifications(20_000))
                    .singleElement()
                    .satisfies(heard -> assertThat(heard.getParameter()).isEqualTo("by " + transport));
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void backup_comesThroughTheSocket(String transport) throws Exception {
        Path backup = postgres.directory().resolve("backup-" + transport);
        try (TestProxy proxy = proxy(transport)) {
            postgres.program(InstalledPostgres.through(
                    proxy.port(), "pg_basebackup", "-D", backup.toString(), "-X", "stream", "--no-sync", "-c", "fast"));
        }
        assertThat(Files.readString(backup.resolve("backup_label"))).contains("BACKUP METHOD: streamed");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void serverThatIsNotThere_isNamedByItsPath(String transport) throws Exception {
        try (TestProxy proxy = TestProxy.before("{ leader: \"/nowhere:5432\", failover_hold: 0 }")
                .database("shop", "query_wait_timeout: 1s")
                .global("transport: " + transport)
                .start()) {
            Program.End end = Program.run(psql(proxy.port(), "shop", "-c", "SELECT 1"), "");
            assertThat(end.status()).isEqualTo(2);
            assertThat(end.output()).contains("could not connect to app@/nowhere:5432/shop");
        }
    }
}
