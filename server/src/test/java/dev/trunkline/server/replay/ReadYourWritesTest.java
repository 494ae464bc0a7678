package dev.trunkline.server.replay;

import static dev.trunkline.server.replay.ReplayStage.WHERE;
import static dev.trunkline.server.replay.ReplayStage.value;
import static dev.trunkline.server.replay.ReplayStage.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.trunkline.server.testing.Until;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.util.PSQLException;
import org.slf4j.LoggerFactory;

/** What a client reads that has written, before a leader and a replica whose replay is stopped or delayed. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ReadYourWritesTest {
    private static final int ID = 60;
    /** {@link ReplayStage#WHERE} in a form that is proven to read: what that calls is the server's own state. */
    private static final String STABLE_WHERE = "SELECT here()";

    private static final String VALUE = "SELECT value FROM pairs WHERE id = " + ID;

    private static ReplayStage stage;

    @BeforeAll
    static void start() throws Exception {
        stage = ReplayStage.start();
    }

    @AfterAll
    static void stop() throws Exception {
        stage.close();
    }

    @AfterEach
    void goOn() throws Exception {
        stage.resume();
        stage.delay("0");
    }

    @Test
    void session_readsFromTheLeaderUntilAReplicaHasWhatItWrote() throws Exception {
        try (Connection client = stage.connect("postgres", "")) {
            stage.pause();
            String written = String.valueOf(write(client, ID));
            for (int i = 0; i < 20; i++) {
                assertThat(stage.read(client, VALUE)).isEqualTo(written);
            }
            assertThat(stage.read(client, WHERE)).isEqualTo("leader");

            stage.resume();
            stage.awaitReplica(client);
            assertThat(stage.read(client, VALUE)).isEqualTo(written);
        }
    }

    @Test
    void eventual_readsWhatTheReplicaHas() throws Exception {
        try (Connection client = stage.connect("eventual", "")) {
            stage.pause();
            long written = write(client, ID);

            assertThat(stage.read(client, WHERE)).isEqualTo("replica");
            assertThat(Long.parseLong(stage.read(client, VALUE))).isLessThan(written);
        }
    }

    @Test
    void leader_readsFromTheLeader() throws Exception {
        try (Connection client = stage.connect("eventual", "")) {
            stage.run(client, "SET trunkline.consistency = 'leader'");

            assertThat(stage.read(client, WHERE)).isEqualTo("leader");

            stage.run(client, "RESET trunkline.consistency");
            assertThat(stage.read(client, WHERE)).isEqualTo("replica");
        }
    }

    @Test
    void clientThatHasWrittenNothing_isNotHeldBackByOthers() throws Exception {
        try (Connection writer = stage.connect("postgres", "");
                Connection reader = stage.connect("postgres", "")) {
            // The driver sets parameters behind its login, on the leader: that may have been a write.
            stage.awaitReplica(reader);
            stage.pause();
            write(writer, ID);

            assertThat(stage.read(writer, WHERE)).isEqualTo("leader");
            assertThat(stage.read(reader, WHERE)).isEqualTo("replica");
        }
    }

    @Test
    void sessionFromNowOn_countsWhatWasWrittenBefore() throws Exception {
        try (Connection client = stage.connect("eventual", "")) {
            stage.pause();
            String written = String.valueOf(write(client, ID));
            stage.run(client, "SET trunkline.consistency = session");

            assertThat(stage.read(client, VALUE)).isEqualTo(written);
        }
    }

    @Test
    void startupOption_isASetting() throws Exception {
        try (Connection client = stage.connect("eventual", "options=-c%20trunkline.consistency=session")) {
            stage.pause();
            String written = String.valueOf(write(client, ID));

            assertThat(stage.read(client, VALUE)).isEqualTo(written);
            assertThat(value(client, "SHOW trunkline.consistency")).isEqualTo("session");
        }
    }

    @Test
    void readOnlyTransactionThatTakesThatBack_hasWritten() throws Exception {
        try (Connection client = stage.connect("postgres", "")) {
            stage.pause();
            write(client, ID);
            stage.run(client, "BEGIN READ ONLY");
            stage.run(client, "SET TRANSACTION READ WRITE");
            // Only on the leader it may.
            String written = String.valueOf(write(client, ID));
            stage.run(client, "COMMIT");

            assertThat(stage.read(client, VALUE)).isEqualTo(written);
        }
    }

    @Test
    void readsOnTheLeader_areNoWrites() throws Exception {
        try (Connection client = stage.connect("postgres", "")) {
            stage.pause();
            write(client, ID);
            assertThat(stage.read(client, WHERE)).isEqualTo("leader");
            stage.resume();
            // Each read on the way to a replica would put it off, if it counted.
            stage.awaitReplica(client);
        }
    }

    @Test
    void settingByDefault_countsAsTheTransactionsOwnWord() throws Exception {
        try (Connection client = stage.connect("postgres", "")) {
            stage.pause();
            String written = String.valueOf(write(client, ID));
            stage.run(client, "SET default_transaction_read_only = on");

            assertThat(value(client, VALUE)).isEqualTo(written);
        }
    }

    /** Where the proxy itself finds out what reads, that is the default. */
    @Test
    void provenRead_goesToTheLeaderUntilAReplicaHasWhatItsClientWrote() throws Exception {
        try (Connection client = stage.connect("auto", "")) {
            Until.holds("a read that is proven", () -> "replica".equals(value(client, STABLE_WHERE)));
            stage.pause();
            String written = String.valueOf(write(client, ID));
            assertThat(value(client, STABLE_WHERE)).isEqualTo("leader");
            assertThat(value(client, VALUE)).isEqualTo(written);

            stage.resume();
            Until.holds("a replica that has it", () -> "replica".equals(value(client, STABLE_WHERE)));
            assertThat(value(client, VALUE)).isEqualTo(written);
        }
    }

    @Test
    void rolledBackSetting_isNotInForce() throws Exception {
        try (Connection client = stage.connect("eventual", "")) {
            stage.run(client, "BEGIN");
            stage.run(client, "SET trunkline.consistency = leader");
            stage.run(client, "ROLLBACK");

            assertThat(stage.read(client, WHERE)).isEqualTo("replica");
        }
    }

    @Test
    void unknownValue_isRefusedWithTheValidOnes() throws Exception {
        try (Connection client = stage.connect("eventual", "")) {
            assertThatThrownBy(() -> stage.run(client, "SET trunkline.consistency = strong"))
                    .asInstanceOf(type(PSQLException.class))
                    .satisfies(error -> {
                        assertThat(error.getSQLState()).isEqualTo("22023");
                        assertThat(error.getServerErrorMessage().getHint()).contains("session", "eventual", "leader");
                    });
            assertThat(stage.read(client, WHERE)).isEqualTo("replica");
        }
    }

    @Test
    void unknownStartupOption_isRefused() {
        assertThatThrownBy(() -> stage.connect("eventual", "options=-c%20trunkline.consistency=strong"))
                .asInstanceOf(type(SQLException.class))
                .satisfies(error -> assertThat(error.getSQLState()).isEqualTo("22023"));
    }

    /** After such a transaction the server is asked what it has left. */
    @Test
    void writeBehindAReadThatHasLeftSomething_isNotSentToItsReplica() throws Exception {
        try (Connection client = stage.connect("eventual", "")) {
            for (int i = 0; i < 50; i++) {
                stage.run(client, "BEGIN READ ONLY");
                assertThat(value(client, WHERE)).isEqualTo("replica");
                stage.run(client, "SELECT set_config('test.number', '" + i + "', false)");
                stage.run(client, "COMMIT");
                write(client, ID);
            }
        }
    }

    @Test
    void console_tellsHowFarTheReplicaIs() throws Exception {
        try (Connection client = stage.connect("postgres", "")) {
            write(client, ID);
            stage.read(client, VALUE);
            stage.awaitReplica(client);
        }
        Until.holds("its age", () -> stage.proxy().console("SHOW TOPOLOGY").stream()
                .anyMatch(member ->
                        "replica".equals(member.get("verdict")) && !"null".equals(member.get("covered_ms_ago"))));
    }

    @Test
    void console_tellsWhatConsistencyHasKeptOnTheLeader() throws Exception {
        try (Connection client = stage.connect("postgres", "")) {
            stage.pause();
            write(client, ID);
            assertThat(stage.read(client, WHERE)).isEqualTo("leader");
        }
        assertThat(stage.proxy().console("SHOW ROUTES")).anySatisfy(row -> assertThat(row)
                .containsEntry("database", "postgres")
                .containsEntry("route", "leader")
                .containsEntry("reason", "consistency"));
    }

    /** The insert position lies behind the header of a new segment then, the replay in front of it. */
    @Test
    void leaderThatHasSwitchedToANewSegment_isCaughtUpWith() throws Exception {
        try (Connection client = stage.connect("postgres", "")) {
            write(client, ID);
            stage.leader().run("SELECT pg_switch_wal()");
            stage.awaitReplica(client);
        }
    }

    @Test
    void pairs_areNeverStaleUnderSession() throws Exception {
        stage.delay("20ms");
        assertNeverStale(new Pairs(stage, "session").run(3_200));
    }

    /** Else the test above could not fail. */
    @Test
    void pairs_areStaleUnderEventual() throws Exception {
        stage.delay("20ms");
        Pairs.Result result = new Pairs(stage, "eventual").run(640);
        report("eventual", result);
        assertThat(result.stale()).isPositive();
    }

    @Test
    @Tag("long")
    @Timeout(value = 900, unit = TimeUnit.SECONDS)
    void hundredThousandPairs_areNeverStaleUnderSession() throws Exception {
        stage.delay("20ms");
        report("eventual", new Pairs(stage, "eventual").run(10_000));
        assertNeverStale(new Pairs(stage, "session").run(100_000));
    }

    private static void assertNeverStale(Pairs.Result result) {
        report("session", result);
        assertThat(result.stale()).isZero();
        // Reads that never leave the leader are not stale either.
        assertThat(result.onReplica()).isPositive();
        assertThat(result.onReplica()).isLessThan(result.pairs());
    }

    private static void report(String consistency, Pairs.Result result) {
        LoggerFactory.getLogger(ReadYourWritesTest.class).warn("{}: {}", consistency, result);
    }
}
