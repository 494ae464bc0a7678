package dev.trunkline.server.tunnel;

import static dev.trunkline.server.tunnel.FakeTunnelHome.ONE;
import static dev.trunkline.server.tunnel.FakeTunnelHome.TWO;
import static dev.trunkline.server.tunnel.FakeTunnelHome.cluster;
import static dev.trunkline.server.tunnel.FakeTunnelHome.excluding;
import static dev.trunkline.server.tunnel.FakeTunnelHome.says;
import static dev.trunkline.server.tunnel.FakeTunnelHome.written;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.router.Hint;
import dev.trunkline.router.Ineligible;
import dev.trunkline.router.Topology;
import dev.trunkline.server.client.CloseCause;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is passed on, and how it ends. */
class TunnelTest {
    private final FakeTunnelHome home = new FakeTunnelHome();
    private final EmbeddedChannel client = new EmbeddedChannel();
    private EmbeddedChannel server = new EmbeddedChannel();

    @AfterEach
    void close() {
        client.finishAndReleaseAll();
        server.finishAndReleaseAll();
    }

    private Tunnel tunnel(Side side) {
        home.topology = side == Side.LEADER ? cluster(ONE) : cluster(null, ONE);
        home.arrive(client, side);
        server = home.dials.getFirst().succeed();
        return home.tunnels.getFirst();
    }

    private void assertEnded(CloseCause cause) {
        client.runPendingTasks();
        server.runPendingTasks();
        assertThat(home.ended).containsExactly(cause);
        assertThat(client.isOpen()).isFalse();
        assertThat(server.isOpen()).isFalse();
    }

    @Test
    void bytes_arePassedOnBothWays() {
        Tunnel tunnel = tunnel(Side.LEADER);
        says(server, "from the server");
        says(client, "from the client");
        assertThat(written(client)).isEqualTo("from the server");
        assertThat(written(server)).isEqualTo("from the client");
        assertThat(tunnel.sentBytes()).isEqualTo(15);
        assertThat(tunnel.receivedBytes()).isEqualTo(15);
    }

    @Test
    void receiverThatIsFull_stopsTheSenderUntilThereIsRoom() {
        tunnel(Side.LEADER);
        writable(client, false);
        says(server, "x");
        assertThat(server.config().isAutoRead()).isFalse();
        assertThat(client.config().isAutoRead()).isTrue();
        writable(client, true);
        assertThat(server.config().isAutoRead()).isTrue();
        writable(server, false);
        says(client, "x");
        assertThat(client.config().isAutoRead()).isFalse();
        writable(server, true);
        assertThat(client.config().isAutoRead()).isTrue();
    }

    private static void writable(EmbeddedChannel channel, boolean room) {
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, room);
        channel.runPendingTasks();
    }

    // Hazard R4
    @Test
    void leaderThatMoves_closesWithoutAWord() {
        Tunnel tunnel = tunnel(Side.LEADER);
        says(server, "half a mess");
        tunnel.apply(cluster(TWO));
        assertThat(written(client)).isEqualTo("half a mess");
        assertEnded(CloseCause.ROLE_CHANGED);
        assertThat(home.hints).isEmpty();
    }

    @Test
    void leaderThatNobodyKnows_isNotLeftUntilItIsCertainlyNone() {
        Tunnel tunnel = tunnel(Side.LEADER);
        tunnel.apply(Topology.unknown());
        tunnel.apply(cluster(null, TWO));
        tunnel.apply(excluding(null, ONE, Ineligible.UNACCEPTED_LEADER));
        tunnel.apply(cluster(ONE, TWO));
        assertThat(home.ended).isEmpty();
        tunnel.apply(cluster(null, ONE));
        assertEnded(CloseCause.ROLE_CHANGED);
    }

    @Test
    void leaderThatIsCalledReplicaAndStillTakesWrites_isLeft() {
        Tunnel tunnel = tunnel(Side.LEADER);
        tunnel.apply(excluding(null, ONE, Ineligible.NOT_IN_RECOVERY));
        assertEnded(CloseCause.ROLE_CHANGED);
    }

    @ParameterizedTest
    @EnumSource(
            value = Ineligible.class,
            names = {"LAGGING", "NO_LOAD_BALANCE", "UNPROVEN", "UNACCEPTED_LEADER", "SILENT"})
    void replicaThatGetsNothingNew_keepsWhatItHas(Ineligible reason) {
        Tunnel tunnel = tunnel(Side.REPLICA);
        tunnel.apply(excluding(TWO, ONE, reason));
        assertThat(home.ended).isEmpty();
    }

    // Hazard R16
    @ParameterizedTest
    @EnumSource(
            value = Ineligible.class,
            names = {"UNREACHABLE", "NOT_SERVING", "NOT_IN_RECOVERY"})
    void replicaThatIsGone_isLeft(Ineligible reason) {
        Tunnel tunnel = tunnel(Side.REPLICA);
        tunnel.apply(excluding(TWO, ONE, reason));
        assertEnded(CloseCause.ROLE_CHANGED);
    }

    @Test
    void replicaThatLeads_isLeft() {
        Tunnel tunnel = tunnel(Side.REPLICA);
        tunnel.apply(cluster(ONE));
        assertEnded(CloseCause.ROLE_CHANGED);
    }

    @Test
    void replicaThatIsNoMemberAnyMore_isLeft() {
        Tunnel tunnel = tunnel(Side.REPLICA);
        tunnel.apply(cluster(TWO));
        assertEnded(CloseCause.ROLE_CHANGED);
    }

    @Test
    void shutDown_closesBoth() {
        tunnel(Side.LEADER).shutDown();
        assertEnded(CloseCause.SHUTDOWN);
    }

    @Test
    void serverThatResets_isAReasonToLookAtTheCluster() {
        tunnel(Side.LEADER);
        says(server, "last words");
        server.pipeline().fireExceptionCaught(new IOException("reset"));
        assertThat(written(client)).isEqualTo("last words");
        assertEnded(CloseCause.SERVER_LOST);
        assertThat(home.hints).containsExactly(Hint.CONNECTION_LOST);
    }

    @Test
    void clientThatResets_takesItsServerConnectionAlong() {
        tunnel(Side.LEADER);
        says(client, "goodbye");
        client.pipeline().fireExceptionCaught(new IOException("reset"));
        assertThat(written(server)).isEqualTo("goodbye");
        assertEnded(CloseCause.CLIENT_CLOSED);
        assertThat(home.hints).isEmpty();
    }
}
