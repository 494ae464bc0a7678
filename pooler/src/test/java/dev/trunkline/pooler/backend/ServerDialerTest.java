package dev.trunkline.pooler.backend;

import static dev.trunkline.pooler.backend.Messages.authentication;
import static dev.trunkline.pooler.backend.Messages.fatal;
import static dev.trunkline.pooler.backend.Messages.frame;
import static dev.trunkline.pooler.backend.Messages.join;
import static dev.trunkline.pooler.backend.Messages.key;
import static dev.trunkline.pooler.backend.Messages.parameter;
import static dev.trunkline.pooler.backend.Messages.ready;
import static dev.trunkline.pooler.backend.Messages.text;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.ConnectSettings.Cleartext;
import dev.trunkline.pooler.backend.LoginResult.Outcome;
import dev.trunkline.pooler.backend.ServerTarget.Standing;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Logins whose connection goes to somebody who is not a pool. */
@Timeout(60)
class ServerDialerTest {
    private static final byte[] WELCOME =
            join(authentication(0), parameter("server_version", "13.1"), key(7, 8), ready('I'));

    private final LoginFixture fixture = new LoginFixture();

    @AfterEach
    void stop() throws Exception {
        fixture.stop();
    }

    private static ServerTarget target(FakeBackend backend, Standing standing) {
        Parameters startup = Parameters.of(Map.of("replication", "true"));
        ServerTarget.Login login = new ServerTarget.Login("rep", new Credentials.None(), startup);
        return new ServerTarget(LoginFixture.HOST, backend.port(), "db", login, standing);
    }

    /** The outcome; of a session what {@code successor} hears first. */
    private LoginResult dial(ServerTarget target, CompletableFuture<byte[]> successor) throws Exception {
        CompletableFuture<LoginResult> result = new CompletableFuture<>();
        ServerDialer dialer = new ServerDialer(
                fixture.context, LoginFixture.settings(LoginFixture.TIMEOUT_MILLIS, Cleartext.REFUSED));
        fixture.onLoop(() -> dialer.dial(target, login -> {
            if (login.session() != null) {
                login.session().become(new Listener(successor));
            }
            assertThat(result.complete(login)).isTrue();
        }));
        return result.get(10, TimeUnit.SECONDS);
    }

    /** Keeps the first bytes that it hears. */
    private static final class Listener extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<byte[]> heard;

        Listener(CompletableFuture<byte[]> heard) {
            this.heard = heard;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ByteBuf in = (ByteBuf) msg;
            heard.complete(ByteBufUtil.getBytes(in));
            in.release();
        }
    }

    @Test
    void startupParameters_goAlongAndTheSuccessorHearsWhatComesNext() throws Exception {
        CompletableFuture<byte[]> startup = new CompletableFuture<>();
        CompletableFuture<byte[]> heard = new CompletableFuture<>();
        byte[] copyBoth = frame('W', (byte) 0, (byte) 0, (byte) 0);
        try (FakeBackend backend = new FakeBackend(peer -> {
            startup.complete(peer.readUntyped());
            peer.send(WELCOME);
            peer.read('Q');
            peer.send(copyBoth);
            peer.awaitEnd();
        })) {
            LoginResult result = dial(target(backend, Standing.LEADER_UNASKED), heard);
            assertThat(startup.get(5, TimeUnit.SECONDS))
                    .isEqualTo(join(
                            new byte[] {0, 3, 0, 0},
                            join(text("user"), text("rep"), text("database"), text("db")),
                            join(text("replication"), text("true")),
                            new byte[1]));
            LoggedIn session = requireNonNull(result.session());
            fixture.onLoop(() -> {
                ByteBuf query = session.channel().alloc().buffer();
                session.channel().writeAndFlush(query.writeBytes(frame('Q', text("START_REPLICATION"))));
            });
            assertThat(heard.get(5, TimeUnit.SECONDS)).isEqualTo(copyBoth);
            fixture.onLoop(session::abandon);
            assertThat(backend.peerGone().await(5, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void serverThatSaysThatItRecovers_isNoLeaderEvenUnasked() throws Exception {
        try (FakeBackend backend = new FakeBackend(peer -> {
            peer.readUntyped();
            peer.send(authentication(0), parameter("in_hot_standby", "on"), ready('I'));
            peer.awaitEnd();
        })) {
            LoginResult result = dial(target(backend, Standing.LEADER_UNASKED), new CompletableFuture<>());
            assertThat(result.outcome()).isEqualTo(Outcome.IN_RECOVERY);
        }
    }

    @Test
    void refusal_isKeptAsTheServerSaidIt() throws Exception {
        try (FakeBackend backend = new FakeBackend(peer -> {
            peer.readUntyped();
            peer.send(fatal("42501", "permission denied to start WAL sender"));
        })) {
            LoginResult result = dial(target(backend, Standing.ANY), new CompletableFuture<>());
            assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
            assertThat(requireNonNull(result.error()))
                    .hasToString("FATAL 42501: permission denied to start WAL sender");
        }
    }

    @Test
    void unknownHost_isUnreachable() throws Exception {
        ServerTarget.Login login = new ServerTarget.Login("rep", new Credentials.None());
        LoginResult result =
                dial(new ServerTarget("no such host.invalid", 1, "db", login, Standing.ANY), new CompletableFuture<>());
        assertThat(result.outcome()).isEqualTo(Outcome.UNREACHABLE);
        assertThat(result.message()).contains("no such host.invalid");
    }
}
