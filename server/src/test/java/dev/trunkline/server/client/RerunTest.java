package dev.trunkline.server.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Excluded;
import dev.trunkline.router.Ineligible;
import dev.trunkline.router.Member;
import dev.trunkline.router.Role;
import dev.trunkline.router.Topology;
import dev.trunkline.router.pools.RoutedPool;
import dev.trunkline.server.config.PoolMode;
import dev.trunkline.server.testing.Frames;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.SocketException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a batch that a server takes with it, message by message. UnreadQueryTest has real ones. */
class RerunTest {
    private static final byte[] SHUTDOWN = fatal("57P01");
    /** As PostgreSQL says it, and no pooler in front of it. */
    private static final byte[] SHUTDOWN_OF_POSTGRES =
            Frames.frame('E', "SFATAL\0VFATAL\0C57P01\0Mgone\0Fpostgres.c\0RProcessInterrupts\0\0".getBytes(UTF_8));

    private static final byte[] BATCH = Frames.concat(
            Frames.parse("", "INSERT INTO t VALUES (1)"),
            Frames.bind("", "", new String[0]),
            Frames.execute("", 0),
            Frames.sync());

    private static final String OUTCOME_UNKNOWN = "DIt is not known whether the statement was carried out.\0";
    private static final Parameters READ_ONLY = Parameters.of(Map.of("default_transaction_read_only", "on"));

    private final FakeHome home = new FakeHome();
    private @Nullable FakeClient client;

    @AfterEach
    void close() {
        if (client != null) {
            client.close();
        }
    }

    private FakeClient client(PoolMode mode, Parameters parameters) {
        FakeClient made = new FakeClient(home, mode, parameters);
        client = made;
        return made;
    }

    private FakeClient client() {
        return client(PoolMode.TRANSACTION, Parameters.NONE);
    }

    private static byte[] fatal(String code) {
        return Frames.frame('E', ("SFATAL\0VFATAL\0C" + code + "\0Mgone\0\0").getBytes(UTF_8));
    }

    private static void reset(FakeClient of) {
        EmbeddedChannel lost = of.server();
        lost.pipeline().fireExceptionCaught(new SocketException("Connection reset"));
        end(of, lost);
    }

    private static void end(FakeClient of, EmbeddedChannel lost) {
        lost.close();
        // Tasks of the loop.
        of.sends();
    }

    @Test
    void queryThatNobodyHasRead_isRunOnTheNextConnection() {
        FakeClient one = client();
        one.sends(Frames.query("INSERT INTO t VALUES (1)"));
        assertThat(one.serverGot()).isEqualTo("Q");
        one.serverSends(SHUTDOWN);
        assertThat(one.got()).as("not yet").isEmpty();

        reset(one);

        assertThat(home.servers).hasSize(2);
        assertThat(one.serverGot()).isEqualTo("Q");
        one.serverSends(FakeClient.complete("INSERT 0 1"), FakeClient.ready('I'));
        assertThat(one.got()).isEqualTo("CZ");
        one.sends(Frames.query("SELECT 1"));
        assertThat(one.serverGot())
                .as("the connection was given back and taken again")
                .isEqualTo("Q");
    }

    @Test
    void queryThatWasRead_isNotRunAgainAndTheClientIsToldSo() {
        FakeClient one = client();
        one.sends(Frames.query("INSERT INTO t VALUES (1)"));
        one.serverSends(SHUTDOWN);
        end(one, one.server());

        assertThat(home.servers).hasSize(1);
        assertThat(one.lastError()).contains("57P01").contains(OUTCOME_UNKNOWN);
        assertThat(one.channel.isOpen()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"57P02", "57P05", "XX000"})
    void otherLastWords_proveNothing(String code) {
        FakeClient one = client();
        one.sends(Frames.query("INSERT INTO t VALUES (1)"));
        one.serverSends(fatal(code));
        reset(one);
        assertThat(home.servers).hasSize(1);
        assertThat(one.lastError()).contains(code);
    }

    @Test
    void resetWithoutAWord_provesNothing() {
        FakeClient one = client();
        one.sends(Frames.query("INSERT INTO t VALUES (1)"));
        reset(one);
        assertThat(home.servers).hasSize(1);
        assertThat(one.lastError())
                .contains("08006")
                .contains("server closed the connection unexpectedly")
                .contains("It is not known");
    }

