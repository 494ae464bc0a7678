package dev.trunkline.pooler.backend;

import dev.trunkline.wire.BackendType;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameLimits;
import dev.trunkline.wire.message.BackendKeyData;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A server connection on an embedded channel, with the test as the server. */
final class ConnectionFixture {
    static final Parameters AT_LOGIN = Parameters.of(Map.of("TimeZone", "UTC"));

    final EmbeddedChannel channel = new EmbeddedChannel();
    final ServerConnection connection;
    final RecordingHolder holder = new RecordingHolder();

    ConnectionFixture() {
        this(
                new BackendKeyData(4711, new byte[] {1, 2, 3, 4}),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 5432));
    }

    ConnectionFixture(@Nullable BackendKeyData key, InetSocketAddress address) {
        FrameCursor cursor = new FrameCursor(BackendType.table(), FrameLimits.DEFAULT, channel.alloc());
        ServerIdentity identity = new ServerIdentity(address, "app", "db", key, Parameters.NONE);
        connection = new ServerConnection(channel, identity, AT_LOGIN, cursor, 10);
        channel.pipeline().addLast(connection);
    }

    /** The same, held. */
    static ConnectionFixture held() {
        ConnectionFixture fixture = new ConnectionFixture();
        fixture.connection.attach(fixture.holder);
        return fixture;
    }

    /** Requests of the holder go out. */
    void expect(Replies.Kind... kinds) {
        for (Replies.Kind kind : kinds) {
            connection.replies().expect(kind);
        }
    }

    /** The server sends all this in one piece. */
    void receive(byte[]... parts) {
        ByteBuf in = channel.alloc().buffer();
        for (byte[] part : parts) {
            in.writeBytes(part);
        }
        channel.writeInbound(in);
    }

    /** The server sends all this byte by byte. */
    void receiveSlowly(byte[]... parts) {
        for (byte each : Messages.join(parts)) {
            receive(new byte[] {each});
        }
    }

    /** What was written to the server and flushed. */
    byte[] sent() {
        byte[] all = new byte[0];
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            all = Messages.join(all, ByteBufUtil.getBytes(out));
            out.release();
        }
        return all;
    }

    static byte[] head(byte[] bytes, int length) {
        return Arrays.copyOf(bytes, length);
    }

    static byte[] tail(byte[] bytes, int from) {
        return Arrays.copyOfRange(bytes, from, bytes.length);
    }
}
