package dev.trunkline.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.TxStatus;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RelayRigTest {
    private static final int QUERY = 1 + 4 + "SELECT 1".length() + 1;

    private final RelayRig rig = new RelayRig();
    private final EmbeddedChannel second = rig.login();

    /** The first client's query is under way on the only connection. */
    @BeforeEach
    void takeTheConnection() {
        assertThat(rig.fromClient(query())).isEqualTo(QUERY);
    }

    @AfterEach
    void close() {
        second.finishAndReleaseAll();
        rig.close();
    }

    @Test
    void aWaitingClient_isReadUntilItSendsMore() {
        assertThat(rig.fromClient(query(), second)).isZero();
        assertThat(second.config().isAutoRead()).isTrue();

        assertThat(rig.fromClient(query(), second)).isZero();
        assertThat(second.config().isAutoRead()).isFalse();
    }

    @Test
    void aWaitingClientThatSentMore_isServedInOrderAndReadAgain() {
        rig.fromClient(query(), second);
        rig.fromClient(query(), second);

        rig.fromServer(answer());

        assertThat(second.config().isAutoRead()).isTrue();
        assertThat(rig.toServer()).isEqualTo(2 * QUERY);
    }

    private static ByteBuf query() {
        ByteBuf out = Unpooled.buffer();
        FrameWriter.query(out, "SELECT 1");
        return out;
    }

    private static ByteBuf answer() {
        ByteBuf out = Unpooled.buffer();
        FrameWriter.commandComplete(out, "SELECT 0");
        FrameWriter.readyForQuery(out, TxStatus.IDLE);
        return out;
    }
}
