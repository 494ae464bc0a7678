package dev.trunkline.pooler.statement;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.ProtocolViolation;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Decides what becomes of the messages that name prepared statements, so that a client finds its statements on whatever
 * server connection its transaction got. Loop-confined; does no I/O.
 *
 * <p>Errors are left to the server, because an error also ends a transaction there: a name that the client never prepared
 * goes on as it is, and no server knows it.
 */
public final class StatementRewriter {
    private static final byte STATEMENT = 'S';
    private static final byte[] MISSING = (Prepared.PREFIX + "missing").getBytes(US_ASCII);

    private final ClientStatements client;
    private final Rewrite rewrite = new Rewrite();
    /** Made once, because an unnamed Parse comes with every query of many drivers. */
    private final ForgetUnnamed forgetUnnamed;

    public StatementRewriter(ClientStatements client) {
        this.client = client;
        this.forgetUnnamed = new ForgetUnnamed(client);
    }

    /**
     * The statement that a Bind, or a Describe of a statement, names; null if it is unnamed or unknown.
     *
     * @throws ProtocolViolation if the message has no such name
     */
    public @Nullable Prepared named(FrameCursor frame) {
        int start = statementName(frame);
        return client.get(frame.buffer(), start, nameLength(frame, start));
    }

    /** A Parse. {@code certain} says that the transaction is known not to have failed, so that an answer can be given. */
    public Rewrite onParse(FrameCursor frame, ServerStatements server, Certainty certain) {
        ByteBuf buf = frame.buffer();
        int start = frame.bodyIndex();
        int length = nameLength(frame, start);
        int end = start + frame.bodyLength();
        rewrite.pass();
        if (length == 0) {
            client.rememberUnnamed(buf, start + 1, end - start - 1);
            server.unnamedIsOf(client);
            // In one batch the first failure ends all, so that they can share an undo; what came before a Sync may fail
            // alone.
            ForgetUnnamed undo = certain == Certainty.KNOWN ? forgetUnnamed : new ForgetUnnamed(client);
            undo.version = client.unnamedVersion();
            rewrite.undo = undo;
            return rewrite;
        }
        if (client.get(buf, start, length) != null) {
            rewrite.duplicate = true;
            return rewrite;
        }
        byte[] name = copy(buf, start, length);
        Prepared statement = client.define(buf, start, length, end);
        if (server.uses(statement)) {
            if (certain == Certainty.KNOWN) {
                rewrite.undo = () -> client.undefine(name);
                return rewrite.answer();
            }
            return prepareAgain(name, statement, server);
        }
        prepareOn(server, statement);
        rewrite.undo = new FirstParse(client, server, name, statement);
        return rewrite.rename(statement.serverName());
    }

    /**
     * A Parse of a client that has no server connection. A text that a server of the same pools has prepared before is answered
     * without one, so that a client which waits for this answer does not wait for another one's transaction to end.
     *
     * @return true if the statement is defined and only the answer is left to give
     */
    public boolean onParseWithoutServer(FrameCursor frame) {
        ByteBuf buf = frame.buffer();
        int start = frame.bodyIndex();
        int length = nameLength(frame, start);
        int end = start + frame.bodyLength();
        return length > 0 && client.get(buf, start, length) == null && client.defineProven(buf, start, length, end);
    }

    /** A Parse that really goes to a server under a name that is new there. */
    // The array is a name that is never changed.
    @SuppressWarnings("ArrayRecordComponent")
    private record FirstParse(ClientStatements client, ServerStatements server, byte[] name, Prepared statement)
            implements Undo {
        @Override
        public void undo() {
            client.undefine(name);
            server.remove(statement);
        }

        @Override
        public void done() {
            statement.provenFor(client.scope());
        }
    }

    /** The server says itself if it carries the Parse out, for which it has to forget the statement first. */
    private Rewrite prepareAgain(byte[] name, Prepared statement, ServerStatements server) {
        Again again = new Again(statement, server);
        rewrite.close = statement;
        rewrite.closeUndo = again::notClosed;
        rewrite.undo = () -> {
            client.undefine(name);
            again.notPrepared();
        };
        return rewrite.rename(statement.serverName());
    }

    /** A Bind, or a Describe of a statement. */
    public Rewrite onUse(FrameCursor frame, ServerStatements server) {
        ByteBuf buf = frame.buffer();
        int start = statementName(frame);
        int length = nameLength(frame, start);
        rewrite.pass();
        if (length == 0) {
            return useUnnamed(server);
        }
        Prepared statement = client.get(buf, start, length);
        if (statement == null) {
            return looksLikeOurs(buf, start, length) ? rewrite.rename(MISSING) : rewrite;
        }
        if (!server.uses(statement)) {
            prepareOn(server, statement);
            rewrite.parse = statement;
            rewrite.parseUndo = () -> server.remove(statement);
        }
        return rewrite.rename(statement.serverName());
    }

