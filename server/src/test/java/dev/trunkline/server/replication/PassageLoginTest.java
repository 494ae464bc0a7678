package dev.trunkline.server.replication;

import static dev.trunkline.server.replication.FakePassageHome.ONE;
import static dev.trunkline.server.replication.FakePassageHome.TWO;
import static dev.trunkline.server.replication.FakePassageHome.cluster;
import static dev.trunkline.server.replication.FakePassageHome.messages;
import static dev.trunkline.server.replication.FakePassageHome.succeed;
import static dev.trunkline.server.replication.FakePassageHome.written;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.LoginResult.Outcome;
import dev.trunkline.pooler.backend.ServerTarget.Standing;
import dev.trunkline.router.Hint;
import dev.trunkline.router.Topology;
import dev.trunkline.server.client.CloseCause;
import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.Message;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameLimits;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How a client comes to its server connection, and what it hears if it does not. */
class PassageLoginTest {
    private final FakePassageHome home = new FakePassageHome();
    private final EmbeddedChannel client = new EmbeddedChannel();
    private final FrameCursor cursor = new FrameCursor(FrontendType.table(), FrameLimits.DEFAULT, client.alloc());

    @BeforeEach
    void freeze() {
        client.freezeTime();
    }

    @AfterEach
    void close() {
        client.finishAndReleaseAll();
        cursor.close();
    }

    private PassageLogin begin(Side side) {
        PassageLogin login = new PassageLogin(FakePassageHome.traveller(client, side), cursor, home);
        client.pipeline().addLast(login);
        login.begin();
        return login;
    }

    private void change(PassageLogin login, Topology topology) {
        home.topology = topology;
        login.apply(topology);
    }

    private void elapse(long seconds) {
        client.advanceTimeBy(seconds, TimeUnit.SECONDS);
        client.runScheduledPendingTasks();
    }

    private Map<Character, String> refusal() {
        assertThat(client.isOpen()).isFalse();
        return Message.error(messages(client)).fields();
    }

    @Test
    void leader_isLoggedInToAndGreetsTheClient() {
        home.topology = cluster(ONE, TWO);
        begin(Side.LEADER);
        FakePassageHome.Dial dial = home.dials.getFirst();
        assertThat(dial.target().host()).isEqualTo(ONE.host());
        assertThat(dial.target().standing()).isEqualTo(Standing.LEADER_UNASKED);
        EmbeddedChannel server = succeed(dial);
        assertThat(Message.types(messages(client))).isEqualTo("SSKZ");
        server.finishAndReleaseAll();
    }

    @Test
    void replica_mayBeAnythingThatTheClusterCallsOne() {
        home.topology = cluster(ONE, TWO);
        begin(Side.REPLICA);
        assertThat(home.dials.getFirst().target().host()).isEqualTo(TWO.host());
        assertThat(home.dials.getFirst().target().standing()).isEqualTo(Standing.ANY);
    }

    @Test
    void bytesThatCameTooEarly_goToTheServer() {
        home.topology = cluster(ONE);
        cursor.feed(Unpooled.wrappedBuffer(Frames.query("IDENTIFY_SYSTEM")));
        begin(Side.LEADER);
        byte[] half = {'Q', 0, 0};
        client.writeInbound(Unpooled.wrappedBuffer(half));
        EmbeddedChannel server = succeed(home.dials.getFirst());
        assertThat(written(server)).isEqualTo(Frames.concat(Frames.query("IDENTIFY_SYSTEM"), half));
        server.finishAndReleaseAll();
    }

    @Test
    void clientThatSendsMuchTooEarly_hasToWait() {
        begin(Side.LEADER);
        client.writeInbound(Unpooled.wrappedBuffer(Frames.copyData(new byte[70_000])));
        assertThat(client.config().isAutoRead()).isFalse();
    }

    @Test
    void withoutALeader_itWaitsForOne() {
        PassageLogin login = begin(Side.LEADER);
        elapse(29);
        change(login, cluster(null, TWO));
        assertThat(home.dials).isEmpty();
        change(login, cluster(TWO));
        assertThat(home.dials).hasSize(1);
    }

    @Test
    void withoutALeader_itIsRefusedAfterTheHold() {
        begin(Side.LEADER);
        elapse(30);
        assertThat(refusal())
                .containsEntry('S', "FATAL")
                .containsEntry('C', "57P03")
                .containsEntry('M', "no leader is available");
        assertThat(home.turnedAway).containsExactly(CloseCause.REFUSED);
    }

    @Test
    void withoutAHold_itIsRefusedAtOnce() {
        home.hold = Duration.ZERO;
        begin(Side.REPLICA);
        assertThat(refusal()).containsEntry('M', "no replica is available");
    }