    @Test
    void answerThatHasBegun_isNotRunAgain() {
        FakeClient one = client();
        one.sends(Frames.query("SELECT 1; INSERT INTO t VALUES (1)"));
        one.serverSends(Frames.frame('T', Frames.int16(0)), Frames.frame('D', Frames.int16(0)));
        one.serverSends(SHUTDOWN);
        assertThat(one.got()).as("as it came").isEqualTo("TDE");
        reset(one);
        assertThat(home.servers).hasSize(1);
        assertThat(one.channel.isOpen()).isFalse();
    }

    @Test
    void answerThatHasBegunInTheSameRead_isNotRunAgain() {
        FakeClient one = client();
        one.sends(Frames.query("SELECT 1; SELECT pg_terminate_backend(pg_backend_pid())"));
        one.serverSends(Frames.frame('T', Frames.int16(0)), Frames.frame('D', Frames.int16(0)), SHUTDOWN);
        assertThat(one.got()).as("as it came").isEqualTo("TDE");
        reset(one);
        assertThat(home.servers).hasSize(1);
    }

    @Test
    void batchBehindWhichSomethingWasSent_isNotRunAgain() {
        FakeClient one = client();
        one.sends(Frames.query("INSERT INTO t VALUES (1)"));
        one.sends(Frames.query("INSERT INTO t VALUES (2)"));
        one.serverSends(SHUTDOWN);
        reset(one);
        assertThat(home.servers).hasSize(1);
    }

    @Test
    void secondBatchOfATransaction_isNotRunAgain() {
        FakeClient one = client();
        one.sends(Frames.query("BEGIN"));
        one.serverSends(FakeClient.complete("BEGIN"), FakeClient.ready('T'));
        one.sends(Frames.query("INSERT INTO t VALUES (1)"));
        one.serverSends(SHUTDOWN);
        reset(one);
        assertThat(home.servers).hasSize(1);
        assertThat(one.got()).isEqualTo("CZE");
    }

    @Test
    void batchOfTheExtendedProtocol_isRunAgainWithItsNames() {
        FakeClient one = client();
        byte[] batch = Frames.concat(
                Frames.parse("s", "INSERT INTO t VALUES (1)"),
                Frames.bind("", "s", new String[0]),
                Frames.execute("", 0),
                Frames.sync());
        one.sends(batch);
        assertThat(one.serverGot()).isEqualTo("PBES");
        one.serverSends(SHUTDOWN);
        reset(one);

        assertThat(one.serverGot()).isEqualTo("PBES");
        one.serverSends(Frames.frame('1'), Frames.frame('2'), FakeClient.complete("INSERT 0 1"), FakeClient.ready('I'));
        assertThat(one.got()).isEqualTo("12CZ");
        one.sends(Frames.bind("", "s", new String[0]), Frames.execute("", 0), Frames.sync());
        assertThat(one.serverGot()).as("the name is known").isEqualTo("BES");
    }

    // Hazard D16
    @Test
    void batchThatWasReadAndNotBound_isRunOnTheNextConnection() {
        FakeClient one = client();
        one.sends(BATCH);
        one.serverSends(SHUTDOWN_OF_POSTGRES);
        end(one, one.server());

        assertThat(home.servers).hasSize(2);
        assertThat(one.serverGot()).isEqualTo("PBES");
        one.serverSends(Frames.frame('1'), Frames.frame('2'), FakeClient.complete("INSERT 0 1"), FakeClient.ready('I'));
        assertThat(one.got()).isEqualTo("12CZ");

        one.sends(BATCH);
        one.serverSends(SHUTDOWN_OF_POSTGRES);
        end(one, one.server());
        assertThat(home.servers).as("the next batch is as good").hasSize(3);
    }

    // Hazard D16
    @Test
    void batchThatWasBound_isNotRunAgain() {
        FakeClient one = client();
        one.sends(BATCH);
        one.serverSends(Frames.frame('1'), Frames.frame('2'), SHUTDOWN_OF_POSTGRES);
        end(one, one.server());
        assertThat(home.servers).hasSize(1);
        assertThat(one.got()).isEqualTo("12E");
    }

