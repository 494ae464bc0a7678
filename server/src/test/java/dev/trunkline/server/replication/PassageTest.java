package dev.trunkline.server.replication;

import static dev.trunkline.server.replication.FakePassageHome.ONE;
import static dev.trunkline.server.replication.FakePassageHome.TWO;
import static dev.trunkline.server.replication.FakePassageHome.cluster;
import static dev.trunkline.server.replication.FakePassageHome.messages;
import static dev.trunkline.server.replication.FakePassageHome.written;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.router.Hint;
import dev.trunkline.router.Topology;
import dev.trunkline.server.client.CloseCause;
import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.Message;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameLimits;
import dev.trunkline.wire.FrontendType;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is passed on, and how it ends. */
class PassageTest {
    private static final byte[] DATA = Frames.copyData(new byte[100]);

    private final FakePassageHome home = new FakePassageHome();
    private final Client client = new Client();
    private EmbeddedChannel server = new EmbeddedChannel();

    /** A channel whose peer can stop reading. */
    private static final class Client extends EmbeddedChannel {
        private boolean stuck;

        @Override
        protected void doWrite(ChannelOutboundBuffer out) throws Exception {
            if (!stuck) {
                super.doWrite(out);
            }
        }
    }

    @AfterEach
    void close() {
        client.finishAndReleaseAll();
        server.finishAndReleaseAll();
    }

    /** A passage whose server has said {@code more} behind its login; the client has read its greeting. */
    private Passage passage(Side side, byte[]... more) {
        home.topology = cluster(ONE, ONE);
        FrameCursor cursor = new FrameCursor(FrontendType.table(), FrameLimits.DEFAULT, client.alloc());
        PassageLogin login = new PassageLogin(FakePassageHome.traveller(client, side), cursor, home);
        client.pipeline().addLast(login);
        login.begin();
        server = FakePassageHome.succeed(home.dials.getFirst(), more);
        return home.passages.getFirst();
    }

    private Passage greeted(Side side) {
        Passage passage = passage(side);
        messages(client);
        return passage;
    }

    private static void says(EmbeddedChannel channel, byte[] bytes) {
        channel.writeInbound(Unpooled.wrappedBuffer(bytes));
    }

    @Test
    void greeting_isTheServersWithAKeyOfTheProxy() {
        passage(Side.LEADER, DATA);
        assertThat(messages(client))
                .extracting(message -> message.type() + ":" + message.body().length)
                .containsExactly("S:20", "S:13", "K:8", "Z:1", "d:100");
    }

    @Test
    void halfFrames_arePassedOnBothWays() {
        Passage passage = greeted(Side.LEADER);
        says(server, Arrays.copyOf(DATA, 7));
        says(client, Arrays.copyOf(DATA, 3));
        assertThat(written(client)).isEqualTo(Arrays.copyOf(DATA, 7));
        assertThat(written(server)).isEqualTo(Arrays.copyOf(DATA, 3));
        assertThat(passage.sentBytes()).isEqualTo(7);
    }

    @Test
    void receiverThatIsFull_stopsTheSenderUntilThereIsRoom() {
        greeted(Side.LEADER);
        writable(client, false);
        says(server, DATA);
        assertThat(server.config().isAutoRead()).isFalse();
        assertThat(client.config().isAutoRead()).isTrue();
        writable(client, true);
        assertThat(server.config().isAutoRead()).isTrue();
        writable(server, false);
        says(client, DATA);
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
    void leaderThatMoves_isToldBetweenTwoFrames() {
        Passage passage = greeted(Side.LEADER);
        says(server, DATA);
        passage.apply(cluster(TWO));
        assertThat(messages(client)).extracting(Message::type).containsExactly('d', 'E');
        assertEnded(CloseCause.ROLE_CHANGED);
    }

    @Test
    void leaderThatMoves_isNotToldInsideOfAFrame() {
        Passage passage = greeted(Side.LEADER);
        says(server, Arrays.copyOf(DATA, 7));
        passage.apply(cluster(TWO));
        assertThat(written(client)).hasSize(7);
        assertEnded(CloseCause.ROLE_CHANGED);
    }

    private void assertEnded(CloseCause cause) {
        client.runPendingTasks();
        server.runPendingTasks();
        assertThat(home.ended).containsExactly(cause);
        assertThat(client.isOpen()).isFalse();
        assertThat(server.isOpen()).isFalse();
    }

    @Test
    void leaderThatNobodyKnows_isNotLeft() {
        Passage passage = greeted(Side.LEADER);
        passage.apply(Topology.unknown());
        passage.apply(cluster(null, TWO));
        passage.apply(cluster(ONE, TWO));
        assertThat(home.ended).isEmpty();
        passage.apply(cluster(null, ONE));
        assertEnded(CloseCause.ROLE_CHANGED);
    }

    @Test
    void replicaThatIsNotEligible_isNotLeftUntilItLeads() {
        Passage passage = greeted(Side.REPLICA);
        passage.apply(cluster(TWO));
        assertThat(home.ended).isEmpty();
        passage.apply(cluster(ONE));
        assertThat(Message.error(messages(client)).fields())
                .containsEntry('C', "57P01")
                .containsEntry(
                        'M', "terminating replication connection because its server is not the replica any more");
        assertEnded(CloseCause.ROLE_CHANGED);
    }

    @Test
    void serverThatIsLost_isAReasonToLookAtTheCluster() {
        greeted(Side.LEADER);
        says(server, DATA);
        server.close();
        assertThat(written(client)).isEqualTo(DATA);
        assertEnded(CloseCause.SERVER_LOST);
        assertThat(home.hints).containsExactly(Hint.CONNECTION_LOST);
    }

    @Test
    void serverThatEndsBehindTerminate_isNotLost() {
        greeted(Side.LEADER);
        says(client, Frames.terminate());
        assertThat(written(server)).isEqualTo(Frames.terminate());
        server.close();
        assertEnded(CloseCause.CLIENT_TERMINATED);
        assertThat(home.hints).isEmpty();
    }

    @Test
    void clientThatIsGone_takesItsServerConnectionAlong() {
        greeted(Side.LEADER);
        says(client, DATA);
        client.close();
        assertThat(written(server)).isEqualTo(DATA);
        assertEnded(CloseCause.CLIENT_CLOSED);
    }

    @Test
    void clientThatDoesNotReadItsLastWords_isClosedAfterAWhile() {
        Passage passage = greeted(Side.LEADER);
        client.freezeTime();
        client.stuck = true;
        passage.shutDown();
        assertThat(home.ended).containsExactly(CloseCause.SHUTDOWN);
        client.advanceTimeBy(29, TimeUnit.SECONDS);
        client.runScheduledPendingTasks();
        assertThat(client.isOpen()).isTrue();
        client.advanceTimeBy(1, TimeUnit.SECONDS);
        client.runScheduledPendingTasks();
        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void cancel_goesToTheServersOwnSession() {
        greeted(Side.LEADER).cancel();
        assertThat(home.cancelled).extracting(session -> session.pid()).containsExactly(4711);
    }

    @Test
    void clientThatResets_takesItsServerConnectionAlong() {
        greeted(Side.LEADER);
        client.pipeline().fireExceptionCaught(new IOException("reset"));
        assertEnded(CloseCause.CLIENT_CLOSED);
    }
}