    @Test
    void withoutAHold_oneLoginIsTried() {
        home.hold = Duration.ZERO;
        home.topology = cluster(ONE);
        begin(Side.LEADER);
        home.dials.getFirst().fail(Outcome.UNREACHABLE, null);
        assertThat(refusal()).containsEntry('C', "57P03").containsEntry('D', "it has failed");
    }

    @Test
    void leaderThatIsNone_isTriedAgainAfterAWhile() {
        home.topology = cluster(ONE);
        begin(Side.LEADER);
        home.dials.getFirst().fail(Outcome.IN_RECOVERY, null);
        assertThat(home.hints).containsExactly(Hint.IN_RECOVERY);
        assertThat(home.dials).hasSize(1);
        elapse(1);
        assertThat(home.dials).hasSize(2);
    }

    @Test
    void topologyThatChangesNothing_bringsNoLoginForward() {
        home.topology = cluster(ONE);
        PassageLogin login = begin(Side.LEADER);
        home.dials.getFirst().fail(Outcome.UNREACHABLE, null);
        change(login, cluster(ONE, TWO));
        assertThat(home.dials).hasSize(1);
        change(login, cluster(TWO));
        assertThat(home.dials).hasSize(2);
    }

    @Test
    void refusalThatMayPass_isToldInTheServersWordsAfterTheHold() {
        PgError starting = PgError.fatal(SqlState.CANNOT_CONNECT_NOW, "the database system is starting up");
        home.topology = cluster(ONE);
        begin(Side.LEADER);
        home.dials.getFirst().fail(Outcome.REFUSED, starting);
        elapse(1);
        elapse(29);
        assertThat(client.isOpen()).isTrue();
        home.dials.getLast().fail(Outcome.REFUSED, starting);
        assertThat(home.hints).containsOnly(Hint.CANNOT_CONNECT_NOW);
        assertThat(refusal()).containsEntry('M', "the database system is starting up");
    }

    @Test
    void refusalThatStays_isToldAtOnceAsItIs() {
        PgError denied = PgError.fatal(SqlState.INSUFFICIENT_PRIVILEGE, "permission denied to start WAL sender")
                .detail("Only roles with the REPLICATION attribute may start a WAL sender process.");
        home.topology = cluster(ONE);
        begin(Side.LEADER);
        home.dials.getFirst().fail(Outcome.REFUSED, denied);
        assertThat(refusal())
                .containsEntry('C', "42501")
                .containsEntry('M', denied.message())
                .containsEntry('D', String.valueOf(denied.detail()));
    }

    @Test
    void secretThatTheServerDoesNotTake_isNoReasonToWait() {
        home.topology = cluster(ONE);
        begin(Side.LEADER);
        home.dials.getFirst().fail(Outcome.DENIED, null);
        assertThat(refusal()).containsEntry('C', "08006").containsEntry('D', "it has failed");
    }

    // Hazard R4
    @Test
    void loginToALeaderThatHasMoved_isGivenUp() {
        home.topology = cluster(ONE);
        PassageLogin login = begin(Side.LEADER);
        change(login, cluster(TWO));
        EmbeddedChannel late = succeed(home.dials.getFirst());
        assertThat(late.isOpen()).isFalse();
        assertThat(home.passages).isEmpty();
        EmbeddedChannel server = succeed(home.dials.getLast());
        assertThat(home.passages).hasSize(1);
        server.finishAndReleaseAll();
    }

    @Test
    void clientThatLeaves_leavesNoServerConnection() {
        home.topology = cluster(ONE);
        begin(Side.LEADER);
        client.close();
        assertThat(succeed(home.dials.getFirst()).isOpen()).isFalse();
        assertThat(home.turnedAway).containsExactly(CloseCause.CLIENT_CLOSED);
    }

    @Test
    void clientThatIsGoneAlready_isNotServed() {
        home.topology = cluster(ONE);
        client.close();
        begin(Side.LEADER);
        assertThat(home.dials).isEmpty();
        assertThat(home.turnedAway).containsExactly(CloseCause.CLIENT_CLOSED);
    }

    @Test
    void bytesBehindARefusal_areReleased() {
        PassageLogin login = begin(Side.LEADER);
        ChannelHandlerContext context = client.pipeline().context(login);
        login.shutDown();
        ByteBuf late = Unpooled.wrappedBuffer(Frames.query("late"));
        login.channelRead(context, late);
        assertThat(late.refCnt()).isZero();
        assertThat(refusal()).containsEntry('C', "57P01");
    }
}