    // Hazard D16
    @Test
    void queryThatWasRead_isNotRunAgainWhoeverSaysThatItEnds() {
        FakeClient one = client();
        one.sends(Frames.query("INSERT INTO t VALUES (1)"));
        one.serverSends(SHUTDOWN_OF_POSTGRES);
        end(one, one.server());
        assertThat(home.servers).hasSize(1);
        assertThat(one.lastError()).contains("57P01");
    }

    @Test
    void shutdownOfAPoolerInBetween_provesNothing() {
        FakeClient one = client();
        one.sends(BATCH);
        one.serverSends(SHUTDOWN);
        end(one, one.server());
        assertThat(home.servers).hasSize(1);
        assertThat(one.lastError()).contains("57P01").contains("It is not known");
    }

    /** As PgJDBC begins each transaction. */
    // Hazard D16
    @Test
    void batchBehindABegin_isRunOnTheNextConnectionWithIt() {
        for (byte[] second : List.of(BATCH, Frames.query("INSERT INTO t VALUES (1)"))) {
            FakeClient one = client();
            one.sends(Frames.query("BEGIN"), second);
            String sent = one.serverGot();
            one.serverSends(SHUTDOWN_OF_POSTGRES);
            int before = home.servers.size();
            end(one, one.server());

            assertThat(home.servers).hasSize(before + 1);
            assertThat(one.serverGot()).isEqualTo(sent).startsWith("Q");
            one.serverSends(FakeClient.complete("BEGIN"), FakeClient.ready('T'), SHUTDOWN_OF_POSTGRES);
            assertThat(one.lastError()).contains("57P01").contains(OUTCOME_UNKNOWN);
            end(one, one.server());
            assertThat(home.servers).as("the answer had begun").hasSize(before + 1);
        }
    }

    // Hazard D16
    @Test
    void batchBehindABeginOfWhichNotAllWasRead_isRunOnTheNextConnection() {
        FakeClient one = client();
        one.sends(Frames.query("BEGIN"), BATCH);
        one.serverSends(SHUTDOWN);
        reset(one);
        assertThat(home.servers).hasSize(2);
        one.serverGot();
        one.serverSends(
                FakeClient.complete("BEGIN"),
                FakeClient.ready('T'),
                Frames.frame('1'),
                Frames.frame('2'),
                FakeClient.complete("INSERT 0 1"),
                FakeClient.ready('T'));
        assertThat(one.got()).isEqualTo("CZ12CZ");
    }

    // Hazard D16
    @ParameterizedTest
    @ValueSource(strings = {"BEGIN; INSERT INTO t VALUES (1)", "COMMIT", "SELECT 1", "INSERT INTO t VALUES (1)"})
    void batchBehindAnythingElse_isNotRunAgain(String text) {
        FakeClient one = client();
        one.sends(Frames.query(text), BATCH);
        one.serverSends(SHUTDOWN_OF_POSTGRES);
        reset(one);
        assertThat(home.servers).hasSize(1);
        assertThat(one.lastError()).contains("57P01").contains(OUTCOME_UNKNOWN);
    }

    // Hazard D16
    @Test
    void moreThanOneBatchBehindABegin_isNotRunAgain() {
        FakeClient one = client();
        one.sends(Frames.query("BEGIN"), BATCH, Frames.query("COMMIT"));
        one.serverSends(SHUTDOWN_OF_POSTGRES);
        reset(one);
        assertThat(home.servers).hasSize(1);
    }

    // Hazard D16
    @Test
    void batchBehindABeginThatIsNotPostgres_isNotRunAgain() {
        FakeClient one = client();
        one.sends(Frames.query("BEGIN"), BATCH);
        one.serverSends(SHUTDOWN);
        end(one, one.server());
        assertThat(home.servers).hasSize(1);
    }

    @Test
    void batchThatCameInSeveralReads_isNotRunAgain() {
        FakeClient one = client();
        one.sends(Frames.parse("", "INSERT INTO t VALUES (1)"), Frames.bind("", "", new String[0]));
        one.sends(Frames.execute("", 0), Frames.sync());
        one.serverSends(SHUTDOWN);
        reset(one);
        assertThat(home.servers).hasSize(1);
        assertThat(one.lastError()).contains("57P01");
    }

    @Test
    void whatLeavesStateBehind_isNotRunAgain() {
        FakeClient one = client();
        one.sends(Frames.query("SET work_mem = '1MB'"));
        one.serverSends(SHUTDOWN);
        reset(one);
        assertThat(home.servers).hasSize(1);
        assertThat(one.lastError()).contains("57P01");
    }

