package dev.trunkline.server.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.Credentials;
import dev.trunkline.server.auth.AuthExchange;
import dev.trunkline.server.auth.AuthStep;
import dev.trunkline.server.testing.Frames;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameLimits;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.message.CancelRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AuthHandlerTest {
    private final Door door = new Door();
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

    /** Keeps whoever comes in waiting behind the door. */
    private static final class Door implements FrontDoor {
        private final CompletableFuture<AuthExchange> begun = new CompletableFuture<>();
        private @Nullable FrameCursor entered;

        @Override
        public @Nullable PgError refusal() {
            return null;
        }

        @Override
        public void cancel(CancelRequest request) {
            throw new IllegalStateException("nothing was asked to be cancelled");
        }

        @Override
        public CompletionStage<AuthExchange> authenticate(String user) {
            return begun;
        }

        @Override
        public void enter(Channel channel, Entrant entrant, FrameCursor cursor) {
            entered = cursor;
        }

        @Override
        public void turnedAway(Channel channel, @Nullable String user, CloseCause cause) {
            // Nobody counts.
        }

        @Override
        public long loginTimeoutMillis() {
            return 0;
        }

        @Override
        public FrameLimits limits() {
            return FrameLimits.DEFAULT;
        }

        @Override
        public Set<String> ignoredParameters() {
            return Set.of();
        }
    }
}
