package dev.trunkline.server.tunnel;

import static dev.trunkline.server.tunnel.FakeTunnelHome.ONE;
import static dev.trunkline.server.tunnel.FakeTunnelHome.TWO;
import static dev.trunkline.server.tunnel.FakeTunnelHome.cluster;
import static dev.trunkline.server.tunnel.FakeTunnelHome.says;
import static dev.trunkline.server.tunnel.FakeTunnelHome.written;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Hint;
import dev.trunkline.router.Topology;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which server a connection is led to, how long it waits for one, and what becomes of what it has sent. */
class TunnelWaitTest {
    private final FakeTunnelHome home = new FakeTunnelHome();
    private final EmbeddedChannel client = new EmbeddedChannel();
    private final List<EmbeddedChannel> servers = new ArrayList<>();

    @BeforeEach
    void freeze() {
        client.freezeTime();
    }

    @AfterEach
    void close() {
        client.finishAndReleaseAll();
        servers.forEach(EmbeddedChannel::finishAndReleaseAll);
    }

    private void advance(long millis) {
        client.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        client.runScheduledPendingTasks();
    }

    private EmbeddedChannel connected(int dial) {
        EmbeddedChannel server = home.dials.get(dial).succeed();
        servers.add(server);
        return server;
    }

    private List<Endpoint> dialled() {
        return home.dials.stream().map(FakeTunnelHome.Dial::endpoint).toList();
    }

    private void assertClosed(Refusal refusal) {
        assertThat(home.turnedAway).containsExactly(refusal);
        assertThat(client.isOpen()).isFalse();
        assertThat(written(client)).isEmpty();
    }

    @Test
    void connection_isLedToTheLeaderWithAllThatItHasSent() {
        home.topology = cluster(ONE, TWO);
        home.arrive(client, Side.LEADER);
        assertThat(dialled()).containsExactly(ONE);
        says(client, "start");
        says(client, "up");
        EmbeddedChannel server = connected(0);
        assertThat(written(server)).isEqualTo("startup");
        says(client, "more");
        assertThat(written(server)).isEqualTo("more");
        assertThat(server.config().isAutoRead()).isTrue();
        assertThat(home.tunnels.getFirst().receivedBytes()).isEqualTo(11);
    }

    @Test
    void noLeader_isWaitedForUntilThereIsOne() {
        home.topology = cluster(null, TWO);
        TunnelWait wait = home.arrive(client, Side.LEADER);
        says(client, "startup");
        advance(29_000);
        assertThat(home.dials).isEmpty();
        home.topology = cluster(TWO);
        wait.lookAgain();
        assertThat(dialled()).containsExactly(TWO);
        assertThat(written(connected(0))).isEqualTo("startup");
        advance(5_000);
        assertThat(client.isOpen()).isTrue();
    }

    @Test
    void noLeaderForAsLongAsTheHold_closesWithoutAWord() {
        home.arrive(client, Side.LEADER);
        says(client, "startup");
        advance(29_999);
        assertThat(client.isOpen()).isTrue();
        advance(1);
        assertClosed(Refusal.NO_SERVER);
    }

    @Test
    void noLeaderAndNoHold_closesAtOnce() {
        home.hold = Duration.ZERO;
        home.arrive(client, Side.LEADER);
        assertClosed(Refusal.NO_SERVER);
    }

    @Test
    void serverThatRefusesAndNoHold_closesAtOnce() {
        home.hold = Duration.ZERO;
        home.topology = cluster(ONE);
        home.arrive(client, Side.LEADER);
        home.dials.getFirst().fail();
        assertClosed(Refusal.UNREACHABLE);
        assertThat(home.hints).containsExactly(Hint.CONNECTION_REFUSED);
    }

    @Test
    void leaderThatRefuses_isTriedAgainAfterAWhile() {
        home.topology = cluster(ONE);
        home.arrive(client, Side.LEADER);
        home.dials.get(0).fail();
        advance(999);
        assertThat(home.dials).hasSize(1);
        advance(1);
        assertThat(dialled()).containsExactly(ONE, ONE);
        home.dials.get(1).fail();
        advance(29_000);
        home.dials.subList(2, home.dials.size()).forEach(FakeTunnelHome.Dial::fail);
        assertClosed(Refusal.UNREACHABLE);
    }

    @Test
    void leaderThatRefuses_isLeftForTheNewOneAtOnce() {
        home.topology = cluster(ONE);
        TunnelWait wait = home.arrive(client, Side.LEADER);
        home.dials.getFirst().fail();
        home.topology = cluster(TWO);
        wait.lookAgain();
        assertThat(dialled()).containsExactly(ONE, TWO);
        connected(1);
        advance(2_000);
        assertThat(home.dials).hasSize(2);
    }