    @Test
    void clientThatKeepsItsConnection_endsWithIt() {
        FakeClient one = client(PoolMode.SESSION, Parameters.NONE);
        one.sends(Frames.query("SELECT 1"));
        one.serverSends(SHUTDOWN);
        reset(one);
        assertThat(home.servers).hasSize(1);
        assertThat(one.channel.isOpen()).isFalse();
    }

    @Test
    void secondLoss_isToldToTheClient() {
        FakeClient one = client();
        one.sends(Frames.query("INSERT INTO t VALUES (1)"));
        one.serverSends(SHUTDOWN);
        reset(one);
        assertThat(home.servers).hasSize(2);
        one.serverSends(SHUTDOWN);
        assertThat(one.got()).isEqualTo("E");
        reset(one);
        assertThat(home.servers).hasSize(2);
        assertThat(one.channel.isOpen()).isFalse();
    }

    @Test
    void heldLeader_batchWaitsUntilItIsReleased() {
        FakeClient one = client();
        one.sends(Frames.query("INSERT INTO t VALUES (1)"));
        one.serverSends(SHUTDOWN);
        one.hold();
        reset(one);
        assertThat(home.servers).hasSize(1);
        one.sends(Frames.query("SELECT 2"));
        assertThat(one.isRead()).as("what comes behind it waits, too").isFalse();

        one.seesLeader(FakeHome.SECOND);
        one.release();

        assertThat(home.servers).hasSize(2);
        assertThat(one.serverGot()).isEqualTo("QQ");
        one.serverSends(
                FakeClient.complete("INSERT 0 1"),
                FakeClient.ready('I'),
                FakeClient.complete("SELECT 1"),
                FakeClient.ready('I'));
        assertThat(one.got()).isEqualTo("CZCZ");
    }

    @Test
    void cancelWhileItWaits_endsTheStatementAndNotTheSession() {
        FakeClient one = client();
        one.sends(Frames.query("INSERT INTO t VALUES (1)"));
        one.serverSends(SHUTDOWN);
        one.hold();
        reset(one);
        one.session().cancel();
        assertThat(one.got()).isEqualTo("EZ");
        one.release();
        one.sends(Frames.query("SELECT 1"));
        assertThat(one.serverGot()).isEqualTo("Q");
    }

    @Test
    void clientThatLeavesWhileItWaits_leavesNothingBehind() {
        FakeClient one = client();
        one.sends(Frames.query("INSERT INTO t VALUES (1)"));
        one.serverSends(SHUTDOWN);
        one.hold();
        reset(one);
        one.dies();
        home.pools().release();
        home.drain();
        assertThat(home.servers).hasSize(1);
    }

    // Hazard D16
    @Test
    void lastWordsBehindTheAnswer_areNoBusinessOfTheClient() {
        FakeClient one = client();
        one.sends(Frames.query("INSERT INTO t VALUES (1)"));
        one.serverSends(FakeClient.complete("INSERT 0 1"), FakeClient.ready('I'), SHUTDOWN);
        assertThat(one.got()).isEqualTo("CZ");
        end(one, one.server());

        assertThat(one.channel.isOpen()).isTrue();
        one.sends(Frames.query("SELECT 1"));
        assertThat(home.servers).hasSize(2);
        assertThat(one.serverGot()).isEqualTo("Q");
        one.serverSends(FakeClient.complete("SELECT 1"), FakeClient.ready('I'));
        assertThat(one.got()).isEqualTo("CZ");
    }

    // Hazard D16
    @Test
    void lastWordsBehindTheAnswerToWhatIsNotKept_areNoBusinessOfTheClient() {
        FakeClient one = client();
        one.sends(Frames.parse("", "INSERT INTO t VALUES (1)"), Frames.bind("", "", new String[0]));
        one.sends(Frames.execute("", 0), Frames.sync());
        one.serverSends(
                Frames.frame('1'),
                Frames.frame('2'),
                FakeClient.complete("INSERT 0 1"),
                FakeClient.ready('I'),
                SHUTDOWN);
        assertThat(one.got()).isEqualTo("12CZ");
        end(one, one.server());
        assertThat(one.channel.isOpen()).isTrue();
        assertThat(one.got()).isEmpty();
    }

