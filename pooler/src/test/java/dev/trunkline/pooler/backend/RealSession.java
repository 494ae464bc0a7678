package dev.trunkline.pooler.backend;

import static dev.trunkline.pooler.backend.Messages.frame;
import static dev.trunkline.pooler.backend.Messages.join;
import static dev.trunkline.pooler.backend.Messages.text;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trunkline.pooler.backend.Replies.Kind;
import dev.trunkline.pooler.pool.CloseReason;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A session on a real PostgreSQL for each test, and the messages that a client sends. */
@Timeout(120)
abstract class RealSession {
    static final byte[] SYNC = frame('S');

    @TempDir
    static Path data;

    private static @Nullable RealServer started;

    final LoginFixture fixture = new LoginFixture();
    final RealServer server = Objects.requireNonNull(started);
    final RecordingHolder holder = new RecordingHolder();
    final ServerConnector connector =
            fixture.connector(LoginFixture.target(server.port(), "trusted", new Credentials.None()));

    private @Nullable ServerConnection open;

    @BeforeAll
    static void startServer() throws Exception {
        started = RealServer.start(data);
        started.sql("CREATE TABLE t (a int)", "CREATE VIEW v AS SELECT * FROM t", "GRANT ALL ON t, v TO PUBLIC");
    }

    @AfterAll
    static void stopServer() throws Exception {
        if (started != null) {
            started.stop();
        }
    }

    @BeforeEach
    void connect() throws Exception {
        ServerConnection connection = fixture.succeed(connector);
        open = connection;
        fixture.onLoop(() -> connection.attach(holder));
    }

    @AfterEach
    void stop() throws Exception {
        fixture.onLoop(() -> connection().close(CloseReason.IDLE));
        fixture.stop();
    }

    ServerConnection connection() {
        return Objects.requireNonNull(open);
    }

    /** Sends requests and what they ask for; Flush asks for nothing. */
    void send(byte[] bytes, Kind... kinds) throws Exception {
        fixture.onLoop(() -> {
            for (Kind kind : kinds) {
                connection().replies().expect(kind);
            }
            connection().write(Unpooled.wrappedBuffer(bytes));
            connection().flush();
        });
    }

    /** Waits on the loop, read by read, until this is so. */
    void await(BooleanSupplier condition) throws Exception {
        CompletableFuture<Boolean> met = new CompletableFuture<>();
        fixture.onLoop(() -> {
            holder.onReadEnd = () -> {
                if (condition.getAsBoolean()) {
                    met.complete(true);
                }
            };
            holder.onReadEnd.run();
        });
        met.get(30, TimeUnit.SECONDS);
    }

    /** The types of the messages that came, once the server is at rest. */
    String typesAtRest() throws Exception {
        await(connection()::isAtBoundary);
        return types();
    }

    String typesOnceOpen() throws Exception {
        await(() -> connection().replies().isEmpty());
        return types();
    }

    String types() throws Exception {
        byte[] stream = fixture.onLoop(holder::takeStream);
        StringBuilder types = new StringBuilder();
        for (int at = 0;
                at < stream.length;
                at += 1 + Unpooled.wrappedBuffer(stream).getInt(at + 1)) {
            types.append((char) stream[at]);
        }
        return types.toString();
    }

    static byte[] query(String text) {
        return frame('Q', text(text));
    }

    static byte[] parse(String text) {
        return frame('P', join(text(""), text(text), new byte[2]));
    }

    static byte[] bind() {
        return frame('B', new byte[8]);
    }

    static byte[] execute(int rows) {
        return frame('E', (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) rows);
    }

    static byte[] extended(String text) {
        return join(parse(text), bind(), execute(0));
    }

    static byte[] copyData(String line) {
        return frame('d', (line + "\n").getBytes(UTF_8));
    }

    String ask(String query) throws Exception {
        CompletableFuture<String> answer = new CompletableFuture<>();
        fixture.onLoop(() -> {
            connection().ask(query, error -> answer.complete(error == null ? "done" : error.message()));
            connection().flush();
        });
        return answer.get(30, TimeUnit.SECONDS);
    }
}