    // Hazard R4
    @Test
    void connectionThatComesAboutToALeaderOfBefore_isNotUsed() {
        home.topology = cluster(ONE);
        TunnelWait wait = home.arrive(client, Side.LEADER);
        says(client, "startup");
        home.topology = cluster(null, TWO);
        wait.lookAgain();
        EmbeddedChannel old = connected(0);
        assertThat(old.isOpen()).isFalse();
        assertThat(written(old)).isEmpty();
        home.topology = cluster(TWO);
        wait.lookAgain();
        assertThat(written(connected(1))).isEqualTo("startup");
    }

    @Test
    void switchover_holdsWhatComesToTheLeader_andNothingElse() {
        home.topology = cluster(ONE, TWO);
        home.held = true;
        TunnelWait wait = home.arrive(client, Side.LEADER);
        EmbeddedChannel reader = new EmbeddedChannel();
        home.arrive(reader, Side.REPLICA);
        assertThat(dialled()).containsExactly(TWO);
        home.held = false;
        wait.lookAgain();
        assertThat(dialled()).containsExactly(TWO, ONE);
        reader.finishAndReleaseAll();
    }

    @Test
    void switchoverThatBeginsWhileTheConnectionIsOpened_holdsIt() {
        home.topology = cluster(ONE);
        TunnelWait wait = home.arrive(client, Side.LEADER);
        home.held = true;
        wait.lookAgain();
        assertThat(connected(0).isOpen()).isFalse();
        advance(30_000);
        assertClosed(Refusal.NO_SERVER);
    }

    @Test
    void replicaThatRefuses_isLeftForTheOtherAtOnce() {
        home.topology = cluster(null, ONE, TWO);
        home.arrive(client, Side.REPLICA);
        home.dials.get(0).fail();
        home.dials.get(1).fail();
        assertThat(dialled()).containsExactlyInAnyOrder(ONE, TWO);
        advance(1_000);
        assertThat(home.dials).hasSize(3);
    }

    @Test
    void replicas_getEquallyMany() {
        home.topology = cluster(null, ONE, TWO);
        List<EmbeddedChannel> clients = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            EmbeddedChannel each = new EmbeddedChannel();
            clients.add(each);
            home.arrive(each, Side.REPLICA);
            connected(i);
        }
        assertThat(dialled()).filteredOn(ONE::equals).hasSize(5);
        // Those that have ended are counted no more.
        for (int i = 0; i < 10; i++) {
            if (dialled().get(i).equals(TWO)) {
                clients.get(i).close();
            }
        }
        home.arrive(client, Side.REPLICA);
        assertThat(dialled().getLast()).isEqualTo(TWO);
        clients.forEach(EmbeddedChannel::finishAndReleaseAll);
    }

    @Test
    void clientThatSendsMuchTooEarly_isNotReadUntilItsServerIsThere() {
        home.topology = cluster(ONE);
        home.arrive(client, Side.LEADER);
        says(client, "x".repeat(64 * 1024));
        assertThat(client.config().isAutoRead()).isTrue();
        says(client, "x");
        assertThat(client.config().isAutoRead()).isFalse();
        assertThat(written(connected(0))).hasSize(64 * 1024 + 1);
        assertThat(client.config().isAutoRead()).isTrue();
    }

    @Test
    void clientThatLeavesWhileThereIsNoServer_isForgotten() {
        home.arrive(client, Side.LEADER);
        says(client, "startup");
        client.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        assertThat(home.turnedAway).containsOnlyNulls().hasSize(1);
        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void clientThatLeavesWhileItsConnectionIsOpened_closesThat() {
        home.topology = cluster(ONE);
        home.arrive(client, Side.LEADER);
        says(client, "startup");
        client.close();
        assertThat(connected(0).isOpen()).isFalse();
        assertThat(home.turnedAway).containsOnlyNulls().hasSize(1);
    }

    @Test
    void clientThatHasSentAll_isNotHeldForAServerThatRefuses() {
        home.topology = cluster(ONE);
        home.arrive(client, Side.LEADER);
        client.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        assertThat(client.isOpen()).isTrue();
        home.dials.getFirst().fail();
        assertThat(home.turnedAway).containsOnlyNulls().hasSize(1);
        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void clientThatIsOneTooMany_isClosed() {
        home.topology = cluster(ONE);
        home.refusal = Refusal.LIMIT;
        home.arrive(client, Side.LEADER);
        assertClosed(Refusal.LIMIT);
        assertThat(home.dials).isEmpty();
    }

    @Test
    void shutDown_closesWhoWaits() {
        home.topology = Topology.unknown();
        home.arrive(client, Side.LEADER).shutDown();
        assertClosed(Refusal.SHUTDOWN);
    }
}