    /** What is under way: what the client has sent, and what has come of the answer. */
    static List<Arguments> answersThatHaveBegun() {
        byte[] bound = Frames.concat(Frames.frame('1'), Frames.frame('2'));
        byte[] query = Frames.query("INSERT INTO t VALUES (1)");
        byte[] halfBatch = Frames.concat(Frames.parse("", "INSERT INTO t VALUES (1)"), Frames.flush());
        return List.of(
                Arguments.of("columns", query, Frames.frame('T', Frames.int16(0))),
                Arguments.of("tag", query, FakeClient.complete("INSERT 0 1")),
                Arguments.of("bound", BATCH, bound),
                Arguments.of("executed", BATCH, Frames.concat(bound, FakeClient.complete("INSERT 0 1"))),
                Arguments.of("no Sync yet", halfBatch, Frames.frame('1')),
                Arguments.of(
                        "second query", Frames.concat(query, query), Frames.frame('N', "SNOTICE\0\0".getBytes(UTF_8))));
    }

    // Hazard D16
    @ParameterizedTest(name = "{0}")
    @MethodSource("answersThatHaveBegun")
    void lastWordsInTheMiddleOfAnAnswer_comeAtOnceAndSayThatTheOutcomeIsNotKnown(
            String what, byte[] sent, byte[] answered) {
        for (PoolMode mode : List.of(PoolMode.TRANSACTION, PoolMode.SESSION)) {
            FakeClient one = client(mode, Parameters.NONE);
            one.sends(sent);
            one.serverSends(answered, SHUTDOWN);
            assertThat(one.lastError()).contains("57P01").contains("gone").contains(OUTCOME_UNKNOWN);
            end(one, one.server());
            assertThat(one.got()).isEmpty();
            assertThat(one.channel.isOpen()).isFalse();
        }
    }

    // Hazard D16
    @Test
    void lastWordsInATransaction_sayThatTheOutcomeIsNotKnownOnlyIfSomethingIsUnderWay() {
        for (boolean underWay : List.of(false, true)) {
            FakeClient one = client();
            one.sends(Frames.query("BEGIN"));
            one.serverSends(FakeClient.complete("BEGIN"), FakeClient.ready('T'));
            assertThat(one.got()).isEqualTo("CZ");
            if (underWay) {
                one.sends(Frames.query("COMMIT"));
            }
            one.serverSends(SHUTDOWN);
            assertThat(one.lastError().contains(OUTCOME_UNKNOWN)).isEqualTo(underWay);
            end(one, one.server());
            assertThat(one.channel.isOpen()).isFalse();
        }
    }

    @Test
    void lastWordsForABrokenProtocol_areNoDoubt() {
        FakeClient one = client();
        one.sends(Frames.query("COPY t FROM STDIN"));
        one.serverSends(Frames.frame('G', new byte[3]), fatal("08P01"));
        assertThat(one.lastError()).contains("08P01").doesNotContain(OUTCOME_UNKNOWN);
    }

    // Hazard D16
    @Test
    void lastWordsWithADetail_keepIt() {
        FakeClient one = client();
        one.sends(Frames.query("SELECT 1"));
        one.serverSends(
                Frames.frame('T', Frames.int16(0)),
                Frames.frame('E', "SFATAL\0VFATAL\0C57P02\0Mgone\0Dits own\0\0".getBytes(UTF_8)));
        assertThat(one.lastError()).contains("Dits own").doesNotContain(OUTCOME_UNKNOWN);
    }

    @Test
    void lastWordsBehindTheAnswer_ofWhoKeepsItsConnectionAreToldAndEndTheSession() {
        FakeClient one = client(PoolMode.SESSION, Parameters.NONE);
        one.sends(Frames.query("SELECT 1"));
        one.serverSends(FakeClient.complete("SELECT 1"), FakeClient.ready('I'), SHUTDOWN);
        end(one, one.server());
        assertThat(one.got()).isEqualTo("CZE");
        assertThat(one.channel.isOpen()).isFalse();
    }

    @Test
    void lastWordsBehindTheAnswer_whileTheStateOfTheSessionIsNotKnown_endIt() {
        FakeClient one = client();
        one.sends(Frames.query("CREATE TEMP TABLE t (n int)"));
        one.serverSends(FakeClient.complete("CREATE TABLE"), FakeClient.ready('I'), SHUTDOWN);
        end(one, one.server());
        assertThat(one.got()).isEqualTo("CZE");
        assertThat(one.channel.isOpen()).isFalse();
    }

