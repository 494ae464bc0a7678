package dev.trunkline.server.application;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.demo.MachinePostgres;
import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients of protocol 3.0 and 3.2 before servers of both, and what a server of its own says to the same client. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class ProtocolVersionTest {
    private static final String CANCELED = "57014";

    private final String database = TestPostgres.get().createDatabase("versions");
    private TestProxy proxy;

    @BeforeAll
    void start() {
        proxy = TestProxy.before(TestPostgres.get(), database)
                .database(database, "pool_size: 2")
                .start();
    }

    @AfterAll
    void stop() {
        proxy.close();
    }

    private static RawClient login(int port, String database, int minor, String... options) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("user", TestPostgres.USER);
        parameters.put("database", database);
        for (String each : options) {
            parameters.put(each, "1");
        }
        RawClient client = RawClient.connect(port);
        List<Message> answer = client.login(minor, parameters, TestPostgres.PASSWORD);
        assertThat(answer.getLast().type()).isEqualTo('Z');
        return client;
    }

    /** The answer to a startup packet up to the request for authentication. */
    private static List<List<Byte>> beforeAuthentication(int port, String database, int minor, String option) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("user", TestPostgres.USER);
        parameters.put("database", database);
        if (option != null) {
            parameters.put(option, "1");
        }
        try (RawClient client = RawClient.connect(port)) {
            client.send(Frames.startup(minor, parameters));
            List<Message> messages = new ArrayList<>();
            do {
                messages.add(client.read());
            } while (messages.getLast().type() == 'v');
            return messages.stream().map(ProtocolVersionTest::bytes).toList();
        }
    }

    private static List<Byte> bytes(Message message) {
        List<Byte> all = new ArrayList<>(List.of((byte) message.type()));
        for (byte each : message.body()) {
            all.add(each);
        }
        return message.type() == 'v' ? all : all.subList(0, 1);
    }

    @ParameterizedTest
    @CsvSource({"0,", "1,", "2,", "3,", "9999,", "0,_pq_.x", "1,_pq_.x", "2,_pq_.x", "9999,_pq_.x"})
    void answerToAStartupPacket_isTheServersOwn(int minor, String option) {
        assertThat(beforeAuthentication(proxy.port(), database, minor, option))
                .isEqualTo(beforeAuthentication(TestPostgres.get().port(), database, minor, option));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 9999})
    void secretOfAClient_isAsLongAsTheServersOwn(int minor) {
        try (RawClient through = login(proxy.port(), database, minor);
                RawClient direct = login(TestPostgres.get().port(), database, minor)) {
            assertThat(through.secret()).hasSameSizeAs(direct.secret());
            assertThat(through.value("SELECT 1")).isEqualTo("1");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void cancel_withAKeyOfEitherLengthEndsTheQuery(int minor) throws Exception {
        try (RawClient client = login(proxy.port(), database, minor)) {
            cancels(client, proxy, database);
        }
    }

    /** Cancels a query while it runs on the server. */
    private static void cancels(RawClient client, TestProxy before, String database) throws Exception {
        client.send(Frames.query("SELECT pg_sleep(60)"));
        try (RawClient observer = before.rawClient(database)) {
            Stage.await("a running query", () -> observer.value(
                            "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'")
                    .equals("1"));
        }
        client.cancel();
        assertThat(Message.error(client.readToReady()).fields()).containsEntry('C', CANCELED);
        assertThat(client.value("SELECT 2")).isEqualTo("2");
    }

    @Test
    void driverThatAsksForTheNewVersion_isServedAndCancels() throws Exception {
        String url = proxy.jdbcUrl(database, "protocolVersion=3.2");
        try (Connection connection = DriverManager.getConnection(url, TestPostgres.USER, TestPostgres.PASSWORD);
                Statement statement = connection.createStatement()) {
            CompletableFuture<String> ended = CompletableFuture.supplyAsync(() -> stateOf(statement));
            Stage.await("a running query", () -> TestPostgres.get()
                    .column(database, "SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(61)'")
                    .contains("1"));
            statement.cancel();
            assertThat(ended.get(20, TimeUnit.SECONDS)).isEqualTo(CANCELED);
        }
    }

    private static String stateOf(Statement statement) {
        try (ResultSet rows = statement.executeQuery("SELECT pg_sleep(61)")) {
            return "ended with " + rows.next();
        } catch (SQLException e) {
            return e.getSQLState();
        }
    }

    @Test
    void olderServer_negotiatesAndServesClientsOfBothVersions(@TempDir Path directory) throws Exception {
        try (MachinePostgres server = MachinePostgres.start(directory);
                TestProxy before = TestProxy.before("{ leader: \"127.0.0.1:" + server.port() + "\" }")
                        .database("postgres", "pool_size: 3")
                        .start();
                RawClient direct = login(server.port(), "postgres", 9999);
                RawClient older = login(before.port(), "postgres", 0);
                RawClient newer = login(before.port(), "postgres", 2)) {
            boolean knowsLongKeys = Integer.parseInt(direct.value("SHOW server_version_num")) >= 180_000;
            assertThat(direct.secret()).hasSize(knowsLongKeys ? 32 : 4);
            assertThat(older.secret()).hasSize(4);
            assertThat(newer.secret()).hasSize(32);
            cancels(older, before, "postgres");
            cancels(newer, before, "postgres");
        }
    }

    @Test
    void serversThatAreAskedForTheOldestVersion_serveClientsOfBothVersions() throws Exception {
        try (TestProxy old = TestProxy.before(TestPostgres.get(), database)
                        .global("server_max_protocol_version: 3.0")
                        .start();
                RawClient older = login(old.port(), database, 0);
                RawClient newer = login(old.port(), database, 2)) {
            cancels(older, old, database);
            cancels(newer, old, database);
        }
    }
}
