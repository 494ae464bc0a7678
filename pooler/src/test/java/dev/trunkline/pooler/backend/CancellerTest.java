package dev.trunkline.pooler.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.wire.message.BackendKeyData;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Hazard D10: a connection is free of a cancel request only once it is certain what has become of it. */
@Timeout(90)
class CancellerTest {
    private static final BackendKeyData KEY = new BackendKeyData(4711, new byte[] {1, 2, 3, 4});

    private final LoginFixture fixture = new LoginFixture();
    private final CompletableFuture<@Nullable CloseReason> ended = new CompletableFuture<>();

    @AfterEach
    void stop() throws Exception {
        fixture.stop();
    }

    /** Cancels a session of that server, and waits until the connection can go back; its dirt. */
    private @Nullable CloseReason cancel(InetSocketAddress address, int timeoutMillis) throws Exception {
        ConnectionFixture session = new ConnectionFixture(KEY, address);
        session.holder.onReadEnd = () -> {
            assertThat(session.connection.isAtBoundary()).isTrue();
            ended.complete(session.connection.dirt());
        };
        session.connection.attach(session.holder);
        fixture.onLoop(() -> {
            new Canceller(fixture.context, timeoutMillis).cancel(session.connection);
            assertThat(session.connection.isAtBoundary()).isFalse();
        });
        return ended.get(10, TimeUnit.SECONDS);
    }

    @Test
    void serverThatCloses_hasDealtWithIt() throws Exception {
        CompletableFuture<byte[]> request = new CompletableFuture<>();
        try (FakeBackend backend = new FakeBackend(peer -> request.complete(peer.readUntyped()))) {
            assertThat(cancel(backend.address(), 5000)).isNull();
        }
        ByteBuf expected = Unpooled.buffer();
        expected.writeInt(80877102).writeInt(4711).writeBytes(new byte[] {1, 2, 3, 4});
        assertThat(request.get(5, TimeUnit.SECONDS)).isEqualTo(ByteBufUtil.getBytes(expected));
    }

    @Test
    void serverThatAnswersAndCloses_hasDealtWithIt() throws Exception {
        try (FakeBackend backend = new FakeBackend(peer -> {
            peer.readUntyped();
            peer.send(Messages.error("53300", "sorry"));
        })) {
            assertThat(cancel(backend.address(), 5000)).isNull();
        }
    }

    @Test
    void serverThatStaysSilent_isUncertain() throws Exception {
        try (FakeBackend backend = new FakeBackend(FakeBackend.Peer::awaitEnd)) {
            assertThat(cancel(backend.address(), 100)).isEqualTo(CloseReason.CANCEL_UNCERTAIN);
            assertThat(backend.peerGone().await(5, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void serverThatResets_isUncertain() throws Exception {
        try (FakeBackend backend = new FakeBackend(peer -> {
            peer.readUntyped();
            peer.reset();
        })) {
            assertThat(cancel(backend.address(), 5000)).isEqualTo(CloseReason.CANCEL_UNCERTAIN);
        }
    }

    @Test
    void serverThatCannotBeReached_hasNotGotIt() throws Exception {
        InetSocketAddress nobody;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
        }
        assertThat(cancel(nobody, 5000)).isNull();
    }

    @Test
    void sessionOfOneClientAlone_isCancelledByItsKey() throws Exception {
        CompletableFuture<byte[]> request = new CompletableFuture<>();
        try (FakeBackend backend = new FakeBackend(peer -> request.complete(peer.readUntyped()))) {
            ServerIdentity session = new ServerIdentity(backend.address(), "app", "db", KEY, Parameters.NONE);
            fixture.onLoop(() -> new Canceller(fixture.context, 5000).cancel(session));
            assertThat(request.get(5, TimeUnit.SECONDS)).endsWith(1, 2, 3, 4);
        }
    }

    @Test
    void sessionWithoutAKey_isNotCancelled() throws Exception {
        ConnectionFixture session =
                new ConnectionFixture(null, new InetSocketAddress(InetAddress.getLoopbackAddress(), 1));
        session.connection.attach(session.holder);
        fixture.onLoop(() -> new Canceller(fixture.context, 100).cancel(session.connection));
        assertThat(session.connection.isAtBoundary()).isTrue();
    }
}