    private static Member replica(String name, int port) {
        return new Member(name, new Endpoint("127.0.0.1", port), Role.REPLICA, true, 1, 0, true);
    }

    private void replicasAre(Member... replicas) {
        home.pools().apply(new Topology(2, 1, FakeHome.FIRST, List.of(replicas), List.of()));
        home.drain();
    }

    @Test
    void readOnAReplicaThatVanishes_isRunOnAnother() {
        replicasAre(replica("two", 5433), replica("three", 5434));
        FakeClient one = client(PoolMode.TRANSACTION, READ_ONLY);
        one.sends(Frames.query("SELECT 1"));
        assertThat(one.serverGot()).as("behind the settings").endsWith("Q");
        EmbeddedChannel lost = one.server();
        replicasAre(replica("three", 5434));

        end(one, lost);

        assertThat(home.servers).hasSize(2);
        assertThat(one.serverGot()).endsWith("Q");
        assertThat(one.got()).isEmpty();
    }

    @Test
    void readThatMayHaveCrashedItsReplica_isNotRunOnTheLeader() {
        replicasAre(replica("two", 5433));
        FakeClient one = client(PoolMode.TRANSACTION, READ_ONLY);
        one.sends(Frames.query("SELECT crash()"));
        EmbeddedChannel lost = one.server();
        replicasAre();

        end(one, lost);

        assertThat(one.lastError()).contains("08006");
        assertThat(one.channel.isOpen()).isFalse();
        assertThat(one.serverGot()).as("its settings, which came too early").isEqualTo("QQ");
    }

    @Test
    void readOnAReplicaThatShutsDown_isRunOnTheLeaderIfThereIsNoOther() {
        replicasAre(replica("two", 5433));
        FakeClient one = client(PoolMode.TRANSACTION, READ_ONLY);
        one.sends(Frames.query("SELECT 1"));
        EmbeddedChannel lost = one.server();
        one.serverSends(SHUTDOWN);
        replicasAre();

        end(one, lost);

        assertThat(home.servers).hasSize(2);
        assertThat(one.serverGot()).endsWith("Q");
        assertThat(one.got()).isEmpty();
    }

    /** Its other connections may be as dead, and nobody has said so yet. */
    // Hazard R16
    @RepeatedTest(8)
    void readOnAReplicaThatIsLost_isNotRunThereAgainWhileThereIsAnother() {
        replicasAre(replica("two", 5433), replica("three", 5434));
        FakeClient one = client(PoolMode.TRANSACTION, READ_ONLY);
        one.sends(Frames.query("SELECT 1"));
        RoutedPool lost = one.session().pool();

        end(one, one.server());

        RoutedPool next = requireNonNull(one.session().pool());
        assertThat(next).isNotSameAs(lost);
        assertThat(next.duty()).isEqualTo(RoutedPool.Duty.REPLICA);
        assertThat(one.serverGot()).endsWith("Q");
        assertThat(one.got()).isEmpty();
    }

    @Test
    void readOnTheOnlyReplica_isRunOnTheLeaderIfThatShutsDownAndNobodyHasSaidSoYet() {
        replicasAre(replica("two", 5433));
        FakeClient one = client(PoolMode.TRANSACTION, READ_ONLY);
        one.sends(Frames.query("SELECT 1"));
        one.serverSends(SHUTDOWN);

        end(one, one.server());

        assertThat(one.session().pool()).isSameAs(home.pools().leader());
        assertThat(one.serverGot()).endsWith("Q");
        assertThat(one.got()).isEmpty();
    }

    @Test
    void readThatMayHaveCrashedTheOnlyReplica_isRunThereAgain() {
        replicasAre(replica("two", 5433));
        FakeClient one = client(PoolMode.TRANSACTION, READ_ONLY);
        one.sends(Frames.query("SELECT crash()"));
        RoutedPool lost = one.session().pool();

        end(one, one.server());

        assertThat(one.session().pool()).isSameAs(lost);
        assertThat(one.serverGot()).endsWith("Q");
    }

