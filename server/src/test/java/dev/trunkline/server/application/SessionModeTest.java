package dev.trunkline.server.application;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** In session mode a client cannot tell the proxy from the server. The pool has one connection, so that all clients meet on it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class SessionModeTest {
    private static final String PID = "SELECT pg_backend_pid()";

    private final String database = TestPostgres.get().createDatabase("sessions");
    private TestProxy proxy;

    @BeforeAll
    void start() {
        proxy = TestProxy.before(TestPostgres.get(), database)
                .database(database, "pool_mode: session, pool_size: 1, query_wait_timeout: 10s")
                .start();
    }

    @AfterAll
    void stop() {
        proxy.close();
    }

    private static Map<String, String> startup(String database, String... namesAndValues) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("user", TestPostgres.USER);
        parameters.put("database", database);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            parameters.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return parameters;
    }

    private RawClient login(int port, String... namesAndValues) {
        RawClient client = RawClient.connect(port);
        List<Message> answer = client.login(startup(database, namesAndValues), TestPostgres.PASSWORD);
        assertThat(answer.getLast().type()).as("%s", answer).isEqualTo('Z');
        return client;
    }

    /** What a client is told between its login and its end, each message as text. */
    private List<String> told(int port, List<String> queries, String... namesAndValues) {
        try (RawClient client = login(port, namesAndValues)) {
            List<String> all = new ArrayList<>();
            queries.forEach(query -> client.query(query).forEach(each -> all.add(readable(each))));
            client.send(Frames.terminate());
            client.readToEnd();
            return all;
        }
    }

    private static String readable(Message message) {
        return message.type() + Arrays.toString(message.body());
    }

    private static Message error(List<Message> messages) {
        return Message.error(messages);
    }

    @Test
    void processIdOfTheClient_isThatOfItsServer() {
        try (RawClient client = login(proxy.port())) {
            assertThat(client.value(PID)).isEqualTo(String.valueOf(client.pid()));
        }
    }

    @Test
    void parametersAtLogin_areThoseOfAServersOwnClient() {
        String[] wishes = {"DateStyle", "German", "application_name", "me", "TimeZone", "Asia/Tokyo", "work_mem", "5MB"
        };
        assertThat(reported(proxy.port(), wishes))
                .isEqualTo(reported(TestPostgres.get().port(), wishes));
    }

    private Set<String> reported(int port, String... wishes) {
        try (RawClient client = RawClient.connect(port)) {
            Set<String> reported = new TreeSet<>();
            for (Message each : client.login(startup(database, wishes), TestPostgres.PASSWORD)) {
                if (each.type() == 'S') {
                    assertThat(reported.add(readable(each))).isTrue();
                }
            }
            return reported;
        }
    }

    static Stream<List<String>> resets() {
        return Stream.of(
                List.of("SET DateStyle = 'ISO, YMD'", "RESET DateStyle", "SHOW DateStyle"),
                List.of("SET DateStyle TO DEFAULT", "SHOW DateStyle"),
                List.of("SET application_name = 'other'; SET work_mem = '9MB'", "RESET ALL", "SHOW work_mem"),
                List.of("SET TimeZone = 'UTC'; SET work_mem = '9MB'", "DISCARD ALL", "SHOW work_mem", "SHOW TimeZone"),
                List.of("BEGIN; SET work_mem = '9MB'", "ROLLBACK", "SHOW work_mem", "RESET work_mem", "SHOW work_mem"),
                List.of(
                        "SELECT reset_val FROM pg_settings WHERE name IN ('DateStyle', 'work_mem', 'application_name')"));
    }

    @ParameterizedTest
    @MethodSource("resets")
    void reset_goesBackToTheClientsStartupPacket(List<String> queries) {
        String[] wishes = {
            "DateStyle",
            "Postgres, MDY",
            "application_name",
            "first",
            "TimeZone",
            "Asia/Tokyo",
            "options",
            "-c work_mem=6MB"
        };
        assertThat(told(proxy.port(), queries, wishes))
                .isEqualTo(told(TestPostgres.get().port(), queries, wishes));
    }

    @Test
    void nextClientWithTheSameStartupPacket_getsTheSameConnectionReset() {
        String first;
        try (RawClient one = login(proxy.port(), "work_mem", "7MB")) {
            first = one.value(PID);
            one.query("SET work_mem = '8MB'");
            one.query("CREATE TEMP TABLE mine (id int)");
        }
        try (RawClient two = login(proxy.port(), "WORK_MEM", "7MB")) {
            assertThat(two.value(PID)).isEqualTo(first);
            assertThat(two.value("SHOW work_mem")).isEqualTo("7MB");
            assertThat(two.value("SELECT to_regclass('pg_temp.mine') IS NULL")).isEqualTo("t");
        }
    }

    @Test
    void nextClientWithAnotherStartupPacket_getsAConnectionOfItsOwn() {
        String first;
        try (RawClient one = login(proxy.port(), "work_mem", "7MB")) {
            first = one.value(PID);
        }
        try (RawClient two = login(proxy.port(), "lock_timeout", "5s")) {
            assertThat(two.value(PID)).isNotEqualTo(first);
            assertThat(two.value("SHOW work_mem")).isEqualTo("4MB");
            assertThat(two.value("SHOW lock_timeout")).isEqualTo("5s");
            assertThat(two.value("SELECT count(*) FROM pg_stat_activity WHERE pid = " + first))
                    .isEqualTo("0");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-c no_such_parameter=1",
                "-c work_mem=lots",
                "-c shared_buffers=1MB",
                "-c client_encoding=klingon",
                "-c user=postgres",
                "-c replication=true",
                "-c database=postgres"
            })
    void startupParameterThatTheServerRefuses_isRefusedInItsWords(String options) {
        Map<Character, String> direct = refusal(TestPostgres.get().port(), options);
        assertThat(refusal(proxy.port(), options))
                .containsEntry('S', "FATAL")
                .containsEntry('C', direct.get('C'))
                .containsEntry('M', direct.get('M'));
        try (RawClient client = login(proxy.port())) {
            assertThat(client.value("SELECT 1")).isEqualTo("1");
        }
    }

    private Map<Character, String> refusal(int port, String options) {
        try (RawClient client = RawClient.connect(port)) {
            return error(client.login(startup(database, "options", options), TestPostgres.PASSWORD))
                    .fields();
        }
    }

    @Test
    void loginWithoutAFreeConnection_waitsUntilOneComesBack() throws Exception {
        try (RawClient holder = login(proxy.port());
                RawClient waiting = RawClient.connect(proxy.port())) {
            Thread login = Thread.ofVirtual().start(() -> waiting.login(startup(database), TestPostgres.PASSWORD));
            Stage.await("a login that waits", () -> proxy.console("SHOW POOLS").stream()
                    .anyMatch(row -> database.equals(row.get("database")) && !"0".equals(row.get("maxwait_us"))));
            String first = holder.value(PID);
            holder.send(Frames.terminate());
            login.join();
            assertThat(waiting.value(PID)).isEqualTo(first);
        }
    }

    @Test
    void loginThatWaitsInVain_isRefused() {
        String own = TestPostgres.get().createDatabase("sessionwait");
        try (TestProxy full = TestProxy.before(TestPostgres.get(), own)
                        .database(own, "pool_mode: session, pool_size: 1, query_wait_timeout: 200ms")
                        .start();
                RawClient holder = full.rawClient(own);
                RawClient late = full.rawClient()) {
            assertThat(error(late.login(startup(own), TestPostgres.PASSWORD)).fields())
                    .containsEntry('S', "FATAL")
                    .containsEntry('C', "53300");
            assertThat(late.readToEnd()).isEmpty();
            assertThat(holder.value("SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void loginWithoutALeader_isRefusedAfterFailoverHold() {
        try (TestProxy leaderless = TestProxy.before(
                                "{ leader: \"127.0.0.1:1\", failover_hold: 300ms, check_user: app }")
                        .database("nowhere", "pool_mode: session")
                        .start();
                RawClient client = leaderless.rawClient()) {
            assertThat(error(client.login(startup("nowhere"), TestPostgres.PASSWORD))
                            .fields())
                    .containsEntry('S', "FATAL")
                    .containsEntry('C', "57P03")
                    .containsEntry('M', "no leader is available");
        }
    }

    @Test
    void notification_comesWhileTheClientIsIdle() throws Exception {
        try (RawClient client = login(proxy.port())) {
            client.query("LISTEN news");
            TestPostgres.get().execute(database, "NOTIFY news, 'hello'");
            Message notification = client.read();
            assertThat(notification.type()).isEqualTo('A');
            assertThat(new String(notification.body(), UTF_8)).contains("news\0hello");
            assertThat(client.value("SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void endOfTheServersSession_isToldInTheServersWords() {
        Map<Character, String> direct = lastWords(TestPostgres.get().port());
        assertThat(lastWords(proxy.port())).isEqualTo(direct).containsEntry('C', "57P01");
    }

    private Map<Character, String> lastWords(int port) {
        try (RawClient client = login(port)) {
            TestPostgres.get().execute(database, "SELECT pg_terminate_backend(" + client.pid() + ")");
            List<Message> last = client.readToEnd();
            assertThat(Message.types(last)).isEqualTo("E");
            return error(last).fields();
        }
    }

    @Test
    void cancelRequest_endsTheQueryOfTheSessionWithThatProcessId() throws Exception {
        try (RawClient client = login(proxy.port())) {
            client.send(Frames.query("SELECT pg_sleep(60)"));
            Stage.await("a running query", () -> TestPostgres.get()
                    .column(database, "SELECT state FROM pg_stat_activity WHERE pid = " + client.pid())
                    .contains("active"));
            client.cancel();
            assertThat(error(client.readToReady()).fields()).containsEntry('C', "57014");
            assertThat(client.value(PID)).isEqualTo(String.valueOf(client.pid()));
        }
    }

    @Test
    void console_showsAClientThatKeepsItsConnectionAsIdleBetweenItsTransactions() throws Exception {
        try (RawClient client = login(proxy.port())) {
            assertThat(row("SHOW CLIENTS")).containsEntry("state", "idle");
            assertThat(row("SHOW SERVERS"))
                    .containsEntry("state", "active")
                    .containsEntry("remote_pid", String.valueOf(client.pid()));
            assertThat(row("SHOW CLIENTS").get("link")).isNotEmpty();
            client.query("BEGIN");
            assertThat(row("SHOW CLIENTS")).containsEntry("state", "active");
            client.query("COMMIT");
            assertThat(row("SHOW CLIENTS")).containsEntry("state", "idle");
        }
    }

    private Map<String, String> row(String command) {
        List<Map<String, String>> rows = proxy.console(command).stream()
                .filter(row -> database.equals(row.get("database")))
                .toList();
        assertThat(rows).hasSize(1);
        return rows.getFirst();
    }

    @Test
    void clientThatDiesInATransaction_costsARollback() {
        String first;
        try (RawClient one = login(proxy.port())) {
            first = one.value(PID);
            one.query("CREATE TABLE IF NOT EXISTS left_open (id int)");
            one.query("BEGIN; INSERT INTO left_open VALUES (1)");
            one.reset();
        }
        try (RawClient two = login(proxy.port())) {
            assertThat(two.value(PID)).isEqualTo(first);
            assertThat(two.value("SELECT count(*) FROM left_open")).isEqualTo("0");
        }
    }

    @Test
    void clientThatDiesInTheMiddleOfAMessage_costsTheConnection() {
        String first;
        try (RawClient one = login(proxy.port())) {
            first = one.value(PID);
            byte[] query = Frames.query("SELECT 'never to its end'");
            one.send(Arrays.copyOf(query, query.length - 5));
            assertThat(first).isNotEmpty();
            one.reset();
        }
        try (RawClient two = login(proxy.port())) {
            assertThat(two.value("SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void connectionThatDoesNotComeClean_isNotLentAgain() {
        String own = TestPostgres.get().createDatabase("unclean");
        try (TestProxy unclean = TestProxy.before(TestPostgres.get(), own)
                .database(own, "pool_mode: session, pool_size: 1")
                .global("server_reset_query: SELECT 1/0")
                .start()) {
            String first;
            try (RawClient one = unclean.rawClient(own)) {
                first = one.value(PID);
            }
            try (RawClient two = unclean.rawClient(own)) {
                assertThat(two.value(PID)).isNotEqualTo(first);
            }
        }
    }

    @Test
    void clientsOfTransactionModeOnTheSamePool_neverSeeTheStartOfASession() {
        String own = TestPostgres.get().createDatabase("mixed");
        try (TestProxy mixed = TestProxy.before(TestPostgres.get(), own)
                .database(own, "user: app, pool_size: 1")
                .user("keeper", "app")
                .global("users: { keeper: { pool_mode: session } }")
                .start()) {
            Map<String, String> keeper = startup(own, "work_mem", "6MB");
            keeper.put("user", "keeper");
            for (int round = 0; round < 3; round++) {
                try (RawClient keeping = mixed.rawClient()) {
                    keeping.login(keeper, "app");
                    assertThat(keeping.value("SHOW work_mem")).isEqualTo("6MB");
                }
                try (RawClient sharing = mixed.rawClient(own)) {
                    sharing.query("RESET work_mem");
                    assertThat(sharing.value("SHOW work_mem")).isEqualTo("4MB");
                }
            }
        }
    }
}