    /** A Close of a statement: the server keeps it for others. Closing what does not exist is no error. */
    public Rewrite onClose(FrameCursor frame, ServerStatements server) {
        ByteBuf buf = frame.buffer();
        int start = frame.bodyIndex() + 1;
        int length = nameLength(frame, start);
        rewrite.pass();
        if (length == 0) {
            client.forgetUnnamed();
            server.forgetUnnamed();
            return rewrite;
        }
        Prepared statement = client.remove(buf, start, length);
        if (statement != null) {
            byte[] name = copy(buf, start, length);
            rewrite.undo = () -> client.restore(name, statement);
        }
        return rewrite.answer();
    }

    /** A Close while the client has no server connection, so that nothing can undo it. */
    public void onCloseWithoutServer(FrameCursor frame) {
        int start = frame.bodyIndex() + 1;
        int length = nameLength(frame, start);
        if (length == 0) {
            client.forgetUnnamed();
        } else {
            client.remove(frame.buffer(), start, length);
        }
    }

    /** How sure it is that the server would carry out a Parse. */
    public enum Certainty {
        KNOWN,
        OPEN
    }

    private Rewrite useUnnamed(ServerStatements server) {
        if (server.hasUnnamedOf(client)) {
            return rewrite;
        }
        if (client.hasUnnamed()) {
            server.unnamedIsOf(client);
            rewrite.parseUnnamed = true;
            rewrite.parseUndo = server::forgetUnnamed;
        } else {
            server.forgetUnnamed();
            rewrite.closeUnnamed = true;
        }
        return rewrite;
    }

    private void prepareOn(ServerStatements server, Prepared statement) {
        Prepared victim = server.add(statement);
        if (victim != null) {
            closeFirst(victim, server);
        }
    }

    private void closeFirst(Prepared statement, ServerStatements server) {
        rewrite.close = statement;
        rewrite.closeUndo = () -> server.restore(statement);
    }

    /**
     * A Close and a Parse of the same statement. Their undos come in either order: last first when the server fails, and first
     * first when it has failed already.
     */
    private static final class Again {
        private final Prepared statement;
        private final ServerStatements server;
        private boolean kept;

        Again(Prepared statement, ServerStatements server) {
            this.statement = statement;
            this.server = server;
        }

        void notClosed() {
            kept = true;
            server.restore(statement);
        }

        void notPrepared() {
            if (!kept) {
                server.remove(statement);
            }
        }
    }

    /** Undo of an unnamed Parse. The failure may be told when the client has long sent another one, which then stays. */
    private static final class ForgetUnnamed implements Undo {
        private final ClientStatements client;
        private long version;

        ForgetUnnamed(ClientStatements client) {
            this.client = client;
        }

        @Override
        public void undo() {
            if (client.unnamedVersion() == version) {
                client.forgetUnnamed();
            }
        }
    }

    /** In a Bind the portal's name stands in front; in a Describe one byte does. */
    private static int statementName(FrameCursor frame) {
        int start = frame.bodyIndex();
        if (frame.type() == FrontendType.BIND) {
            return start + nameLength(frame, start) + 1;
        }
        return start + 1;
    }

    /** True if a Describe or Close is about a statement, false if about a portal. */
    public static boolean isAboutStatement(FrameCursor frame) {
        return frame.bodyLength() > 0 && frame.buffer().getByte(frame.bodyIndex()) == STATEMENT;
    }

    private static int nameLength(FrameCursor frame, int start) {
        int end = frame.bodyIndex() + frame.bodyAvailable();
        int terminator = start > end ? -1 : frame.buffer().indexOf(start, end, (byte) 0);
        if (terminator < 0) {
            throw new ProtocolViolation("invalid string in message");
        }
        return terminator - start;
    }

    private static boolean looksLikeOurs(ByteBuf buf, int start, int length) {
        if (length < Prepared.PREFIX.length()) {
            return false;
        }
        for (int i = 0; i < Prepared.PREFIX.length(); i++) {
            if (buf.getByte(start + i) != Prepared.PREFIX.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static byte[] copy(ByteBuf buf, int index, int length) {
        byte[] bytes = new byte[length];
        buf.getBytes(index, bytes);
        return bytes;
    }
}
