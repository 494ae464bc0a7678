package dev.trunkline.server.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.server.config.PoolMode;
import dev.trunkline.server.testing.Frames;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A client while a switchover holds what is new on the leader. */
class HoldTest {
    /** So long, in nanoseconds, that no test really lasts for it. */
    private static final long LONG = Duration.ofHours(1).toNanos();

    private final FakeHome home = new FakeHome();
    private FakeClient client = new FakeClient(home, PoolMode.TRANSACTION, Parameters.NONE);

    @AfterEach
    void close() {
        client.close();
    }

    private void query(String sql, String tag, char status) {
        client.sends(Frames.query(sql));
        client.serverSends(FakeClient.complete(tag), FakeClient.ready(status));
        client.serverGot();
        client.got();
    }

    /** In session mode, as one that is pinned does. */
    private void keepsItsConnection() {
        client.close();
        client = new FakeClient(home, PoolMode.SESSION, Parameters.NONE);
        query("SELECT 1", "SELECT 1", 'I');
        assertThat(client.session().server()).isNotNull();
    }

    @Test
    void transactionThatIsNew_waitsForTheRelease() {
        query("SELECT 1", "SELECT 1", 'I');
        client.hold();
        client.sends(Frames.query("SELECT 2"));
        assertThat(client.serverGot()).isEmpty();
        assertThat(client.session().isWaiting()).isTrue();
        assertThat(client.session().hold().isBusyOnLeader()).isFalse();

        client.release();

        assertThat(client.serverGot()).isEqualTo("Q");
    }

    /** A client that always has a query under way would never be found at rest. */
    @Test
    void queryBehindAnUnansweredOne_waitsAndLetsTheConnectionGo() {
        client.sends(Frames.query("SELECT 1"));
        client.hold();
        client.sends(Frames.query("SELECT 2"));
        assertThat(client.serverGot()).isEqualTo("Q");
        assertThat(client.session().hold().isBusyOnLeader()).isTrue();

        client.serverSends(FakeClient.complete("SELECT 1"), FakeClient.ready('I'));

        assertThat(client.got()).isEqualTo("CZ");
        assertThat(client.serverGot()).isEmpty();
        assertThat(client.session().server()).isNull();
        assertThat(client.session().hold().isBusyOnLeader()).isFalse();
        client.seesLeader(FakeHome.SECOND);
        client.release();
        assertThat(home.servers).as("one to the new leader").hasSize(2);
        assertThat(client.serverGot()).isEqualTo("Q");
    }

    @Test
    void transactionThatRuns_goesOnToItsEnd() {
        query("BEGIN", "BEGIN", 'T');
        client.hold();
        client.sends(Frames.query("SELECT 1"));
        client.serverSends(FakeClient.complete("SELECT 1"), FakeClient.ready('T'));
        client.sends(Frames.query("COMMIT"));

        assertThat(client.serverGot()).isEqualTo("QQ");
        assertThat(client.session().hold().isBusyOnLeader()).isTrue();
    }

    /** It is not known yet that the first one opens a transaction. */
    @Test
    void queryBehindAnUnansweredBegin_goesOnWithTheAnswer() {
        client.sends(Frames.query("BEGIN"));
        client.hold();
        client.sends(Frames.query("SELECT 1"), Frames.query("COMMIT"));
        assertThat(client.serverGot()).isEqualTo("Q");

        client.serverSends(FakeClient.complete("BEGIN"), FakeClient.ready('T'));

        assertThat(client.serverGot()).startsWith("Q");
        assertThat(client.session().hold().isBusyOnLeader()).isTrue();
    }

    @Test
    void batchThatIsOpen_goesOnToItsSync() {
        client.sends(Frames.parse("", "SELECT 1"));
        assertThat(client.serverGot()).isEqualTo("P");
        client.hold();
        client.sends(Frames.bind("", "", new String[0]), Frames.execute("", 0), Frames.sync());
        client.sends(Frames.parse("", "SELECT 2"));

        assertThat(client.serverGot()).isEqualTo("BES");
    }

    @Test
    void copyThatRuns_goesOn() {
        client.sends(Frames.query("COPY t FROM STDIN"));
        client.serverSends(Frames.frame('G', new byte[] {0, 0, 0}));
        client.hold();
        client.sends(Frames.copyData(new byte[] {'1', '\n'}), Frames.copyDone());

        assertThat(client.serverGot()).isEqualTo("Qdc");
    }

    @Test
    void connectionThatIsKept_isUsedAgainAfterTheRelease() {
        keepsItsConnection();
        client.hold();
        client.sends(Frames.query("SELECT 1"));
        assertThat(client.serverGot()).isEmpty();
        assertThat(client.session().isWaiting()).isTrue();
        assertThat(client.session().hold().isBusyOnLeader()).isFalse();
        client.sends(Frames.query("SELECT 2"));
        assertThat(client.isRead()).isFalse();

        client.release();

        assertThat(client.serverGot()).isEqualTo("QQ");
        assertThat(client.isRead()).isTrue();
    }

