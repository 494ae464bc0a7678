package dev.trunkline.server.replication;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.InstalledPostgres;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import dev.trunkline.server.testing.Until;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Replication connections byte by byte: who comes in, what is passed on, and how they end. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ReplicationSessionTest {
    private static InstalledPostgres leader;

    @BeforeAll
    static void start() throws Exception {
        leader = InstalledPostgres.leader("max_wal_senders = 4");
    }

    @AfterAll
    static void stop() throws Exception {
        leader.close();
    }

    private static TestProxy.Builder proxy() {
        return TestProxy.before("{ leader: \"127.0.0.1:" + leader.port() + "\" }")
                .database("postgres", "")
                .user(InstalledPostgres.REPLICATOR, InstalledPostgres.REPLICATOR);
    }

    private static RawClient client(TestProxy proxy, String replication, String name) {
        RawClient client = proxy.rawClient();
        List<Message> said = login(client, InstalledPostgres.REPLICATOR, replication, name);
        assertThat(said.getLast().type()).as(said.toString()).isEqualTo('Z');
        return client;
    }

    private static List<Message> login(RawClient client, String user, String replication, String name) {
        return client.login(
                Map.of(
                        "user", user,
                        "database", "postgres",
                        "replication", replication,
                        "application_name", name),
                user);
    }

    private static Map<Character, String> refusal(TestProxy proxy, String user, String replication) {
        try (RawClient client = proxy.rawClient()) {
            return Message.error(login(client, user, replication, "refused")).fields();
        }
    }

    private static void awaitWalSenders(String name, int count) throws InterruptedException {
        Until.holds(count + " of " + name, () -> leader.value(
                        "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'walsender' AND application_name = '"
                                + name + "'")
                .equals(String.valueOf(count)));
    }

    @Test
    void login_tellsTheServersParametersAndTakesTheClients() {
        try (TestProxy proxy = proxy().global("ignore_startup_parameters: [ work_mem, replication, search_path ]")
                        .start();
                RawClient client = proxy.rawClient()) {
            List<Message> said = client.login(
                    Map.of(
                            "user", InstalledPostgres.REPLICATOR,
                            "database", "postgres",
                            "replication", "database",
                            "options", "-c DateStyle=German -c work_mem=123kB",
                            "TimeZone", "Asia/Tokyo",
                            "search_path", "nowhere"),
                    InstalledPostgres.REPLICATOR);
            assertThat(said)
                    .extracting(Message::text)
                    .contains("in_hot_standby\0off", "DateStyle\0German, DMY", "TimeZone\0Asia/Tokyo");
            assertThat(client.value("SHOW work_mem")).isEqualTo("123kB");
            assertThat(client.value("SHOW search_path")).isEqualTo("\"$user\", public");
            assertThat(client.value("SELECT backend_type FROM pg_stat_activity WHERE pid = pg_backend_pid()"))
                    .isEqualTo("walsender");
        }
    }

    @Test
    void physicalConnection_needsNoDatabaseWhereThereIsOneCluster() {
        try (TestProxy proxy = proxy().start();
                RawClient client = proxy.rawClient()) {
            client.login(
                    Map.of("user", InstalledPostgres.REPLICATOR, "database", "replication", "replication", "YES"),
                    InstalledPostgres.REPLICATOR);
            assertThat(Message.types(client.query("IDENTIFY_SYSTEM"))).isEqualTo("TDCZ");
        }
    }

    @Test
    void falseValue_isAnOrdinaryConnection() {
        try (TestProxy proxy = proxy().start();
                RawClient client = proxy.rawClient()) {
            login(client, TestPostgres.USER, "off", "ordinary");
            assertThat(client.value("SELECT backend_type FROM pg_stat_activity WHERE pid = pg_backend_pid()"))
                    .isEqualTo("client backend");
            assertThat(proxy.console("SHOW CLIENTS")).anySatisfy(row -> assertThat(row)
                    .containsEntry("application_name", "ordinary")
                    .containsEntry("replication", "none"));
        }
    }

    @Test
    void wrongValue_isRefusedInTheServersWords() {
        try (TestProxy proxy = proxy().start()) {
            assertThat(refusal(proxy, InstalledPostgres.REPLICATOR, "maybe"))
                    .containsEntry('S', "FATAL")
                    .containsEntry('C', "22023")
                    .containsEntry('M', "invalid value for parameter \"replication\": \"maybe\"")
                    .containsEntry('H', "Valid values are: \"false\", 0, \"true\", 1, \"database\".");
        }
    }

    @Test
    void userWithoutTheRight_isRefusedByTheServer() {
        try (TestProxy proxy = proxy().start();
                RawClient direct = RawClient.connect(leader.port())) {
            Map<Character, String> own = Message.error(login(direct, TestPostgres.USER, "true", "refused"))
                    .fields();
            assertThat(own).containsEntry('S', "FATAL").containsEntry('C', "42501");
            assertThat(refusal(proxy, TestPostgres.USER, "true")).isEqualTo(own);
        }
    }

    @Test
    void moreThanTheServerTakes_areRefusedByTheServer() {
        try (TestProxy proxy = proxy().start();
                RawClient _ = client(proxy, "true", "one");
                RawClient _ = client(proxy, "true", "two");
                RawClient _ = client(proxy, "true", "three");
                RawClient _ = client(proxy, "true", "four")) {
            assertThat(refusal(proxy, InstalledPostgres.REPLICATOR, "true"))
                    .containsEntry('S', "FATAL")
                    .containsEntry('C', "53300");
        }
    }

    @Test
    void moreThanTheProxyTakes_areRefusedUntilOneHasLeft() throws Exception {
        try (TestProxy proxy = proxy().global("max_replication_connections: 1").start()) {
            RawClient first = client(proxy, "true", "first");
            assertThat(refusal(proxy, InstalledPostgres.REPLICATOR, "database"))
                    .containsEntry('C', "53300")
                    .containsEntry(
                            'M',
                            "number of requested replication connections exceeds max_replication_connections"
                                    + " (currently 1)");
            first.close();
            Until.holds("room for another", () -> {
                try (RawClient next = proxy.rawClient()) {
                    return login(next, InstalledPostgres.REPLICATOR, "true", "next")
                                    .getLast()
                                    .type()
                            == 'Z';
                }
            });
        }
    }

    @Test
    void limitOfNone_refusesAll() {
        try (TestProxy proxy = proxy().global("max_replication_connections: 0").start()) {
            assertThat(refusal(proxy, InstalledPostgres.REPLICATOR, "true"))
                    .containsEntry('C', "0A000")
                    .containsEntry('H', "max_replication_connections is 0.");
        }
    }

    @Test
    void databaseThatIsNotConfigured_isRefused() {
        try (TestProxy proxy = TestProxy.before("{ leader: \"127.0.0.1:" + leader.port() + "\" }")
                .database("other", "")
                .user(InstalledPostgres.REPLICATOR, InstalledPostgres.REPLICATOR)
                .start()) {
            assertThat(refusal(proxy, InstalledPostgres.REPLICATOR, "database"))
                    .containsEntry('C', "3D000")
                    .containsEntry('M', "database \"postgres\" does not exist");
        }
    }

    @Test
    void noLeader_isToldAfterTheHold() {
        String nobody = "{ sql: [ \"127.0.0.1:1\" ], check_user: rep, failover_hold: 300ms }";
        try (TestProxy proxy = TestProxy.before(nobody)
                .database("postgres", "")
                .user(InstalledPostgres.REPLICATOR, InstalledPostgres.REPLICATOR)
                .start()) {
            long start = System.nanoTime();
            assertThat(refusal(proxy, InstalledPostgres.REPLICATOR, "true"))
                    .containsEntry('S', "FATAL")
                    .containsEntry('C', "57P03")
                    .containsEntry('M', "no leader is available");
            assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(290));
        }
    }

    @Test
    void cancel_stopsTheQueryOfThisConnection() throws Exception {
        try (TestProxy proxy = proxy().start();
                RawClient client = client(proxy, "database", "cancelled")) {
            client.send(Frames.query("SELECT pg_sleep(50)"));
            Until.holds("the query", () -> leader.value("SELECT count(*) FROM pg_stat_activity"
                            + " WHERE application_name = 'cancelled' AND state = 'active'")
                    .equals("1"));
            client.cancel();
            assertThat(Message.error(client.readToReady()).fields()).containsEntry('C', "57014");
            assertThat(client.value("SELECT 'alive'")).isEqualTo("alive");
        }
    }

    @Test
    void console_showsBothEnds() {
        try (TestProxy proxy = proxy().start();
                RawClient _ = client(proxy, "database", "shown")) {
            Map<String, String> seen = named(proxy.console("SHOW CLIENTS"), "shown");
            Map<String, String> server = named(proxy.console("SHOW SERVERS"), "shown");
            assertThat(seen).containsEntry("replication", "logical").containsEntry("state", "active");
            assertThat(server)
                    .containsEntry("replication", "logical")
                    .containsEntry("port", String.valueOf(leader.port()))
                    .containsEntry("link", seen.get("ptr"));
            assertThat(server.get("remote_pid")).isNotEqualTo("0");
        }
    }

    private static Map<String, String> named(List<Map<String, String>> rows, String application) {
        return rows.stream()
                .filter(row -> application.equals(row.get("application_name")))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @EnumSource
    void clientThatDiesInAStream_endsTheServersSide(Death death) throws Exception {
        try (TestProxy proxy = proxy().start()) {
            RawClient client = client(proxy, "true", "dying");
            startStream(client);
            awaitWalSenders("dying", 1);
            death.of(client);
            awaitWalSenders("dying", 0);
            Until.holds("nobody left", () -> proxy.console("SHOW SERVERS").isEmpty());
        }
    }

    /** How a client that says nothing more leaves its connection. */
    enum Death {
        RESET,
        CLOSE;

        void of(RawClient client) {
            if (this == RESET) {
                client.reset();
            } else {
                client.close();
            }
        }
    }

    @Test
    void receiverThatDiesWithoutReading_endsTheServersSide() throws Exception {
        createLargeTable();
        try (TestProxy proxy = proxy().start()) {
            RawClient client = client(proxy, "true", "stuck");
            client.send(Frames.query("BASE_BACKUP ( CHECKPOINT 'fast', WAL false )"));
            awaitStandstill();
            client.reset();
            awaitWalSenders("stuck", 0);
        }
    }

    private static void createLargeTable() {
        leader.run(
                "CREATE TABLE IF NOT EXISTS large AS SELECT i, repeat(md5(i::text), 30) FROM generate_series(1, 100000) i");
    }

    @Test
    void clientThatSendsNoMore_stillHearsTheServersEnd() throws Exception {
        try (TestProxy proxy = proxy().start();
                RawClient client = client(proxy, "database", "half closed")) {
            client.send(Frames.query("SELECT pg_sleep(0.5)"), Frames.query("SELECT 'last'"));
            client.socket().shutdownOutput();
            assertThat(Message.firstColumns(client.readToEnd())).contains("last");
            awaitWalSenders("half closed", 0);
        }
    }

    private static void startStream(RawClient client) {
        client.send(Frames.query("START_REPLICATION " + position(client)));
        assertThat(client.read().type()).isEqualTo('W');
    }

    private static String position(RawClient client) {
        return client.query("IDENTIFY_SYSTEM").stream()
                .filter(message -> message.type() == 'D')
                .map(message -> message.columns().get(2))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void serverThatEndsTheStream_isHeardToTheLastWord() throws Exception {
        try (TestProxy proxy = proxy().start();
                RawClient client = client(proxy, "true", "ended")) {
            startStream(client);
            awaitWalSenders("ended", 1);
            leader.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ended'");
            assertThat(Message.error(client.readToEnd()).fields()).containsEntry('C', "57P01");
        }
    }

    @Test
    void proxyThatStops_tellsTheStreamAndEndsIt() throws Exception {
        TestProxy proxy = proxy().global("shutdown_timeout: 20s").start();
        try (RawClient client = client(proxy, "true", "drained")) {
            startStream(client);
            CompletableFuture<Void> closed = CompletableFuture.runAsync(proxy::close);
            assertThat(Message.error(client.readToEnd()).fields()).containsEntry('C', "57P01");
            closed.get(10, TimeUnit.SECONDS);
            awaitWalSenders("drained", 0);
        }
    }

    /** Hazard D12's kin: what a receiver does not read must wait on the server and not in the proxy. */
    @Test
    void receiverThatDoesNotRead_holdsTheSenderBack() throws Exception {
        createLargeTable();
        try (TestProxy proxy = proxy().start();
                RawClient client = client(proxy, "true", "slow")) {
            long before = PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
            client.send(Frames.query("BASE_BACKUP ( CHECKPOINT 'fast', WAL false )"));
            long stuck = awaitStandstill();
            assertThat(stuck).isLessThan(60L << 20);
            assertThat(PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory() - before)
                    .isLessThan(24L << 20);
            long bytes = 0;
            Message message;
            do {
                message = client.read();
                bytes += message.body().length;
            } while (message.type() != 'Z');
            assertThat(bytes).isGreaterThan(110L << 20);
        }
    }

    /** How far the backup has come when it does not come any further. */
    private static long awaitStandstill() throws InterruptedException {
        long[] last = {0, System.nanoTime()};
        Until.holds("a backup that waits for its receiver", () -> {
            long streamed = Long.parseLong(
                    leader.value("SELECT coalesce(max(backup_streamed), 0) FROM pg_stat_progress_basebackup"));
            if (streamed != last[0]) {
                last[0] = streamed;
                last[1] = System.nanoTime();
            }
            return streamed > 0 && System.nanoTime() - last[1] > TimeUnit.SECONDS.toNanos(1);
        });
        return last[0];
    }
}
