package dev.trunkline.benchmarks;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.server.client.ClientSession;
import dev.trunkline.server.client.ReadTraits;
import dev.trunkline.server.client.SessionIdentity;
import dev.trunkline.server.client.SessionTraits;
import dev.trunkline.server.config.ListenMode;
import dev.trunkline.server.config.ListenSettings;
import dev.trunkline.server.config.PoolMode;
import dev.trunkline.server.config.PoolSettings;
import dev.trunkline.server.config.SessionRules;
import dev.trunkline.server.config.SessionStateMode;
import dev.trunkline.server.config.UnnamedReuse;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameLimits;
import dev.trunkline.wire.FrontendType;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;

/**
 * The whole way of a query without sockets: one client that has logged in, a pool in transaction mode with one server
 * connection, and what the worker gives them. Driven by hand. Loop-confined.
 */
final class RelayRig implements AutoCloseable {
    private final TaskQueue loop = new TaskQueue();
    private final EmbeddedChannel server = new EmbeddedChannel();
    private final RigHome home = new RigHome(server, loop);
    private final EmbeddedChannel client = login();

    /** One more client that has logged in; the caller closes it before the rig. */
    EmbeddedChannel login() {
        EmbeddedChannel channel = new EmbeddedChannel();
        FrameCursor cursor = new FrameCursor(FrontendType.table(), FrameLimits.DEFAULT, channel.alloc());
        SessionIdentity identity = new SessionIdentity(1, "app", "app", "app", "");
        SessionTraits traits =
                new SessionTraits(settings(), SessionTraits.Destination.BY_TRANSACTION, ReadTraits.USUAL, 0, "");
        channel.pipeline()
                .addLast(new ClientSession(
                        channel, new ClientSession.Login(identity, traits, Parameters.NONE), cursor, home));
        return channel;
    }

    /** The client's buffers come from the same allocator as in production. */
    Channel client() {
        return client;
    }

    /**
     * The client sends these bytes.
     *
     * @param bytes taken
     * @return how many bytes the server got
     */
    int fromClient(ByteBuf bytes) {
        return fromClient(bytes, client);
    }

    /** The same for a client that came by {@link #login}. */
    int fromClient(ByteBuf bytes, EmbeddedChannel sender) {
        return carry(bytes, sender, server);
    }

    /**
     * The server sends these bytes.
     *
     * @param bytes taken
     * @return how many bytes the client got
     */
    int fromServer(ByteBuf bytes) {
        return carry(bytes, server, client);
    }

    /** How many bytes the server got since it was last looked. */
    int toServer() {
        return sent(server);
    }

    /** One read of one socket, and what it makes go out of the other. */
    private int carry(ByteBuf bytes, EmbeddedChannel from, EmbeddedChannel to) {
        from.pipeline().fireChannelRead(bytes);
        from.pipeline().fireChannelReadComplete();
        loop.drain();
        return sent(to);
    }

    private static int sent(EmbeddedChannel channel) {
        int bytes = 0;
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            bytes += out.readableBytes();
            out.release();
        }
        return bytes;
    }

    @Override
    public void close() {
        client.finishAndReleaseAll();
        server.finishAndReleaseAll();
        loop.drain();
    }

    private static PoolSettings settings() {
        return new PoolSettings(
                PoolMode.TRANSACTION,
                1,
                0,
                0,
                0,
                200,
                UnnamedReuse.OFF,
                1 << 20,
                Duration.ofHours(1),
                Duration.ofMinutes(2),
                Duration.ZERO,
                Duration.ZERO,
                new SessionRules(SessionStateMode.REPLAY, 50),
                new ListenSettings(ListenMode.PIN, false, 1 << 20));
    }
}
