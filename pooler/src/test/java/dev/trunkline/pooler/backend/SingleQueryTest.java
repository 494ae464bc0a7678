package dev.trunkline.pooler.backend;

import static dev.trunkline.pooler.backend.Messages.authentication;
import static dev.trunkline.pooler.backend.Messages.complete;
import static dev.trunkline.pooler.backend.Messages.error;
import static dev.trunkline.pooler.backend.Messages.frame;
import static dev.trunkline.pooler.backend.Messages.join;
import static dev.trunkline.pooler.backend.Messages.key;
import static dev.trunkline.pooler.backend.Messages.ready;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.wire.PgError;
import dev.trunkline.wire.message.DataRow;
import io.netty.buffer.ByteBuf;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One question on a connection of its own, to servers that answer, refuse, hang up or say nothing. */
@Timeout(60)
class SingleQueryTest {
    private static final byte[] WELCOME = join(authentication(0), key(7, 8), ready('I'));
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final LoginFixture fixture = new LoginFixture();

    @AfterEach
    void stop() throws Exception {
        fixture.stop();
    }

    private Answer ask(int port, Duration limit) {
        Answer answer = new Answer();
        ServerTarget target = LoginFixture.target(port, "app", new Credentials.None());
        new SingleQuery(fixture.context, limit).ask(target, "SELECT 1", answer);
        return answer;
    }

    /** The server lets the proxy in, reads its question, and does this. */
    private static FakeBackend asked(FakeBackend.Script then) throws Exception {
        return new FakeBackend(peer -> {
            peer.readUntyped();
            peer.send(WELCOME);
            peer.read('Q');
            then.play(peer);
        });
    }

    @Test
    void answer_isToldWithItsRowsAndTheConnectionIsClosed() throws Exception {
        byte[] row = frame('D', new byte[] {0, 1, 0, 0, 0, 1, '1'});
        try (FakeBackend backend = asked(peer -> {
            peer.send(row, complete("SELECT 1"), ready('I'));
            peer.awaitEnd();
        })) {
            Answer answer = ask(backend.port(), LIMIT);
            assertThat(answer.end()).isEmpty();
            assertThat(answer.rows).containsExactly(List.of("1"));
            assertThat(backend.peerGone().await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void error_isTheServersOwn() throws Exception {
        try (FakeBackend backend = asked(peer -> {
            peer.send(error("42501", "permission denied"), ready('I'));
            peer.awaitEnd();
        })) {
            assertThat(ask(backend.port(), LIMIT).end())
                    .hasValueSatisfying(error -> assertThat(error.code()).isEqualTo("42501"));
            assertThat(backend.peerGone().await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void serverThatHangsUp_isAnError() throws Exception {
        try (FakeBackend backend = asked(_ -> {})) {
            assertThat(ask(backend.port(), LIMIT).end())
                    .hasValueSatisfying(error -> assertThat(error.code()).isEqualTo("08006"));
        }
    }

    @Test
    void serverThatSaysNothing_isGivenUpOnceAndClosed() throws Exception {
        try (FakeBackend backend = asked(FakeBackend.Peer::awaitEnd)) {
            Answer answer = ask(backend.port(), Duration.ofMillis(20));
            assertThat(answer.end())
                    .hasValueSatisfying(error -> assertThat(error.code()).isEqualTo("57014"));
            assertThat(backend.peerGone().await(10, TimeUnit.SECONDS)).isTrue();
            // What the closed connection says of it comes behind that.
            fixture.onLoop(() -> {});
            assertThat(answer.ends).isEqualTo(1);
        }
    }

    @Test
    void nobodyThere_isAnError() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        assertThat(ask(port, LIMIT).end()).hasValueSatisfying(error -> {
            assertThat(error.code()).isEqualTo("08006");
            assertThat(error.message()).contains("could not connect");
        });
    }

    /** Keeps what it is told. */
    private static final class Answer implements OwnQuery {
        private final List<List<@Nullable String>> rows = new ArrayList<>();
        private final CompletableFuture<Optional<PgError>> end = new CompletableFuture<>();
        private int ends;

        @Override
        public void row(ByteBuf buf, int index, int length) {
            rows.add(DataRow.read(buf, index, length));
        }

        @Override
        public void ended(@Nullable PgError error) {
            ends++;
            end.complete(Optional.ofNullable(error));
        }

        Optional<PgError> end() throws Exception {
            return end.get(30, TimeUnit.SECONDS);
        }
    }
}
