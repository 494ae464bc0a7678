package dev.trunkline.pooler.statement;

import static dev.trunkline.pooler.backend.Replies.Action.FORWARD;
import static dev.trunkline.pooler.backend.Replies.Action.SWALLOW;
import static dev.trunkline.pooler.backend.Replies.Action.SYNTHESIZE;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.Replies;
import dev.trunkline.pooler.backend.Replies.Action;
import dev.trunkline.pooler.backend.Replies.Kind;
import dev.trunkline.pooler.statement.StatementRewriter.Certainty;
import dev.trunkline.wire.FrameCursor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Random batches of several clients over several server connections, some of them sent before the one in front is answered; each
 * answer is compared with what the client would get from a server of its own. Hazards D3, D4, D5, D6.
 */
class StatementMappingRandomTest {
    private static final int CLIENTS = 3;
    private static final int SERVERS = 2;
    private static final int PIPELINES = 4000;

    private final StatementCatalog catalog = new StatementCatalog(1000);
    private final List<Client> clients = new ArrayList<>();
    private final List<Server> servers = new ArrayList<>();
    private int max;
    private Reuse reuse = Reuse.NONE;
    private int reused;
    private int waits;
    private final List<String> trace = new ArrayList<>();
    private long seed;
    private Random random = new Random(0);

    /** A client, and the server that it would have without a proxy. */
    private final class Client {
        final FakeServer own = new FakeServer();
        final ClientStatements statements = new ClientStatements(catalog, catalog, Long.MAX_VALUE, reuse);
        final StatementRewriter rewriter = new StatementRewriter(statements);
        final Uncertainty uncertainty = new Uncertainty(statements);
        final List<String> expected = new ArrayList<>();
        final List<String> got = new ArrayList<>();

        void expects(String answer) {
            if (answer.equals(FakeServer.QUERY_ERROR)) {
                expected.add(FakeServer.ERROR);
                expected.add("ready");
            } else if (!answer.equals(FakeServer.SKIPPED)) {
                expected.add(answer);
            }
        }
    }

    /** A server connection with what was sent and not yet read there. */
    private final class Server {
        final FakeServer postgres = new FakeServer();
        final Replies replies = new Replies();
        final ServerStatements statements = new ServerStatements(max, replies);
        final ArrayDeque<Supplier<String>> sent = new ArrayDeque<>();
        final List<String> occupied = new ArrayList<>();

        void send(Kind kind, Action action, @Nullable Undo undo, Supplier<String> message) {
            replies.expect(kind, action, undo);
            trace.add("send " + kind + " " + action);
            sent.add(message);
        }

        /** The server reads the next message, and the client gets what is due. */
        void read(Client client) {
            String answer = sent.remove().get();
            trace.add("  read " + answer + " " + replies.next());
            if (answer.equals(FakeServer.QUERY_ERROR)) {
                answer(client, FakeServer.ERROR);
                answer(client, "ready");
            } else if (!answer.equals(FakeServer.SKIPPED)) {
                answer(client, answer);
            }
            synthesize(client);
        }

        private void answer(Client client, String answer) {
            if (answer.equals(FakeServer.RELEASED)) {
                statements.clear();
                client.statements.clear(statements);
            }
            if (replies.onReply(typeOf(answer)) == FORWARD) {
                client.got.add(answer);
            }
        }

        void synthesize(Client client) {
            for (Kind kind = replies.pollSynthesized(); kind != null; kind = replies.pollSynthesized()) {
                client.got.add(kind == Kind.PARSE ? "parsed" : "closed");
            }
        }
    }

    private static byte typeOf(String answer) {
        return (byte)
                switch (answer) {
                    case "parsed" -> '1';
                    case "closed" -> '3';
                    case "ready" -> 'Z';
                    case FakeServer.ERROR -> 'E';
                    case FakeServer.RELEASED -> 'C';
                    default -> '2';
                };
    }

