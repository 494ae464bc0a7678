package dev.trunkline.server.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The connection that listens: how many there are, whom they serve, and what happens when they are lost or cannot be had. */
class ListenerConnectionTest {
    private static final TestPostgres POSTGRES = TestPostgres.get();
    private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final String database = POSTGRES.createDatabase("listener_connection");

    private TestProxy.Builder before(String settings) {
        return TestProxy.before(POSTGRES, database).database(database, "listen: shared" + settings);
    }

    private List<String> listeningPids() {
        return POSTGRES.column(
                "postgres",
                "SELECT pid FROM pg_stat_activity WHERE application_name = 'trunkline listener' AND datname = '%s'"
                        .formatted(database));
    }

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        long start = System.nanoTime();
        while (!condition.call()) {
            if (System.nanoTime() - start > DEADLINE_NANOS) {
                throw new AssertionError("never came: " + what);
            }
            new CountDownLatch(1).await(10, TimeUnit.MILLISECONDS);
        }
    }

    private void killListener() {
        assertThat(POSTGRES.column(
                        "postgres",
                        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                                + " WHERE application_name = 'trunkline listener' AND datname = '%s'"
                                        .formatted(database)))
                .containsExactly("t");
    }

    private static Map<String, String> row(TestProxy proxy, String channel) {
        return proxy.console("SHOW LISTENERS").stream()
                .filter(row -> channel.equals(row.get("channel")))
                .findFirst()
                .orElse(Map.of());
    }

    @Test
    void fiftyListeners_onAPoolOfOne_listenAtTheSameTime() {
        try (TestProxy proxy = before(", pool_size: 1").start()) {
            List<Listener> listeners = java.util.stream.IntStream.range(0, 50)
                    .mapToObj(_ -> Listener.of(proxy, database))
                    .toList();
            listeners.forEach(listener -> listener.run("LISTEN news"));
            try (Listener notifier = Listener.of(proxy, database)) {
                notifier.run("NOTIFY news, 'hi'");
            }
            listeners.forEach(listener -> assertThat(listener.note()).hasToString("news:hi"));
            assertThat(listeningPids()).hasSize(1);
            assertThat(row(proxy, "news"))
                    .containsEntry("clients", "50")
                    .containsEntry("notifications", "50")
                    .containsEntry("state", "listening");
            listeners.forEach(Listener::close);
        }
    }

    // Hazard R13
    @Test
    void clientsThatDie_leaveNothingBehind() throws Exception {
        try (TestProxy proxy = before("").start();
                Listener other = Listener.of(proxy, database)) {
            other.run("LISTEN news");
            for (int i = 0; i < 20; i++) {
                try (Listener listener = Listener.of(proxy, database)) {
                    listener.run("LISTEN news", "BEGIN", "LISTEN more");
                    other.run("NOTIFY news");
                    if (i % 2 == 0) {
                        listener.raw().reset();
                    }
                }
            }
            await("one client is left", () -> "1".equals(row(proxy, "news").get("clients")));
            assertThat(row(proxy, "more")).containsEntry("clients", "0");
        }
    }

    @Test
    void thousandChannels_eachItsOwn() {
        try (TestProxy proxy = before("").start();
                Listener one = Listener.of(proxy, database);
                Listener two = Listener.of(proxy, database)) {
            for (int i = 0; i < 1000; i++) {
                (i % 2 == 0 ? one : two).run("LISTEN \"channel " + i + "\"");
            }
            one.run("DO $$ BEGIN FOR i IN 0..999 LOOP PERFORM pg_notify('channel ' || i, ''); END LOOP; END $$");
            for (int i = 0; i < 1000; i += 2) {
                assertThat(one.note()).hasToString("channel " + i + ":");
                assertThat(two.note()).hasToString("channel " + (i + 1) + ":");
            }
            killListener();
            one.run("LISTEN again");
            two.run("NOTIFY \"channel 998\"");
            assertThat(one.note()).as("all are listened to again").hasToString("channel 998:");
        }
    }

    @Test
    void databasesAndUsers_areApart() {
        String second = POSTGRES.createDatabase("listener_connection");
        POSTGRES.execute("postgres", "CREATE ROLE listener_two LOGIN PASSWORD 'two'");
        try (TestProxy proxy = before("")
                        .database(second, "listen: shared")
                        .user("listener_two", "two")
                        .start();
                Listener one = Listener.of(proxy, database);
                Listener elsewhere = Listener.of(proxy, second);
                RawClient raw = proxy.rawClient()) {
            raw.login(Map.of("user", "listener_two", "database", database, "client_encoding", "UTF8"), "two");
            Listener two = new Listener(raw);
            List.of(one, elsewhere, two).forEach(listener -> listener.run("LISTEN news"));

            elsewhere.run("NOTIFY news, 'elsewhere'");
            two.run("NOTIFY news, 'here'");

            assertThat(one.note()).hasToString("news:here");
            assertThat(two.note()).hasToString("news:here");
            assertThat(elsewhere.note()).hasToString("news:elsewhere");
            assertThat(proxy.console("SHOW LISTENERS")).hasSize(3);
        }
    }

    @Test
    void lostConnection_comesBackAndTellsOfTheGap() {
        try (TestProxy proxy = before(", listen_gap_notice: true").start();
                Listener listener = Listener.of(proxy, database);
                Listener inTransaction = Listener.of(proxy, database);
                Listener indifferent = Listener.of(proxy, database)) {
            listener.run("LISTEN news");
            inTransaction.run("LISTEN news", "BEGIN");
            killListener();

            assertThat(listener.notice())
                    .containsEntry('S', "WARNING")
                    .containsEntry('C', "01000")
                    .containsEntry('M', "notifications may have been lost");
            assertThat(Message.types(inTransaction.raw().query("SELECT 1")))
                    .as("not inside of a transaction")
                    .isEqualTo("TDCZ");
            inTransaction.run("COMMIT");
            assertThat(inTransaction.notice()).containsKey('D');
            indifferent.run("NOTIFY news, 'again'");
            assertThat(listener.note()).hasToString("news:again");
            assertThat(inTransaction.note()).hasToString("news:again");
        }
    }

    /** A custom setting, in its startup packet or by SET, which the proxy's own pooling carries from connection to connection. */
    @Test
    void lostConnection_tellsThoseWhoseSessionHasAskedForIt() {
        try (TestProxy proxy = before(", pool_size: 1").start();
                RawClient raw = proxy.rawClient();
                Listener bySet = Listener.of(proxy, database);
                Listener not = Listener.of(proxy, database)) {
            raw.login(
                    Map.of(
                            "user",
                            TestPostgres.USER,
                            "database",
                            database,
                            "client_encoding",
                            "UTF8",
                            "options",
                            "-c trunkline.listen_gap_notice=on"),
                    TestPostgres.PASSWORD);
            Listener byPacket = new Listener(raw);
            bySet.run("SET trunkline.listen_gap_notice = on");
            not.run("SET trunkline.listen_gap_notice = on", "RESET trunkline.listen_gap_notice");
            List.of(byPacket, bySet, not).forEach(listener -> listener.run("LISTEN news"));

            killListener();

            assertThat(bySet.notice()).containsEntry('M', "notifications may have been lost");
            assertThat(byPacket.notice()).containsEntry('M', "notifications may have been lost");
            not.run("LISTEN other", "NOTIFY news");
            List.of(byPacket, bySet, not)
                    .forEach(listener -> assertThat(listener.note()).hasToString("news:"));
        }
    }

    @Test
    void lostConnection_clientsThatDidNotAskAreNotTold() {
        try (TestProxy proxy = before("").start();
                Listener listener = Listener.of(proxy, database)) {
            listener.run("LISTEN news");
            killListener();
            listener.run("LISTEN other", "NOTIFY news");
            assertThat(listener.note()).hasToString("news:");
        }
    }

    @Test
    void connectionThatCannotBeOpened_listenFailsLikeATransactionThatWaits() {
        POSTGRES.execute("postgres", "CREATE ROLE listener_few LOGIN CONNECTION LIMIT 1 PASSWORD 'few'");
        try (TestProxy proxy = before("")
                        .user("listener_few", "few")
                        .global("query_wait_timeout: 500ms")
                        .start();
                RawClient raw = proxy.rawClient()) {
            raw.login(Map.of("user", "listener_few", "database", database, "client_encoding", "UTF8"), "few");
            Listener listener = new Listener(raw);
            List<Message> refused = listener.query("LISTEN news");
            assertThat(Message.types(refused)).isEqualTo("EZ");
            assertThat(refused.getFirst().fields()).containsEntry('S', "ERROR").containsEntry('C', "53300");

            raw.send(Frames.extended("LISTEN news"));
            assertThat(Message.types(listener.answer()))
                    .as("ignored up to Sync")
                    .isEqualTo("EZ");
            assertThat(Message.firstColumns(listener.query("SELECT 1"))).containsExactly("1");

            listener.run("BEGIN");
            raw.send(Frames.query("LISTEN news"));
            assertThat(Message.error(raw.readToEnd()).fields())
                    .containsEntry('S', "FATAL")
                    .containsEntry('C', "53300");
        }
    }

    @Test
    void cancelOfAListenThatWaits_isAnsweredAtOnce() throws Exception {
        POSTGRES.execute("postgres", "CREATE ROLE listener_one LOGIN CONNECTION LIMIT 1 PASSWORD 'one'");
        try (TestProxy proxy = before("").user("listener_one", "one").start();
                RawClient raw = proxy.rawClient()) {
            raw.login(Map.of("user", "listener_one", "database", database, "client_encoding", "UTF8"), "one");
            raw.query("SELECT 1");
            raw.send(Frames.query("LISTEN news"));
            await("it waits", () -> proxy.console("SHOW CLIENTS").stream()
                    .anyMatch(row -> "waiting".equals(row.get("state"))));
            raw.cancel();
            List<Message> answer = raw.readToReady();
            assertThat(Message.error(answer).fields()).containsEntry('C', "57014");
            assertThat(Message.firstColumns(raw.query("SELECT 2"))).containsExactly("2");
        }
    }
}