    @Test
    void connectionThatIsKeptAndLeadsToTheOldLeader_endsWithTheSessionAndIsSentNothing() {
        keepsItsConnection();
        client.hold();
        client.sends(Frames.query("SELECT 1"));
        client.seesLeader(FakeHome.SECOND);

        assertThat(client.serverGot()).as("the reset of a session's end alone").isEqualTo("Q");
        assertThat(client.got()).isEqualTo("E");
        assertThat(client.channel.isOpen()).isFalse();
    }

    @Test
    void connectionThatIsKeptAndIsOwedAnAnswer_isSentNothingMoreAfterTheLeaderHasChanged() {
        keepsItsConnection();
        client.sends(Frames.query("SELECT 1"));
        client.hold();
        client.sends(Frames.query("SELECT 2"));
        assertThat(client.serverGot()).isEqualTo("Q");
        client.seesLeader(FakeHome.SECOND);
        client.release();
        assertThat(client.serverGot()).isEmpty();

        client.serverSends(FakeClient.complete("SELECT 1"), FakeClient.ready('I'));

        assertThat(client.serverGot()).as("the reset of a session's end alone").isEqualTo("Q");
        assertThat(client.got()).isEqualTo("CZE");
        assertThat(client.channel.isOpen()).isFalse();
    }

    @Test
    void cancelOfWhatIsHeld_isAnsweredHere() {
        keepsItsConnection();
        client.hold();
        client.sends(Frames.query("SELECT 1"));
        client.session().cancel();
        assertThat(client.got()).isEqualTo("EZ");

        client.release();

        assertThat(client.serverGot()).isEmpty();
        client.sends(Frames.query("SELECT 2"));
        assertThat(client.serverGot()).isEqualTo("Q");
    }

    /** What runs is meant. */
    @Test
    void cancelWhileAnAnswerIsOwed_refusesNothing() {
        client.sends(Frames.query("SELECT 1"));
        client.hold();
        client.sends(Frames.query("SELECT 2"));
        client.session().cancel();

        assertThat(client.got()).isEmpty();
    }

    /** failover_hold is 0 here, which is about leaders that are lost. */
    @Test
    void leaderlessTimeOfASwitchover_failsNobody() {
        client.hold();
        client.seesLeader(null);
        client.sends(Frames.query("SELECT 1"));
        assertThat(client.got()).isEmpty();

        client.seesLeader(FakeHome.SECOND);
        client.release();

        assertThat(client.serverGot()).isEqualTo("Q");
    }

    @Test
    void releaseWithoutAHold_changesNothing() {
        query("SELECT 1", "SELECT 1", 'I');
        client.release();
        assertThat(client.got()).isEmpty();
        client.sends(Frames.query("SELECT 1"));
        assertThat(client.serverGot()).isEqualTo("Q");
    }

    /** Others are not held yet: the pool would lend a connection. */
    @Test
    void clientThatIsKeptOut_endsItsTransactionAndBeginsNoOther() {
        query("BEGIN", "BEGIN", 'T');
        assertThat(client.session().hold().isBusyOnLeader(1)).isTrue();
        client.keepOut();
        query("COMMIT", "COMMIT", 'I');
        assertThat(client.session().server()).isNull();

        client.sends(Frames.query("SELECT 1"));
        assertThat(client.serverGot()).isEmpty();
        assertThat(client.session().isWaiting()).isTrue();
        client.sends(Frames.query("SELECT 2"));
        assertThat(client.isRead()).isFalse();

        client.letIn();
        assertThat(client.serverGot()).isEqualTo("QQ");
        assertThat(client.isRead()).isTrue();
    }

    @Test
    void clientThatIsKeptOut_waitsAlsoWithAConnectionOfItsOwn() {
        keepsItsConnection();
        query("BEGIN", "BEGIN", 'T');
        client.keepOut();
        query("COMMIT", "COMMIT", 'I');
        client.sends(Frames.query("SELECT 1"));
        assertThat(client.serverGot()).isEmpty();

        client.letIn();
        assertThat(client.serverGot()).isEqualTo("Q");
    }

    /** It lets the connection go for others. */
    @Test
    void queryThatIsSentBehindTheCommitOfOneThatIsKeptOut_waitsToo() {
        query("BEGIN", "BEGIN", 'T');
        client.keepOut();
        client.sends(Frames.query("COMMIT"), Frames.query("SELECT 1"));
        assertThat(client.serverGot()).isEqualTo("Q");
        client.serverSends(FakeClient.complete("COMMIT"), FakeClient.ready('I'));

        assertThat(client.got()).isEqualTo("CZ");
        assertThat(client.serverGot()).isEmpty();
        assertThat(client.session().server()).isNull();
        assertThat(client.session().isWaiting()).isTrue();

        client.letIn();
        assertThat(client.serverGot()).isEqualTo("Q");
    }

