package dev.trunkline.server.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.server.config.PoolMode;
import dev.trunkline.server.testing.Frames;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClientSessionTest {
    private final FakeHome home = new FakeHome();
    private FakeClient client = new FakeClient(home, PoolMode.TRANSACTION, Parameters.NONE);

    @AfterEach
    void close() {
        client.close();
    }

    private void loggedIn(PoolMode mode, String name, String value) {
        client.close();
        client = new FakeClient(home, mode, Parameters.of(Map.of(name, value)));
    }

    /** The server has answered both queries that give it a client's parameters. */
    private void parametersAreSet() {
        client.serverSends(
                FakeClient.complete("SET"),
                FakeClient.ready('I'),
                FakeClient.complete("SELECT 1"),
                FakeClient.ready('I'));
    }

    // Hazard D12
    @Test
    void copyInThatFailsWhileTheServerTakesNoMore_clientIsReadAgain() {
        client.sends(Frames.query("COPY t FROM STDIN"));
        client.serverSends(Frames.frame('G', new byte[] {0, 0, 0}));
        client.sends(Frames.copyData(new byte[100]));
        client.makeWritable(client.server(), FakeClient.Writable.NO);
        assertThat(client.isRead()).isFalse();

        client.serverSends(FakeClient.error("22P02"), FakeClient.ready('I'));

        assertThat(client.got()).isEqualTo("GEZ");
        assertThat(client.isRead()).isTrue();
    }

    // Hazard D5
    @Test
    void copyInThatFailsWithASyncInItsData_connectionIsKeptUntilItsAnswerIsCertain() {
        client.sends(Frames.query("COPY t FROM STDIN"));
        client.serverSends(Frames.frame('G', new byte[] {0, 0, 0}));
        client.sends(Frames.copyData(new byte[100]), Frames.sync());
        assertThat(client.serverGot()).isEqualTo("QdS");

        client.serverSends(FakeClient.error("22P02"), FakeClient.ready('I'));
        assertThat(client.serverGot()).as("a question").isEqualTo("Q");
        client.serverSends(FakeClient.ready('I'), Frames.frame('I'), FakeClient.ready('I'));

        assertThat(client.got()).isEqualTo("GEZZ");
        client.sends(Frames.query("SELECT 1"));
        assertThat(client.serverGot()).isEqualTo("Q");
    }

    // Hazard D15
    @Test
    void connectionThatTakesNoMoreWhenItIsLent_clientIsNotReadUntilItDoes() {
        client.sends(Frames.query("SELECT 1"));
        client.makeWritable(client.server(), FakeClient.Writable.NO);
        client.serverSends(FakeClient.complete("SELECT 1"), FakeClient.ready('I'));

        client.sends(Frames.query("SELECT 2"));
        assertThat(client.isRead()).isFalse();

        client.makeWritable(client.server(), FakeClient.Writable.YES);
        assertThat(client.isRead()).isTrue();
    }

    @Test
    void clientThatReadsNoAnswers_isNotReadUntilItDoes() {
        client.makeWritable(client.channel, FakeClient.Writable.NO);
        client.sends(Frames.sync());
        assertThat(client.isRead()).isFalse();

        client.makeWritable(client.channel, FakeClient.Writable.YES);
        assertThat(client.isRead()).isTrue();
        assertThat(client.got()).isEqualTo("Z");
    }

    // Hazard D5
    @Test
    void clientThatDiesBeforeItsSync_batchIsNotCommitted() {
        client.sends(Frames.parse("", "INSERT INTO t VALUES (1)"), Frames.bind("", "", new String[0]));
        client.sends(Frames.execute("", 0));
        client.serverGot();

        client.dies();

        assertThat(client.serverGot()).as("no Sync").isEmpty();
        assertThat(client.server().isOpen()).isFalse();
    }

    @Test
    void clientThatDiesInTransaction_isRolledBackAndTheConnectionIsKept() {
        client.sends(Frames.query("BEGIN"));
        client.serverSends(FakeClient.complete("BEGIN"), FakeClient.ready('T'));
        client.serverGot();

        client.dies();

        assertThat(client.serverGot()).isEqualTo("Q");
        client.serverSends(FakeClient.complete("ROLLBACK"), FakeClient.ready('I'));
        assertThat(client.server().isOpen()).isTrue();
    }

    // Hazard R1
    @Test
    void discardAll_clientHasTheParametersOfItsLoginAgain() {
        loggedIn(PoolMode.TRANSACTION, "application_name", "mine");
        client.sends(Frames.query("DISCARD ALL"));
        assertThat(client.serverGot())
                .as("its parameters, its query, and its parameters for what it may send behind that")
                .isEqualTo("QQQQ");
        parametersAreSet();
        client.serverSends(
                FakeClient.complete("DISCARD ALL"), FakeClient.reports("application_name", ""), FakeClient.ready('I'));
        client.serverSends(
                FakeClient.reports("application_name", "mine"), FakeClient.complete("SELECT 1"), FakeClient.ready('I'));
        assertThat(client.got()).as("the last tells what it has").isEqualTo("CSZS");

        client.sends(Frames.query("SELECT 2"));

        assertThat(client.serverGot())
                .as("what the proxy asks of the state that is left, its query")
                .isEqualTo("QQ");
    }

    // Hazard R1
    @Test
    void discardAllInSessionMode_parametersAreSetAtOnce() {
        loggedIn(PoolMode.SESSION, "application_name", "mine");
        client.sends(Frames.query("DISCARD ALL"));
        parametersAreSet();
        client.serverGot();

        client.serverSends(
                FakeClient.complete("DISCARD ALL"), FakeClient.reports("application_name", ""), FakeClient.ready('I'));

        assertThat(client.serverGot()).isEqualTo("QQ");
    }

    // Hazard D6
    @Test
    void statementThatATemporaryTableMayHide_isPreparedAnewBeforeThatIsKnown() {
        client.sends(Frames.parse("s", "SELECT * FROM t"), Frames.sync());
        client.serverSends(Frames.frame('1'), FakeClient.ready('I'));
        client.sends(Frames.query("CREATE TEMP TABLE t (b text)"));
        client.serverSends(FakeClient.complete("CREATE TABLE"), FakeClient.ready('I'));
        assertThat(client.serverGot()).as("with what the session is asked for").isEqualTo("PSQQ");

        client.sends(Frames.parse("s2", "SELECT * FROM t"), Frames.sync());

        assertThat(client.serverGot()).isEqualTo("CPS");
    }

    @Test
    void endlessRequestsThatTheProxyAnswersItself_clientIsReadOnlyAsFarAsTheyAreAnswered() {
        client.sends(Frames.parse("", "SELECT slow()"), Frames.bind("", "", new String[0]), Frames.execute("", 0));
        assertThat(client.serverGot()).isEqualTo("PBE");
        byte[][] closes = new byte[20_000][];
        Arrays.fill(closes, Frames.close('S', "nobody"));

        client.sends(closes);
        client.sends(Frames.sync());

        assertThat(client.serverGot()).as("what makes it answer").isEqualTo("H");
        assertThat(client.isRead()).isFalse();
        client.serverSends(Frames.frame('1'), Frames.frame('2'), FakeClient.complete("SELECT 0"));
        assertThat(client.got()).isEqualTo("12C" + "3".repeat(20_000));
        assertThat(client.serverGot()).isEqualTo("S");
        assertThat(client.isRead()).isTrue();
    }

    // Hazard S17
    @Test
    void brokenMessageBehindAQuery_isToldBehindItsAnswer() {
        client.sends(Frames.query("SELECT 1"), Frames.query("SELECT 2"), Frames.head('Q', 3));
        assertThat(client.serverGot()).isEqualTo("QQ");
        assertThat(client.got()).isEmpty();
        assertThat(client.isRead()).isTrue();
        client.sends(Frames.query("SELECT 3"));
        assertThat(client.isRead()).as("what comes is thrown away").isTrue();

        client.serverSends(FakeClient.complete("SELECT 1"), FakeClient.ready('I'));
        assertThat(client.got()).isEqualTo("CZ");
        client.serverSends(FakeClient.complete("SELECT 1"), FakeClient.ready('I'));

        assertThat(client.serverGot()).isEmpty();
        assertThat(client.got()).isEqualTo("CZE");
        assertThat(client.channel.isOpen()).isFalse();
        assertThat(client.server().isOpen()).isTrue();
    }

    // Hazard S17
    @Test
    void brokenMessageBehindAQueryThatTakesLong_isToldWithoutItsAnswer() {
        client.sends(Frames.query("SELECT pg_sleep(60)"), new byte[] {1});
        client.channel.advanceTimeBy(9, TimeUnit.SECONDS);
        client.channel.runPendingTasks();
        assertThat(client.channel.isOpen()).isTrue();
        assertThat(client.got()).isEmpty();

        client.channel.advanceTimeBy(2, TimeUnit.SECONDS);
        client.channel.runPendingTasks();

        assertThat(client.channel.isOpen()).isFalse();
        assertThat(client.got()).isEqualTo("E");
    }

    // Hazard S17
    @Test
    void brokenMessageInABatch_isToldAtOnce() {
        client.sends(Frames.parse("", "SELECT 1"), new byte[] {1});
        assertThat(client.got()).isEqualTo("E");
        assertThat(client.channel.isOpen()).isFalse();
    }

    // Hazard S16
    @Test
    void noMemoryForWhatAClientSends_clientIsToldAndClosed() {
        client.sends(Frames.query("BEGIN"));
        client.serverSends(FakeClient.complete("BEGIN"), FakeClient.ready('T'));
        client.sends(Frames.head('P', 100_000));
        assertThat(client.got()).isEqualTo("CZ");

        client.channel.pipeline().fireExceptionCaught(new OutOfMemoryError("no 100000 bytes"));

        assertThat(client.lastError()).contains("FATAL", "C53200", "Mout of memory");
        assertThat(client.channel.isOpen()).isFalse();
        client.serverGot();
        client.serverSends(FakeClient.complete("ROLLBACK"), FakeClient.ready('I'));
        assertThat(client.server().isOpen()).isTrue();
    }

    @Test
    void poolIsLedElsewhereWhileASessionIsIdle_sessionEnds() {
        loggedIn(PoolMode.SESSION, "application_name", "mine");
        client.sends(Frames.query("SELECT 1"));
        parametersAreSet();
        client.serverSends(FakeClient.complete("SELECT 1"), FakeClient.ready('I'));
        assertThat(client.got()).isEqualTo("CZ");

        client.seesLeader(FakeHome.SECOND);

        assertThat(client.got()).isEqualTo("E");
        assertThat(home.ended).containsExactly(CloseCause.CLIENT_CLOSED, CloseCause.SERVER_LEFT);
    }

    @Test
    void leaderIsUnknownForAWhile_sessionStays() {
        loggedIn(PoolMode.SESSION, "application_name", "");
        client.sends(Frames.query("SELECT 1"));
        client.serverSends(FakeClient.complete("SELECT 1"), FakeClient.ready('I'));
        client.seesLeader(null);
        client.seesLeader(FakeHome.FIRST);

        client.sends(Frames.query("SELECT 2"));
        client.serverSends(FakeClient.complete("SELECT 1"), FakeClient.ready('I'));

        assertThat(client.got()).isEqualTo("CZCZ");
    }

    @Test
    void poolIsLedElsewhereDuringATransactionOfASession_sessionEndsWithIt() {
        loggedIn(PoolMode.SESSION, "application_name", "");
        client.sends(Frames.query("BEGIN"));
        client.serverSends(FakeClient.complete("BEGIN"), FakeClient.ready('T'));
        client.seesLeader(FakeHome.SECOND);
        assertThat(client.got()).isEqualTo("CZ");

        client.sends(Frames.query("COMMIT"));
        client.serverSends(FakeClient.complete("COMMIT"), FakeClient.ready('I'));

        assertThat(client.got()).as("the outcome, then the end").isEqualTo("CZE");
    }

    @Test
    void poolIsLedElsewhereDuringATransactionOfTransactionMode_clientStays() {
        client.sends(Frames.query("BEGIN"));
        client.serverSends(FakeClient.complete("BEGIN"), FakeClient.ready('T'));
        client.seesLeader(FakeHome.SECOND);
        client.sends(Frames.query("COMMIT"));
        client.serverSends(FakeClient.complete("COMMIT"), FakeClient.ready('I'));

        assertThat(client.got()).isEqualTo("CZCZ");
        assertThat(client.channel.isOpen()).isTrue();
    }

    // Hazard R1
    @Test
    void sessionAuthorizationIsChangedByNobodyKnowsWhom_connectionIsNotLentAgain() {
        client.sends(Frames.query("SELECT become_bob()"));
        client.serverSends(
                FakeClient.complete("SELECT 1"),
                FakeClient.reports("session_authorization", "bob"),
                FakeClient.ready('I'));

        assertThat(client.got()).isEqualTo("CSZ");
        assertThat(client.server().isOpen()).isFalse();
    }

    @Test
    void sessionAuthorizationIsChangedForOneTransaction_connectionIsKept() {
        client.sends(Frames.query("BEGIN; SET LOCAL SESSION AUTHORIZATION bob"));
        client.serverSends(
                FakeClient.complete("BEGIN"),
                FakeClient.complete("SET"),
                FakeClient.reports("session_authorization", "bob"),
                FakeClient.ready('T'));
        client.sends(Frames.query("COMMIT"));
        client.serverSends(
                FakeClient.complete("COMMIT"),
                FakeClient.reports("session_authorization", "app"),
                FakeClient.ready('I'));

        assertThat(client.server().isOpen()).isTrue();
    }

    // Hazard R1: extra round trips are counted.
    @Test
    void clientThatSetsNothing_costsNoQueryOfTheProxysOwn() {
        for (String sql :
                new String[] {"SELECT 1", "BEGIN; SET LOCAL work_mem = 1; COMMIT", "INSERT INTO t VALUES (1)"}) {
            client.sends(Frames.query(sql));
            client.serverSends(FakeClient.complete("SELECT 1"), FakeClient.ready('I'));
            assertThat(client.serverGot()).as(sql).isEqualTo("Q");
        }
    }

    // Hazard R1
    @Test
    void clientThatSetsSomething_costsOneQuestionThatItDoesNotWaitFor() {
        client.sends(Frames.query("SET work_mem = '1MB'"));
        client.serverSends(FakeClient.complete("SET"), FakeClient.ready('I'));
        assertThat(client.got()).isEqualTo("CZ");
        assertThat(client.serverGot()).isEqualTo("QQ");
        client.sends(Frames.query("SELECT 1"));
        assertThat(client.serverGot()).isEqualTo("Q");
        byte[] row = Frames.frame('D', Frames.int16(1), Frames.int32(6), "314d42".getBytes(UTF_8));
        client.serverSends(
                row,
                FakeClient.complete("SELECT 1"),
                FakeClient.ready('I'),
                FakeClient.complete("SELECT 1"),
                FakeClient.ready('I'));
        assertThat(client.got()).isEqualTo("CZ");
        client.sends(Frames.query("SELECT 2"));
        assertThat(client.serverGot())
                .as("on the same connection nothing has to be set")
                .isEqualTo("Q");
    }
}