    @ParameterizedTest(name = "at most {0} statements on a server, reuse {1}")
    @CsvSource({"1, NONE", "2, NONE", "5, NONE", "1, ALL", "2, ALL", "5, ALL"})
    void randomBatches_areAnsweredAsByAServerOfTheClientsOwn(int maxStatements, Reuse unnamed) {
        max = maxStatements;
        reuse = unnamed;
        seed = new Random().nextLong();
        random = new Random(seed);
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(new Client());
        }
        for (int i = 0; i < SERVERS; i++) {
            servers.add(new Server());
        }
        for (int pipeline = 0; pipeline < PIPELINES; pipeline++) {
            Client client = clients.get(random.nextInt(CLIENTS));
            int at = random.nextInt(SERVERS);
            run(client, servers.get(at), "seed " + seed + " pipeline " + pipeline);
        }
        clients.forEach(each -> each.statements.close());
        assertThat(catalog.bytes()).as("seed %d", seed).isLessThanOrEqualTo(1000);
        assertThat(waits).as("seed %d", seed).isPositive();
        assertThat(reused > 0).as("seed %d", seed).isEqualTo(reuse == Reuse.ALL);
    }

    private void run(Client client, Server server, String what) {
        client.expected.clear();
        client.got.clear();
        trace.clear();
        int batches = 1 + random.nextInt(4);
        for (int batch = 0; batch < batches; batch++) {
            int length = random.nextInt(8);
            for (int i = 0; i < length; i++) {
                step(client, server);
                while (random.nextInt(4) == 0 && !server.sent.isEmpty()) {
                    server.read(client);
                }
            }
            client.expects(client.own.sync());
            server.send(Kind.SYNC, FORWARD, null, server.postgres::sync);
            vacate(server);
        }
        while (!server.sent.isEmpty()) {
            server.read(client);
        }
        assertThat(client.got).as("%s%n%s", what, String.join("\n", trace)).isEqualTo(client.expected);
        assertThat(server.replies.isEmpty() && !server.replies.isBatchOpen())
                .as(what)
                .isTrue();
        assertThat(server.statements.size())
                .as("%s%n%s", what, String.join("\n", trace))
                .isEqualTo(server.postgres.named())
                .isLessThanOrEqualTo(max);
    }

    /** What was put there to make the server say that a name is taken goes again, in a batch of the proxy's own. */
    private void vacate(Server server) {
        for (String name : server.occupied) {
            server.send(Kind.CLOSE, SWALLOW, null, () -> server.postgres.close(name));
        }
        if (!server.occupied.isEmpty()) {
            server.occupied.clear();
            server.send(Kind.SYNC, SWALLOW, null, server.postgres::sync);
        }
    }

    private void step(Client client, Server server) {
        String name = random.nextInt(4) == 0 ? "" : "s" + random.nextInt(3);
        switch (random.nextInt(10)) {
            case 0, 1 -> parse(client, server, name, text());
            case 2, 3 -> close(client, server, name);
            case 4 -> query(client, server, text());
            case 5 -> release(client, server);
            default -> use(client, server, name);
        }
    }

    /** The client's frame is kept back until what it names is certain. */
    private FrameCursor wait(FrameCursor frame, Client client, Server server) {
        while (client.uncertainty.of(frame, server.statements)) {
            assertThat(client.uncertainty.isNone(server.statements)).isFalse();
            assertThat(server.sent).as("seed %d: waits for nothing", seed).isNotEmpty();
            server.read(client);
            waits++;
        }
        return frame;
    }

    private void query(Client client, Server server, String text) {
        trace.add("query " + text);
        client.expects(client.own.query(text));
        Undo undo = client.statements.dropUnnamed(server.statements, server.replies.isBatchOpen());
        server.send(Kind.QUERY, FORWARD, undo, () -> server.postgres.query(text));
    }

    private void release(Client client, Server server) {
        trace.add("release");
        client.expects(client.own.release());
        client.statements.mayRelease(server.statements);
        server.send(Kind.EXECUTE, FORWARD, null, server.postgres::release);
    }

    private String text() {
        return random.nextInt(6) == 0 ? "bad" : "SELECT " + random.nextInt(5);
    }

    private void parse(Client client, Server server, String name, String text) {
        FrameCursor frame = wait(Frames.parse(name, text), client, server);
        Certainty certainty =
                server.replies.owesClientReady() || server.replies.isBatchRunning() || random.nextInt(4) == 0
                        ? Certainty.OPEN
                        : Certainty.KNOWN;
        trace.add("parse " + name + " " + text);
        client.expects(client.own.parse(name, text));
        Rewrite rewrite = client.rewriter.onParse(frame, server.statements, certainty);
        shadow(rewrite, client, server);
        reused += name.isEmpty() && rewrite.kind() == Rewrite.Kind.ANSWER ? 1 : 0;
        if (rewrite.duplicate()) {
            String taken = nameIn(rewrite, name);
            server.occupied.add(taken);
            server.send(Kind.PARSE, SWALLOW, null, () -> server.postgres.parse(taken, ""));
        }
        if (rewrite.kind() == Rewrite.Kind.ANSWER) {
            server.replies.expect(Kind.PARSE, SYNTHESIZE, rewrite.undo());
            server.synthesize(client);
            return;
        }
        String serverName = nameIn(rewrite, name);
        server.send(Kind.PARSE, FORWARD, rewrite.undo(), () -> server.postgres.parse(serverName, text));
    }

    private void use(Client client, Server server, String name) {
        trace.add("use " + name);
        client.expects(client.own.use(name));
        Rewrite rewrite = client.rewriter.onUse(wait(Frames.bind("", name), client, server), server.statements);
        shadow(rewrite, client, server);
        String serverName = nameIn(rewrite, name);
        server.send(Kind.BIND, FORWARD, rewrite.undo(), () -> server.postgres.use(serverName));
    }

    private void close(Client client, Server server, String name) {
        trace.add("close " + name);
        client.expects(client.own.close(name));
        Rewrite rewrite = client.rewriter.onClose(wait(Frames.close('S', name), client, server), server.statements);
        if (rewrite.kind() == Rewrite.Kind.ANSWER) {
            server.replies.expect(Kind.CLOSE, SYNTHESIZE, rewrite.undo());
            server.synthesize(client);
            return;
        }
        server.send(Kind.CLOSE, FORWARD, rewrite.undo(), () -> server.postgres.close(name));
    }

    private void shadow(Rewrite rewrite, Client client, Server server) {
        Prepared close = rewrite.close();
        if (close != null) {
            String name = nameOf(close);
            server.send(Kind.CLOSE, SWALLOW, rewrite.closeUndo(), () -> server.postgres.close(name));
        }
        Prepared parse = rewrite.parse();
        if (parse != null) {
            shadowParse(server, nameOf(parse), parse.definition(), rewrite.parseUndo());
        }
        if (rewrite.closeUnnamed()) {
            server.send(Kind.CLOSE, SWALLOW, null, () -> server.postgres.close(""));
        }
        if (rewrite.parseUnnamed()) {
            shadowParse(server, "", client.statements.unnamedDefinition(), rewrite.parseUnnamedUndo());
        }
    }

    private void shadowParse(Server server, String name, byte[] definition, @Nullable Undo undo) {
        String text = new String(definition, 0, definition.length - 3, US_ASCII);
        server.send(Kind.PARSE, SWALLOW, Objects.requireNonNull(undo), () -> server.postgres.parse(name, text));
    }

    private static String nameOf(Prepared statement) {
        return new String(statement.serverName(), US_ASCII);
    }

    private static String nameIn(Rewrite rewrite, String name) {
        return rewrite.kind() == Rewrite.Kind.RENAME ? new String(rewrite.name(), US_ASCII) : name;
    }
}