    /** It was in the pool's line when it was kept out. */
    @Test
    void clientThatIsKeptOutAndIsLentAConnection_givesItBack() {
        FakeClient other = new FakeClient(home, PoolMode.TRANSACTION, Parameters.NONE);
        query("BEGIN", "BEGIN", 'T');
        other.sends(Frames.query("SELECT 2"));
        assertThat(other.session().isWaiting()).isTrue();
        other.keepOut();

        query("COMMIT", "COMMIT", 'I');

        assertThat(client.serverGot()).isEmpty();
        assertThat(other.session().server()).isNull();
        query("SELECT 1", "SELECT 1", 'I');
        other.letIn();
        assertThat(other.serverGot()).isEqualTo("Q");
        other.close();
    }

    @Test
    void clientThatTwoKeepOut_waitsForBoth() {
        client.keepOut();
        client.keepOut();
        client.sends(Frames.query("SELECT 1"));
        client.letIn();
        assertThat(home.servers).isEmpty();

        client.letIn();
        assertThat(client.serverGot()).isEqualTo("Q");
    }

    /** The second one has been under way since the answer to the first. */
    @Test
    void queryThatWasSentBehindAnother_hasItsOwnAge() {
        client.sends(Frames.query("SELECT 1"), Frames.query("SELECT 2"));
        client.serverSends(FakeClient.complete("SELECT 1"), FakeClient.ready('I'));
        assertThat(client.session().hold().isBusyOnLeader(LONG)).isFalse();
        home.passes(Duration.ofHours(2));
        assertThat(client.session().hold().isBusyOnLeader(LONG)).isTrue();
    }

    @Test
    void clientThatIsKeptOut_waitsForTheEndOfTheHoldBehindIt() {
        query("BEGIN", "BEGIN", 'T');
        client.keepOut();
        query("ROLLBACK", "ROLLBACK", 'I');
        client.sends(Frames.query("SELECT 1"));
        client.hold();
        client.letIn();
        assertThat(client.serverGot()).isEmpty();

        client.seesLeader(FakeHome.SECOND);
        client.release();
        assertThat(home.servers).as("one to the new leader").hasSize(2);
        assertThat(client.serverGot()).isEqualTo("Q");
    }

    @Test
    void cancelOfWhatIsKeptOut_isAnsweredHere() {
        query("BEGIN", "BEGIN", 'T');
        client.keepOut();
        query("COMMIT", "COMMIT", 'I');
        client.sends(Frames.query("SELECT 1"));
        client.session().cancel();
        assertThat(client.got()).isEqualTo("EZ");

        client.letIn();
        assertThat(client.serverGot()).isEmpty();
        query("SELECT 2", "SELECT 2", 'I');
    }

    /** One that is new would be waited for if the client's transactions are long. */
    @Test
    void transactionBehindALongOne_isTakenForOne() {
        query("BEGIN", "BEGIN", 'T');
        home.passes(Duration.ofHours(2));
        assertThat(client.session().hold().isBusyOnLeaderForLong(LONG)).isTrue();
        query("COMMIT", "COMMIT", 'I');
        assertThat(client.session().hold().isBusyOnLeaderForLong(LONG)).isFalse();

        query("BEGIN", "BEGIN", 'T');
        assertThat(client.session().hold().isBusyOnLeader(LONG)).isFalse();
        assertThat(client.session().hold().isBusyOnLeaderForLong(LONG)).isTrue();
        query("COMMIT", "COMMIT", 'I');
        query("BEGIN", "BEGIN", 'T');
        assertThat(client.session().hold().isBusyOnLeaderForLong(LONG)).isFalse();
    }

    /** Also one that has no connection now: it is not known when its next transaction comes. */
    @Test
    void clientOfLongTransactions_isKnownBetweenTwo() {
        assertThat(client.session().hold().isSlow(1)).isFalse();
        query("BEGIN", "BEGIN", 'T');
        home.passes(Duration.ofHours(2));
        assertThat(client.session().hold().isSlow(LONG)).isFalse();
        query("COMMIT", "COMMIT", 'I');
        assertThat(client.session().server()).isNull();
        assertThat(client.session().hold().isSlow(LONG)).isTrue();
        assertThat(client.session().hold().leader()).isSameAs(home.pools().leader());
    }

    @Test
    void ageOfATransaction_isNoneBetweenTwo() {
        query("SELECT 1", "SELECT 1", 'I');
        assertThat(client.session().hold().isBusyOnLeader(0)).isFalse();
        query("BEGIN", "BEGIN", 'T');
        assertThat(client.session().hold().isBusyOnLeader(Long.MAX_VALUE)).isFalse();
        assertThat(client.session().hold().isBusyOnLeader(0)).isTrue();
    }
}
