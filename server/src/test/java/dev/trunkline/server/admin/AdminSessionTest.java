package dev.trunkline.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.state.ProxySnapshot;
import dev.trunkline.server.state.SampleState;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.PgError;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdminSessionTest {
    private final SampleState state = new SampleState();
    private final AdminConsole console = new AdminConsole(
            state,
            new AdminConsole.Powers(
                    (_, _) -> {
                        throw new AssertionError("no switchover");
                    },
                    new FakePools(),
                    (_, _) -> new AdminResult.Empty()),
            "0.1.0",
            Runnable::run,
            Duration.ofSeconds(5));
    private final EmbeddedChannel channel = new EmbeddedChannel(
            new AdminSession(console, new AdminUser("watcher", ConsoleAccess.STATS), UnpooledByteBufAllocator.DEFAULT));

    @AfterEach
    void everyBufferIsReleased() {
        channel.finishAndReleaseAll();
    }

    @Test
    void query_isAnsweredByRowsAndReadyForQuery() {
        send(out -> FrameWriter.query(out, "SHOW VERSION"));

        assertThat(types()).isEqualTo("TDCZ");
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void query_thatHasSeveralStatementsEndsWithOneReadyForQuery() {
        send(out -> FrameWriter.query(out, "SET timezone = 'UTC'; SHOW VERSION; FOO; SHOW VERSION"));

        assertThat(types()).isEqualTo("NCTDCEZ");
    }

    @Test
    void query_withoutAStatementIsAnsweredByEmptyQueryResponse() {
        send(out -> FrameWriter.query(out, ";"));

        assertThat(types()).isEqualTo("IZ");
    }

    @Test
    void query_thatArrivesByteByByteIsAnsweredOnce() {
        ByteBuf whole = Unpooled.buffer();
        FrameWriter.query(whole, "SHOW VERSION");
        while (whole.isReadable()) {
            assertThat(channel.outboundMessages()).isEmpty();
            channel.writeInbound(whole.readRetainedSlice(1));
            channel.runPendingTasks();
        }
        whole.release();

        assertThat(types()).isEqualTo("TDCZ");
    }

    @Test
    void query_waitsForTheAnswerOfTheOneBefore() {
        CompletableFuture<ProxySnapshot> slow = new CompletableFuture<>();
        state.answer(slow);
        send(out -> {
            FrameWriter.query(out, "SHOW POOLS");
            FrameWriter.query(out, "SHOW VERSION");
        });

        assertThat(types()).isEmpty();
        assertThat(channel.config().isAutoRead()).isFalse();

        slow.complete(ProxySnapshot.EMPTY);
        channel.runPendingTasks();
        assertThat(types()).isEqualTo("TCZTDCZ");
        assertThat(channel.config().isAutoRead()).isTrue();
    }

    @Test
    void query_ofAClientThatDoesNotReadIsNotRunBeforeItReads() {
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        send(out -> FrameWriter.query(out, "SHOW POOLS"));
        assertThat(state.asked()).isZero();
        assertThat(channel.config().isAutoRead()).isFalse();

        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
        channel.runPendingTasks();
        assertThat(state.asked()).isEqualTo(1);
        assertThat(channel.config().isAutoRead()).isTrue();
    }

    @Test
    void answer_thatComesAfterTheClientLeftIsDropped() {
        CompletableFuture<ProxySnapshot> slow = new CompletableFuture<>();
        state.answer(slow);
        send(out -> FrameWriter.query(out, "SHOW POOLS"));
        var _ = channel.close();

        slow.complete(ProxySnapshot.EMPTY);
        channel.runPendingTasks();
        assertThat(channel.outboundMessages()).isEmpty();
    }

    @Test
    void terminate_closesWithoutAWord() {
        send(FrameWriter::terminate);

        assertThat(types()).isEmpty();
        assertThat(channel.isOpen()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(chars = {'P', 'B', 'E', 'D'})
    void extendedMessage_isRefusedInPgBouncersWordsAndClosesTheConnection(char type) {
        send(out -> out.writeByte(type).writeInt(6).writeByte('S').writeByte(0));

        PgError error = onlyError();
        assertThat(error.severity()).isEqualTo(PgError.Severity.FATAL);
        assertThat(error.code()).isEqualTo("08P01");
        assertThat(error.message()).isEqualTo("extended query protocol not supported by admin console");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void otherMessage_isRefusedByItsNumber() {
        send(out -> out.writeByte('F').writeInt(4));

        assertThat(onlyError().message()).isEqualTo("unsupported packet type for admin console: 70");
        assertThat(channel.isOpen()).isFalse();
    }

    /** Hazards S16 and S17, behind the login. */
    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 3, 8 * 1024 + 1, Integer.MAX_VALUE})
    void length_outsideItsBoundsIsRefusedBeforeAnythingIsGathered(int length) {
        send(out -> out.writeByte('Q').writeInt(length));

        PgError error = onlyError();
        assertThat(error.code()).isEqualTo("08P01");
        assertThat(error.message()).startsWith("invalid message length");
        assertThat(channel.isOpen()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "SHOW VERSION", "SHOW\0VERSION\0"})
    void query_whoseTextDoesNotEndWithTheMessageIsRefused(String body) {
        send(out -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            out.writeByte('Q').writeInt(4 + bytes.length).writeBytes(bytes);
        });

        assertThat(onlyError().message()).isEqualTo("invalid string in message");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void bytes_behindTheEndAreThrownAway() {
        send(out -> {
            FrameWriter.sync(out);
            FrameWriter.query(out, "SHOW POOLS");
        });

        assertThat(types()).isEqualTo("E");
        assertThat(state.asked()).isZero();
    }

    @Test
    void greet_tellsTheParametersOfPgBouncersConsole() {
        ByteBuf out = Unpooled.buffer();
        AdminSession.greet(out);
        String text = out.toString(StandardCharsets.ISO_8859_1);
        out.release();

        assertThat(text)
                .contains("server_version\0" + "1.25.2/bouncer\0")
                .contains("client_encoding\0UTF8\0")
                .contains("server_encoding\0UTF8\0")
                .contains("DateStyle\0ISO\0")
                .contains("TimeZone\0GMT\0")
                .contains("standard_conforming_strings\0on\0")
                .contains("is_superuser\0on\0");
    }

    private void send(Consumer<ByteBuf> writer) {
        ByteBuf out = Unpooled.buffer();
        writer.accept(out);
        channel.writeInbound(out);
        channel.runPendingTasks();
    }

    /** The types of all messages that were sent since the last call. */
    private String types() {
        StringBuilder types = new StringBuilder();
        for (Frame frame : frames()) {
            types.append(frame.type());
        }
        return types.toString();
    }

    private PgError onlyError() {
        List<Frame> frames = frames();
        assertThat(frames).hasSize(1);
        return Objects.requireNonNull(frames.getFirst().error());
    }

    private List<Frame> frames() {
        List<Frame> frames = new ArrayList<>();
        for (ByteBuf sent = channel.readOutbound(); sent != null; sent = channel.readOutbound()) {
            while (sent.isReadable()) {
                char type = (char) sent.readByte();
                int length = sent.readInt() - 4;
                PgError error = type == 'E' ? PgError.read(sent, sent.readerIndex(), length) : null;
                frames.add(new Frame(type, error));
                sent.skipBytes(length);
            }
            sent.release();
        }
        return frames;
    }

    private record Frame(char type, @Nullable PgError error) {}
}