    private void twoIsSilent(FakeClient of, Ineligible reason) {
        Excluded two = new Excluded(replica("two", 5433), reason);
        home.pools().apply(new Topology(3, 1, FakeHome.FIRST, List.of(replica("three", 5434)), List.of(two)));
        of.session().followPools();
        of.sends();
    }

    private FakeClient readingOnTwo() {
        replicasAre(replica("two", 5433));
        FakeClient one = client();
        one.sends(Frames.query("BEGIN READ ONLY"));
        assertThat(one.serverGot()).isEqualTo("Q");
        return one;
    }

    // Hazard R16
    @ParameterizedTest
    @EnumSource(
            value = Ineligible.class,
            names = {"SILENT", "UNREACHABLE"})
    void readOnAReplicaThatDoesNotAnswer_isRunOnAnother(Ineligible reason) {
        FakeClient one = readingOnTwo();
        EmbeddedChannel silent = one.server();

        twoIsSilent(one, reason);

        assertThat(silent.isOpen()).isFalse();
        assertThat(home.servers).hasSize(2);
        assertThat(one.serverGot()).isEqualTo("Q");
        assertThat(one.got()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = Ineligible.class,
            names = {"LAGGING", "NO_LOAD_BALANCE", "NOT_SERVING"})
    void readOnAReplicaThatGetsNothingNew_goesOn(Ineligible reason) {
        FakeClient one = readingOnTwo();
        twoIsSilent(one, reason);
        assertThat(home.servers).hasSize(1);
        one.serverSends(FakeClient.complete("BEGIN"), FakeClient.ready('T'));
        assertThat(one.got()).isEqualTo("CZ");
    }

    /** It may come back: what would be lost is more than the time. */
    @Test
    void answerThatHasBegun_isWaitedForOnAReplicaThatDoesNotAnswer() {
        FakeClient one = readingOnTwo();
        one.serverSends(FakeClient.complete("BEGIN"));
        twoIsSilent(one, Ineligible.SILENT);
        assertThat(home.servers).hasSize(1);
        assertThat(one.channel.isOpen()).isTrue();
        one.serverSends(FakeClient.ready('T'));
        assertThat(one.got()).isEqualTo("CZ");
    }

    /** As PgJDBC sends it. */
    private static byte[] declared() {
        return Frames.concat(
                Frames.query("BEGIN READ ONLY"),
                Frames.parse("", "SELECT 1"),
                Frames.bind("", "", new String[0]),
                Frames.describe('P', ""),
                Frames.execute("", 1),
                Frames.sync());
    }

    @Test
    void beginAndTheStatementBehindIt_areRunOnAnotherReplica() {
        replicasAre(replica("two", 5433), replica("three", 5434));
        FakeClient one = client();
        one.sends(declared());
        RoutedPool lost = one.session().pool();
        assertThat(one.serverGot()).isEqualTo("QPBDES");

        end(one, one.server());

        assertThat(one.session().pool()).isNotNull().isNotSameAs(lost);
        assertThat(one.serverGot()).isEqualTo("QPBDES");
        assertThat(one.got()).isEmpty();
        one.serverSends(
                FakeClient.complete("BEGIN"),
                FakeClient.ready('T'),
                Frames.frame('1'),
                Frames.frame('2'),
                Frames.frame('n'),
                FakeClient.complete("SELECT 0"),
                FakeClient.ready('T'));
        assertThat(one.got()).isEqualTo("CZ12nCZ");
    }

    @Test
    void beginThatIsAnswered_isNotRunAgain() {
        replicasAre(replica("two", 5433), replica("three", 5434));
        FakeClient one = client();
        one.sends(declared());
        one.serverSends(FakeClient.complete("BEGIN"), FakeClient.ready('T'));
        end(one, one.server());
        assertThat(home.servers).hasSize(1);
        assertThat(one.lastError()).contains("08006");
    }

    /** It may have been carried out, and only what stands behind it was not read. */
    @Test
    void queryInFrontOfAnotherBatchOnTheLeader_isNotRunAgain() {
        FakeClient one = client();
        one.sends(Frames.query("INSERT INTO t VALUES (1)"), Frames.parse("", "SELECT 1"), Frames.sync());
        one.serverSends(SHUTDOWN);
        reset(one);
        assertThat(home.servers).hasSize(1);
        assertThat(one.lastError()).contains("57P01");
    }
}
