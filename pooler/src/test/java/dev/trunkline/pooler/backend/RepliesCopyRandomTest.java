package dev.trunkline.pooler.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.Replies.Action;
import dev.trunkline.pooler.backend.Replies.Kind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;

/**
 * Clients that send Syncs anywhere in their COPY, before a server that finds an error anywhere in it: whatever the order in which
 * things arrive, the client gets what the server says to it, and the connection is known to be in step afterwards.
 */
class RepliesCopyRandomTest {
    private static final int ROUNDS = 20_000;

    private final Replies replies = new Replies();
    private final StringBuilder forwarded = new StringBuilder();
    private final StringBuilder swallowed = new StringBuilder();

    // Hazards D3, D5, D12
    @RepeatedTest(3)
    void everyOrderOfEvents_leavesClientAndServerInStep() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        ModelServer server = new ModelServer(random);
        for (int round = 0; round < ROUNDS; round++) {
            String script = script(random);
            forwarded.setLength(0);
            swallowed.setLength(0);
            server.said.setLength(0);
            play(script, server, random);
            assertThat(forwarded)
                    .as("seed %s, round %s, %s", seed, round, script)
                    .hasToString(server.said.toString());
            assertThat(swallowed)
                    .as("seed %s, round %s, %s", seed, round, script)
                    .matches("(IZ)*");
            assertThat(replies.isAmbiguous())
                    .as("seed %s, round %s, %s", seed, round, script)
                    .isFalse();
            assertThat(replies.isEmpty()).isTrue();
            assertThat(replies.isBatchOpen()).isFalse();
        }
    }

    /** Types of the client's messages; X is an Execute of a COPY, V of one into a view, Y a Query of one, Q any other Query. */
    private static String script(Random random) {
        if (random.nextInt(4) == 0) {
            return "VS" + "dcS".repeat(random.nextInt(2)) + "Q".repeat(random.nextInt(3));
        }
        boolean simple = random.nextBoolean();
        StringBuilder script = new StringBuilder(simple ? "Y" : "X");
        for (int more = random.nextInt(6); more > 0; more--) {
            script.append(random.nextInt(3) == 0 ? 'S' : 'd');
        }
        script.append('c');
        if (!simple || random.nextInt(4) == 0) {
            script.append('S');
        }
        return script.append("Q".repeat(random.nextInt(2))).toString();
    }

    private void play(String script, ModelServer server, Random random) {
        int sent = 0;
        while (sent < script.length() || !server.isQuiet() || replies.isAmbiguous()) {
            switch (random.nextInt(4)) {
                case 0 -> {
                    if (sent < script.length()) {
                        send(script.charAt(sent++), server);
                    }
                }
                case 1 -> server.step();
                case 2 -> receive(server);
                default -> clearUp(server);
            }
        }
    }

    private void send(char type, ModelServer server) {
        switch (type) {
            case 'X', 'V' -> replies.expect(Kind.EXECUTE);
            case 'Y', 'Q' -> replies.expect(Kind.QUERY);
            case 'S' -> replies.expect(Kind.SYNC);
            case 'c' -> replies.expect(Kind.COPY_END);
            default -> {
                if (!replies.isCopyIn()) {
                    replies.expect(Kind.COPY_DATA);
                }
            }
        }
        server.unread.add(type);
    }

    /** What ServerConnection.clearUp does. */
    private void clearUp(ModelServer server) {
        if (replies.isAmbiguous() && replies.isEmpty() && !replies.isBatchOpen()) {
            replies.expect(Kind.QUERY, Action.SWALLOW, null);
            server.unread.add('?');
        }
    }

    private void receive(ModelServer server) {
        Character type = server.wire.poll();
        if (type != null) {
            boolean own = replies.onReply((byte) type.charValue()) == Action.SWALLOW;
            (own ? swallowed : forwarded).append(type.charValue());
        }
    }

    /** How PostgreSQL reads a COPY: postgres.c and copyfromparse.c. */
    private static final class ModelServer {
        final Deque<Character> unread = new ArrayDeque<>();
        final Deque<Character> wire = new ArrayDeque<>();
        /** What was said to the client, and not to the proxy. */
        final StringBuilder said = new StringBuilder();

        private final Random random;
        private Mode mode = Mode.READY;
        private boolean simple;

        ModelServer(Random random) {
            this.random = random;
        }

        private enum Mode {
            READY,
            COPY,
            SKIPPING_TO_SYNC
        }

        boolean isQuiet() {
            return unread.isEmpty() && wire.isEmpty() && mode == Mode.READY;
        }

        /** Reads a message, or finds an error without one: a cancel request, a trigger. */
        void step() {
            if (mode == Mode.COPY && random.nextInt(8) == 0) {
                fail();
                return;
            }
            Character type = unread.poll();
            if (type == null) {
                return;
            }
            switch (mode) {
                case READY -> ready(type);
                case COPY -> copy(type);
                case SKIPPING_TO_SYNC -> {
                    if (type == 'S') {
                        mode = Mode.READY;
                        say("Z");
                    }
                }
            }
        }

        private void ready(char type) {
            switch (type) {
                case 'X', 'Y' -> {
                    simple = type == 'Y';
                    mode = Mode.COPY;
                    say("G");
                }
                case 'V' -> {
                    say("G");
                    simple = false;
                    fail();
                }
                case 'S' -> say("Z");
                case 'Q' -> say("CZ");
                case '?' -> {
                    wire.add('I');
                    wire.add('Z');
                }
                default -> {}
            }
        }

        private void copy(char type) {
            if (type == 'c') {
                mode = Mode.READY;
                say(simple ? "CZ" : "C");
            } else if (type == 'd' && random.nextInt(4) == 0) {
                fail();
            }
        }

        private void fail() {
            mode = simple ? Mode.READY : Mode.SKIPPING_TO_SYNC;
            say(simple ? "EZ" : "E");
        }

        private void say(String types) {
            said.append(types);
            for (int i = 0; i < types.length(); i++) {
                wire.add(types.charAt(i));
            }
        }
    }
}
