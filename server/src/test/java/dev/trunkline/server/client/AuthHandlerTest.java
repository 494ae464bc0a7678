package dev.trunkline.server.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.Credentials;
import dev.trunkline.server.auth.AuthExchange;
import dev.trunkline.server.auth.AuthStep;
import dev.trunkline.server.testing.Frames;
import dev.trunkline.wire.FrameCursor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AuthHandlerTest {
    private final FakeDoor door = new FakeDoor();
    private final EmbeddedChannel channel = new EmbeddedChannel(new StartupHandler(door));

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
        if (door.entered != null) {
            door.entered.close();
        }
    }

    private void sends(byte[]... parts) {
        channel.writeInbound(Unpooled.wrappedBuffer(Frames.concat(parts)));
        channel.runPendingTasks();
    }

    @Test
    void bytesThatComeWhileTheClientIsLedToItsWorker_areKept() {
        sends(Frames.startup(Map.of("user", "app", "database", "app")));
        door.begun.complete(new Trust());
        channel.runPendingTasks();
        FrameCursor cursor = Objects.requireNonNull(door.entered);

        byte[] early = Frames.query("SELECT 1");
        sends(early);

        assertThat(cursor.unread()).isEqualTo(early.length);
    }

    @Test
    void clientThatLeavesWhileItIsLedToItsWorker_leavesNoBytes() {
        sends(Frames.startup(Map.of("user", "app", "database", "app")));
        door.begun.complete(new Trust());
        channel.runPendingTasks();
        ByteBuf early = Unpooled.wrappedBuffer(Frames.query("SELECT 1"));
        channel.writeInbound(early);

        channel.close();
        channel.runPendingTasks();

        assertThat(early.refCnt()).isZero();
    }

    // Hazard S16
    @Test
    void clientThatSendsMuchBeforeItIsAsked_hasToWait() {
        sends(Frames.startup(Map.of("user", "app", "database", "app")));
        sends(new byte[100_000]);
        assertThat(channel.config().isAutoRead()).isFalse();

        door.begun.complete(new Trust());
        channel.runPendingTasks();

        assertThat(channel.config().isAutoRead()).isTrue();
    }

    /** Lets everybody in. */
    private static final class Trust implements AuthExchange {
        @Override
        public AuthStep start() {
            return new AuthStep.Granted(new Credentials.None(), null);
        }

        @Override
        public AuthStep answer(byte[] body) {
            throw new IllegalStateException("nothing was asked");
        }
    }
}
