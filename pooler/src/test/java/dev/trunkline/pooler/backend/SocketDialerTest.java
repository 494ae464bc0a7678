package dev.trunkline.pooler.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.ConnectSettings.Cleartext;
import io.netty.channel.Channel;
import java.net.ServerSocket;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SocketDialerTest {
    private final LoginFixture fixture = new LoginFixture();
    private final SocketDialer dialer =
            new SocketDialer(fixture.context, LoginFixture.settings(5_000, Cleartext.REFUSED));

    @AfterEach
    void stop() throws Exception {
        fixture.stop();
    }

    private SocketDialer.Dialled dial(String host, int port) throws Exception {
        CompletableFuture<SocketDialer.Dialled> done = new CompletableFuture<>();
        fixture.onLoop(() -> dialer.dial(host, port, done::complete));
        return done.get(20, TimeUnit.SECONDS);
    }

    @Test
    void connection_isOpenAndNotRead() throws Exception {
        try (ServerSocket server = new ServerSocket(0)) {
            SocketDialer.Dialled dialled = dial(LoginFixture.HOST, server.getLocalPort());
            Channel channel = Objects.requireNonNull(dialled.channel());
            assertThat(dialled.message()).isEmpty();
            assertThat(channel.isActive()).isTrue();
            assertThat(channel.config().isAutoRead()).isFalse();
            channel.close().sync();
        }
    }

    @Test
    void serverThatRefuses_isTold() throws Exception {
        int port;
        try (ServerSocket server = new ServerSocket(0)) {
            port = server.getLocalPort();
        }
        SocketDialer.Dialled dialled = dial(LoginFixture.HOST, port);
        assertThat(dialled.channel()).isNull();
        assertThat(dialled.message()).contains("Connection refused");
    }

    @Test
    void hostThatNobodyKnows_isTold() throws Exception {
        SocketDialer.Dialled dialled = dial("no-such-host.invalid", 5432);
        assertThat(dialled.channel()).isNull();
        assertThat(dialled.message()).isNotEmpty();
    }

    @Test
    void unixSocketThatIsNotThere_isTold() throws Exception {
        SocketDialer.Dialled dialled = dial("/no/such/directory", 5432);
        assertThat(dialled.channel()).isNull();
        assertThat(dialled.message()).isNotEmpty();
    }
}
