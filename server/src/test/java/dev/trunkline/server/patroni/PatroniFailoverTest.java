package dev.trunkline.server.patroni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.postgresql.util.PSQLWarning;

/**
 * Trunkline before a real Patroni cluster, while clients write and read without a pause. Nothing is restarted between the
 * tests: the same proxy and the same clients see one event after the other. The crash comes last, because the crashed node
 * needs the longest to come back.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(value = 150, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PatroniFailoverTest {
    private static final String READ_ONLY = "25006";
    /** A second client's login must not take longer than what a driver waits for, and here far less. */
    private static final Duration LOGIN = Duration.ofSeconds(1);

    /** So that the identifiers of its rows are nobody else's. */
    private static final int FIRST_LONG = 100;

    private static Drill drill;

    @BeforeAll
    static void start() throws Exception {
        drill = Drill.start();
    }

    @AfterAll
    static void stop() throws Exception {
        if (drill != null) {
            drill.end();
        }
    }

    @BeforeEach
    void heal() throws Exception {
        drill.awaitHealth();
    }

    // Hazard R17
    @Test
    @Order(1)
    void restApiGone_theProvenLeaderIsKeptAndNobodyNotices() throws Exception {
        PatroniNode leader = drill.cluster().leader();
        long since = System.nanoTime();
        drill.cluster().stopRest();
        drill.runOn(Duration.ofSeconds(7));
        drill.cluster().resumeRest();
        drill.runOn(Duration.ofSeconds(2));

        report("REST stopped", drill.outage(since, leader, 0));
        assertThat(drill.writers().failures(since)).isEmpty();
        assertThat(drill.readers().failures(since)).isEmpty();
        assertThat(drill.writers().done(since)).allMatch(write -> write.place().port() == leader.postgresPort());
        assertThat(drill.readers().done(since)).noneMatch(read -> read.place().port() == leader.postgresPort());
        assertThat(drill.outage(since, leader, 0).pause()).isLessThan(1);
        assertNothingLost(leader, since);
    }

    // Hazard R4
    @Test
    @Order(2)
    void switchover_writesFollowTheLeaderAndNoneIsLost() throws Exception {
        long since = System.nanoTime();
        PatroniNode old = drill.cluster().switchover();
        PatroniNode leader = drill.awaitMove(old, since);

        report("switchover", drill.outage(since, leader, 0));
        assertMoved(leader, since);
        assertNothingLost(leader, since);
        assertThat(drill.outage(since, leader, 0).pause()).isLessThan(10);
    }

    @Test
    @Order(3)
    void switchoverByConsole_nothingFails() throws Exception {
        PatroniNode old = drill.cluster().leader();
        AtomicBoolean enough = new AtomicBoolean();
        try (Connection pinned = pinned();
                RawClient passedThrough = drill.tcpClient();
                RawClient client = drill.rawClient();
                ExecutorService other = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<String> pipeline = other.submit(() -> pipeline(client, enough));
            long since = System.nanoTime();
            SQLWarning done = drill.notice("SWITCHOVER");
            assertThat(done.getMessage()).startsWith("switched over from " + old.name() + " to ");
            assertThat(hint(done) == null)
                    .as("whether a checkpoint was made")
                    .isEqualTo(drill.cluster().mayCheckpoint(drill.cluster().leader(), true));
            PatroniNode leader = drill.awaitMove(old, since);

            report("by console", drill.outage(since, leader, 0));
            assertThat(drill.writers().failures(since)).isEmpty();
            assertThat(drill.readers().failures(since)).isEmpty();
            assertMoved(leader, since);
            assertNothingLost(leader, since);
            assertThat(drill.outage(since, leader, 0).pause()).isLessThan(10);
            enough.set(true);
            assertThat(pipeline.get())
                    .as("the answers to a client that was never without a query")
                    .matches("(12TDCZ)+");
            assertThat(passedThrough.readToEnd())
                    .as("what a client whose bytes pass through was told, by its server if by anybody")
                    .hasSizeLessThanOrEqualTo(1);
            try (RawClient again = drill.tcpClient()) {
                assertThat(again.value("SELECT inet_server_port()")).isEqualTo(String.valueOf(leader.postgresPort()));
            }
            assertThatThrownBy(() -> select(pinned))
                    .as("a client that has kept its connection, which leads to the old leader")
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isIn("57P01", "08006"));
        }
    }

    @Test
    @Order(4)
    void switchoverByConsole_aLongTransactionThatDoesNotEnd_isGivenUpAndOthersNeverNotice() throws Exception {
        PatroniNode old = drill.cluster().leader();
        try (Connection running = Load.connect(drill.url())) {
            running.setAutoCommit(false);
            select(running);
            Await.elapse(Duration.ofMillis(150)); // From then on it is a long one.
            long since = System.nanoTime();

            assertThatThrownBy(() -> drill.console("SWITCHOVER"))
                    .hasMessageContaining("running transactions did not end in time")
                    .hasMessageContaining(
                            "1 clients still had one after 2000 ms. Nothing was changed, and only clients of long transactions have waited.");

            select(running);
            running.commit();
            select(running);
            running.commit();
            drill.runOn(Duration.ofSeconds(1));
            assertThat(drill.cluster().leader()).isSameAs(old);
            assertThat(drill.writers().failures(since)).isEmpty();
            assertThat(drill.writers().done(since))
                    .as("acknowledged while the long one was waited for")
                    .anyMatch(write ->
                            write.begunNanos() - since > 800_000_000L && write.endedNanos() - since < 1_800_000_000L);
        }
    }

    /** There is always one that runs, and never one that runs for long, until nothing new begins. */
    @Test
    @Order(5)
    void switchoverByConsole_aNewTransactionThatDoesNotEnd_isGivenUpAndAllGoesOn() throws Exception {
        PatroniNode old = drill.cluster().leader();
        try (TurnTakers running = new TurnTakers();
                Connection pinned = pinned();
                ExecutorService other = Executors.newVirtualThreadPerTaskExecutor()) {
            long since = System.nanoTime();
            Future<String> switchover = other.submit(() -> drill.console("SWITCHOVER"));
            Await.until(Duration.ofSeconds(5), this::isHeld, () -> "the hold");
            long heldAt = System.nanoTime();
            Future<Long> held = other.submit(() -> {
                select(pinned);
                return System.nanoTime();
            });
            Future<Long> heldConnection = other.submit(() -> {
                drill.tcpClient().close();
                return System.nanoTime();
            });

            assertThatThrownBy(switchover::get)
                    .hasMessageContaining("running transactions did not end in time")
                    .hasMessageContaining(
                            "1 clients still had one after 2000 ms. Nothing was changed, and new transactions go on.");
            long givenUp = System.nanoTime();
            running.end();
            assertThat(held.get() - heldAt)
                    .as("a client that keeps its connection waited as long as the others")
                    .isGreaterThan(Duration.ofMillis(1500).toNanos());
            assertThat(heldConnection.get() - heldAt)
                    .as("a new connection whose bytes pass through waited too")
                    .isGreaterThan(Duration.ofMillis(1500).toNanos());
            drill.runOn(Duration.ofSeconds(1));
            assertThat(drill.cluster().leader()).isSameAs(old);
            assertThat(drill.writers().failures(since)).isEmpty();
            assertThat(drill.writers().done(since))
                    .as("acknowledged while new transactions were held")
                    .noneMatch(write ->
                            write.endedNanos() - heldAt > 200_000_000L && write.endedNanos() - heldAt < 1_500_000_000L);
            assertThat(drill.writers().done(givenUp)).isNotEmpty();
            assertThat(isHeld()).isFalse();
        }
    }

    /** Clients of which each begins its transaction before the one in front of it ends its own; so one runs while new ones are held. */
    private static final class TurnTakers implements AutoCloseable {
        private final ExecutorService thread = Executors.newSingleThreadExecutor();
        private final AtomicBoolean enough = new AtomicBoolean();
        private final AtomicReference<@Nullable Connection> running = new AtomicReference<>();

        TurnTakers() {
            thread.execute(this::takeTurns);
        }

        private void takeTurns() {
            try {
                while (!enough.get()) {
                    Connection next = Load.connect(drill.url());
                    next.setAutoCommit(false);
                    select(next);
                    end(running.getAndSet(next));
                }
                end();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        /** The transaction that runs ends. */
        void end() throws SQLException {
            enough.set(true);
            end(running.getAndSet(null));
        }

        private static void end(@Nullable Connection connection) throws SQLException {
            if (connection != null) {
                connection.rollback();
                connection.close();
            }
        }

        @Override
        public void close() throws SQLException {
            end();
            thread.close();
        }
    }

    @Test
    @Order(6)
    void switchoverByConsole_aStatementThatIsHeld_canBeCanceled() throws Exception {
        PatroniNode old = drill.cluster().leader();
        boolean mayElse = drill.cluster().mayCheckpoint(old, false);
        try (TurnTakers running = new TurnTakers();
                Connection pinned = pinned();
                Statement held = pinned.createStatement();
                ExecutorService other = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<SQLWarning> switchover = other.submit(() -> drill.notice("SWITCHOVER"));
            Await.until(Duration.ofSeconds(5), this::isHeld, () -> "the hold");
            Future<Boolean> answer = other.submit(() -> held.execute("SELECT 1"));
            Await.until(Duration.ofSeconds(5), () -> drill.waiting() > 0, () -> "a client that waits");
            while (!answer.isDone()) {
                held.cancel(); // Until it was sent, a cancel hits nothing.
                Await.elapse(Duration.ofMillis(20));
            }

            assertThatThrownBy(answer::get).hasMessageContaining("canceling statement due to user request");
            assertThat(switchover.isDone()).isFalse();
            running.end();
            SQLWarning done = switchover.get();
            assertThat(done.getMessage()).startsWith("switched over");
            assertThat(hint(done)).contains("No checkpoint was made before", "to do CHECKPOINT");
        } finally {
            drill.cluster().mayCheckpoint(drill.cluster().leader(), mayElse);
        }
    }

    private static @Nullable String hint(SQLWarning notice) {
        return Objects.requireNonNull(((PSQLWarning) notice).getServerErrorMessage())
                .getHint();
    }

    /** Patroni would take it, and what it has not received would be lost. */
    @Test
    @Order(7)
    void switchoverByConsole_toOneThatReceivesNothing_isRefused() throws Exception {
        PatroniNode old = drill.cluster().leader();
        PatroniNode deaf = drill.cluster().nodes().stream()
                .filter(node -> node != old)
                .findAny()
                .orElseThrow();
        long since = System.nanoTime();
        deaf.signalReceiver("STOP");
        try {
            drill.runOn(Duration.ofSeconds(1));
            assertThatThrownBy(() -> drill.console("SWITCHOVER main TO " + deaf.name()))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("55000"))
                    .hasMessageContaining("no candidate has received what the leader has written")
                    .hasMessageContaining("Member \"" + deaf.name() + "\" lacks ");
        } finally {
            deaf.signalReceiver("CONT");
        }
        assertThat(drill.cluster().leader()).isSameAs(old);
        assertThat(drill.writers().failures(since)).isEmpty();
    }

    /** Behind the first one the others need some time until they receive from the new leader. */
    @Test
    @Order(8)
    void switchoverByConsole_rightBehindAnother_losesNothing() throws Exception {
        long since = System.nanoTime();
        PatroniNode first = drill.cluster().leader();
        assertThat(drill.console("SWITCHOVER")).startsWith("switched over from " + first.name() + " to ");
        try {
            assertThat(drill.console("SWITCHOVER")).startsWith("switched over from ");
        } catch (SQLException e) {
            assertThat(e.getSQLState()).as(e.getMessage()).isEqualTo("55000");
        }
        drill.runOn(Duration.ofSeconds(2));
        PatroniNode leader = drill.cluster().leader();
        assertThat(drill.writers().failures(since)).isEmpty();
        assertNothingLost(leader, since);
    }

    @Test
    @Order(9)
    void switchoverByConsole_ofWhatIsNotThere_changesNothing() throws Exception {
        String leader = drill.cluster().leader().name();
        assertRefused("SWITCHOVER other", "42704", "cluster \"other\" does not exist");
        assertRefused("SWITCHOVER TO nobody", "42704", "member \"nobody\" does not exist");
        assertRefused("SWITCHOVER main TO " + leader, "55000", "member \"" + leader + "\" is the leader");
        long since = System.nanoTime();
        drill.cluster().stopRest();
        assertRefused("SWITCHOVER", "55000", "Patroni did not switch over");
        drill.cluster().resumeRest();
        drill.runOn(Duration.ofSeconds(1));
        assertThat(drill.writers().failures(since)).isEmpty();
        assertThat(drill.cluster().leader().name()).isEqualTo(leader);
    }

    private static void assertRefused(String command, String state, String message) {
        assertThatThrownBy(() -> drill.console(command))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state))
                .hasMessageContaining(message);
    }

    /** Keeps eight queries under way until it is told to end; returns the types of all answers. */
    private static String pipeline(RawClient client, AtomicBoolean enough) {
        byte[] query = Frames.extended("SELECT pg_sleep(0.01)");
        for (int i = 0; i < 8; i++) {
            client.send(query);
        }
        StringBuilder types = new StringBuilder();
        while (!enough.get()) {
            types.append(Message.types(client.readToReady()));
            client.send(query);
        }
        return types.toString();
    }

    /** A client that keeps its server connection, for the sake of a temporary table. */
    private static Connection pinned() throws SQLException {
        Connection pinned = Load.connect(drill.url());
        try (Statement statement = pinned.createStatement()) {
            statement.execute("CREATE TEMPORARY TABLE mine (id int)");
        }
        return pinned;
    }

    private static void select(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT 1");
        }
    }

    private boolean isHeld() {
        return drill.isHeld();
    }

    @Test
    @Order(10)
    void switchoverThatPatroniHasScheduled_nothingFails() throws Exception {
        long since = System.nanoTime();
        Load longOnes = Load.start(drill.url(), new Works.LongTransaction(), FIRST_LONG, 3);
        try {
            switchOverBeside(longOnes, since);
        } finally {
            longOnes.end();
        }
    }

    private void switchOverBeside(Load longOnes, long since) throws Exception {
        Await.until(Duration.ofSeconds(20), () -> longOnes.done(since).size() >= 3, () -> "long transactions");
        PatroniNode old = drill.cluster().scheduleSwitchover(Duration.ofSeconds(6));
        PatroniNode leader = drill.awaitMove(old, since);
        Await.until(
                Duration.ofSeconds(20),
                () -> longOnes.done(since).stream().anyMatch(one -> one.place().port() == leader.postgresPort()),
                () -> "a long transaction on the new leader");
        assertThat(longOnes.failures(since))
                .as("transactions of a second: none was begun that would have been cut off")
                .isEmpty();

        report("scheduled", drill.outage(since, leader, 0));
        assertThat(drill.writers().failures(since)).isEmpty();
        assertThat(drill.readers().failures(since)).isEmpty();
        assertMoved(leader, since);
        assertNothingLost(leader, since);
        assertThat(isHeld()).isFalse();
    }

    /** Its PostgreSQL goes on, until somebody ends it. What it would acknowledge while the others elect is lost. */
    // Hazard R4
    @Test
    @Order(11)
    void leaderWhosePatroniIsFrozen_acknowledgesNothingWhileAnotherIsElected() throws Exception {
        PatroniNode old = drill.cluster().leader();
        long since = System.nanoTime();
        old.signalPatroni("STOP");
        try {
            PatroniNode leader = drill.awaitMove(old, since);
            assertMoved(leader, since);
            List<Load.Done> lost = drill.lost(leader, since);
            report("Patroni frozen", drill.outage(since, leader, lost.size()));
            assertThat(lost).as("of about 200 each second").hasSizeLessThan(100);
        } finally {
            // An old Patroni that is woken would take the lock back that it has lost.
            old.kill();
        }
    }

    // Hazards R4, R20 and R21
    @Test
    @Order(12)
    void leaderKilled_writesFollowTheNewLeader() throws Exception {
        try (Connection quiet = Load.connect(drill.url())) {
            long since = System.nanoTime();
            PatroniNode old = drill.cluster().killLeader();
            drill.runOn(Duration.ofSeconds(1));
            assertThat(loginTime()).isLessThan(LOGIN);
            Load.Place first = Works.write(quiet, -1);
            PatroniNode leader = drill.awaitMove(old, since);

            assertThat(first.port())
                    .as("where the first write of a quiet client went")
                    .isEqualTo(leader.postgresPort());
            List<Load.Done> lost = drill.lost(leader, since);
            report("kill -9", drill.outage(since, leader, lost.size()));
            assertThat(lost)
                    .allMatch(write -> write.place().port() == old.postgresPort(), "asynchronous, on the old leader");
            assertMoved(leader, since);
            assertThat(drill.connectionsTo(old)).isZero();
            assertThat(drill.connectionsTo(leader)).isPositive();
            assertThat(drill.outage(since, leader, 0).added()).isLessThan(3);
        }
    }

    private static Duration loginTime() throws SQLException {
        long begun = System.nanoTime();
        Load.connect(drill.url()).close();
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    /** From the first write that the new leader acknowledged on, nothing that was begun went anywhere else. */
    private static void assertMoved(PatroniNode leader, long since) throws SQLException {
        assertThat(drill.strays(leader, since)).isEmpty();
        assertThat(Rows.of(leader).inRecovery()).isZero();
        assertThat(drill.writers().failures(since))
                .noneMatch(failure -> failure.state().equals(READ_ONLY));
        assertThat(drill.readers().failures(since))
                .noneMatch(failure -> failure.state().equals(READ_ONLY));
        assertThat(drill.writers().logins(since))
                .allMatch(login -> login.endedNanos() - login.begunNanos() < LOGIN.toNanos());
    }

    private static void assertNothingLost(PatroniNode leader, long since) throws SQLException {
        assertThat(drill.lost(leader, since)).isEmpty();
    }

    private static void report(String event, Outage outage) {
        System.out.println(outage.line(event));
    }
}
