package dev.trunkline.pooler.statement;

import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.ProtocolViolation;
import io.netty.buffer.ByteBuf;
import java.util.function.BooleanSupplier;
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

    private final ClientStatements client;
    private final Rewrite rewrite = new Rewrite();
    private BooleanSupplier namesOnServer = () -> false;

    public StatementRewriter(ClientStatements client) {
        this.client = client;
    }

    /**
     * Who says whether the client keeps a server connection for names that it has given that one itself, and that are not among its
     * own here. What it prepares then belongs there too, where the server alone knows which names are taken.
     */
    public void namesOnServer(BooleanSupplier keeps) {
        namesOnServer = keeps;
    }

    /**
     * The statement that a Bind, or a Describe of a statement, names; null if it is unnamed or unknown.
     *
     * @throws ProtocolViolation if the message has no such name
     */
    public @Nullable Prepared named(FrameCursor frame) {
        int start = statementName(frame);
        ClientStatement named = client.get(frame.buffer(), start, nameLength(frame, start));
        return named == null ? null : named.statement();
    }

    /** A Parse. {@code certain} says that the transaction is known not to have failed, so that an answer can be given. */
    public Rewrite onParse(FrameCursor frame, ServerStatements server, Certainty certain) {
        ByteBuf buf = frame.buffer();
        int start = frame.bodyIndex();
        int length = nameLength(frame, start);
        int end = start + frame.bodyLength();
        rewrite.pass();
        if (length == 0) {
            return parseUnnamed(buf, start + 1, end, server, certain);
        }
        if (client.get(buf, start, length) != null) {
            return duplicate(copy(buf, start, length));
        }
        if (belongsToServer(end - start)) {
            return rewrite;
        }
        ClientStatement defined = client.define(buf, start, length, end, server.batches());
        Prepared statement = defined.statement();
        if (server.uses(statement)) {
            if (certain == Certainty.KNOWN && !server.takeStale(statement)) {
                rewrite.undo = new Undos.Definition(client, defined);
                return rewrite.answer();
            }
            return prepareAgain(defined, server);
        }
        rewrite.undo = new Undos.FirstParse(client, server, defined, prepareOn(server, statement));
        return rewrite.rename(statement.serverName());
    }

    private Rewrite parseUnnamed(ByteBuf buf, int start, int end, ServerStatements server, Certainty certain) {
        UnnamedStatement unnamed = client.unnamed();
        Prepared shared = certain == Certainty.KNOWN && unnamed.mayShare()
                ? client.acquireReusable(buf, start, end, server)
                : null;
        if (shared != null) {
            unnamed.share(shared, server.batches().current());
            return parseShared(shared, server);
        }
        unnamed.parse(buf, start, end - start, server.batches().current());
        server.unnamedIsOf(client);
        rewrite.undo = unnamed;
        return rewrite;
    }

    /** An unnamed Parse for which a shared statement stands. */
    private Rewrite parseShared(Prepared shared, ServerStatements server) {
        UnnamedStatement unnamed = client.unnamed();
        if (!server.uses(shared)) {
            rewrite.undo = Undo.both(new Undos.Shadow(server, prepareOn(server, shared)), unnamed);
            return rewrite.rename(shared.serverName());
        }
        if (server.takeStale(shared)) {
            rewrite.undo = Undo.both(closeAgain(shared, server), unnamed);
            return rewrite.rename(shared.serverName());
        }
        rewrite.undo = unnamed;
        return rewrite.answer();
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
        return length > 0
                && client.get(buf, start, length) == null
                && !client.isFull(end - start)
                && client.defineProven(buf, start, length, end);
    }

    /**
     * True if the name becomes one of the server connection, which the client then keeps: because it does so already, or there is no
     * room for the name among its own.
     */
    private boolean belongsToServer(int bytes) {
        boolean full = client.isFull(bytes);
        if (!full && !namesOnServer.getAsBoolean()) {
            return false;
        }
        client.overflow();
        rewrite.pins = full;
        return true;
    }

    /** The server says itself if it carries the Parse out, for which it has to forget the statement first. */
    private Rewrite prepareAgain(ClientStatement defined, ServerStatements server) {
        rewrite.undo = Undo.both(closeAgain(defined.statement(), server), new Undos.Definition(client, defined));
        return rewrite.rename(defined.statement().serverName());
    }

    /** The server, which has the statement, is told to close it and to prepare it again, and the client sees nothing of it. */
    public Rewrite onStale(Prepared statement, ServerStatements server) {
        server.takeStale(statement);
        rewrite.pass();
        shadowAgain(statement, server);
        return rewrite;
    }

    private void shadowAgain(Prepared statement, ServerStatements server) {
        rewrite.parse = statement;
        rewrite.parseUndo = closeAgain(statement, server);
    }

    /** Gives what is to be told of the Parse. */
    private Undo closeAgain(Prepared statement, ServerStatements server) {
        Undos.Again again = new Undos.Again(server, server.add(statement));
        rewrite.close = statement;
        rewrite.closeUndo = again::notClosed;
        return again;
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
        ClientStatement named = client.get(buf, start, length);
        if (named != null) {
            return use(named, server);
        }
        return looksLikeOurs(buf, start, length) ? missing(copy(buf, start, length)) : rewrite;
    }

    private Rewrite use(ClientStatement named, ServerStatements server) {
        rewrite.subject = named;
        Prepared statement = named.statement();
        if (!server.uses(statement)) {
            rewrite.parse = statement;
            rewrite.parseUndo = new Undos.Shadow(server, prepareOn(server, statement));
        } else if (server.takeStale(statement)) {
            shadowAgain(statement, server);
        }
        return rewrite.rename(statement.serverName());
    }

    /**
     * The server says that it is taken, and the client reads its own name. That never reaches the server, where it may be the name
     * of a shared statement.
     */
    private Rewrite duplicate(byte[] name) {
        Prepared taken = Prepared.taken();
        rewrite.duplicate = true;
        rewrite.subject = new ClientStatement(name, taken);
        return rewrite.rename(taken.serverName());
    }

    /** The server says that it does not exist, and the client reads its own name. */
    private Rewrite missing(byte[] name) {
        Prepared nowhere = Prepared.missing();
        rewrite.subject = new ClientStatement(name, nowhere);
        return rewrite.rename(nowhere.serverName());
    }

    /**
     * A PREPARE of SQL. It is carried out each time, as it would be by a server of the client's own. The name is defined at once;
     * the undo is for the statement that carries the PREPARE out.
     *
     * @param tail what stands behind the name in the text
     */
    public Rewrite onPrepare(byte[] name, byte[] tail, ServerStatements server) {
        rewrite.pass();
        if (client.get(name) != null) {
            return duplicate(name);
        }
        if (belongsToServer(name.length + tail.length)) {
            return rewrite;
        }
        ClientStatement defined = client.define(name, Prepared.sqlDefinition(tail), server.batches());
        rewrite.subject = defined;
        if (server.uses(defined.statement())) {
            server.takeStale(defined.statement());
            return prepareAgain(defined, server);
        }
        rewrite.undo = new Undos.FirstParse(client, server, defined, prepareOn(server, defined.statement()));
        return rewrite.rename(defined.statement().serverName());
    }

    /** An EXECUTE of SQL; passes if the client does not know the name, which a statement of many may have prepared. */
    public Rewrite onExecute(byte[] name, ServerStatements server) {
        rewrite.pass();
        ClientStatement named = client.get(name);
        if (named != null) {
            return use(named, server);
        }
        return Prepared.isReserved(name) ? missing(name) : rewrite;
    }

    /** A DEALLOCATE of SQL: the server keeps the statement for others, and throws away one of that name which is none. */
    public Rewrite onDeallocate(byte[] name, ServerStatements server) {
        rewrite.pass();
        ClientStatement removed = client.remove(name, server.batches());
        if (removed == null) {
            return Prepared.isReserved(name) ? missing(name) : rewrite;
        }
        rewrite.undo = new Undos.Leaving(client, removed);
        rewrite.subject = new ClientStatement(name, removed.statement());
        return rewrite.rename(Prepared.gone());
    }

    /** A Close of a statement: the server keeps it for others. Closing what does not exist is no error. */
    public Rewrite onClose(FrameCursor frame, ServerStatements server) {
        ByteBuf buf = frame.buffer();
        int start = frame.bodyIndex() + 1;
        int length = nameLength(frame, start);
        rewrite.pass();
        if (length == 0) {
            rewrite.undo = client.dropUnnamed(server, true);
            return rewrite;
        }
        ClientStatement removed = client.remove(buf, start, length, server.batches());
        if (removed == null && client.isOverflowed()) {
            return rewrite;
        }
        if (removed != null) {
            rewrite.undo = new Undos.Leaving(client, removed);
        }
        return rewrite.answer();
    }

    /** A Close while the client has no server connection, so that nothing can undo it. */
    public void onCloseWithoutServer(FrameCursor frame) {
        int start = frame.bodyIndex() + 1;
        int length = nameLength(frame, start);
        if (length == 0) {
            client.dropUnnamed();
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
        ClientStatement shared = client.unnamed().shared();
        if (shared != null) {
            return use(shared, server);
        }
        Prepared needed = client.neededByUnnamed();
        if (needed != null && !server.uses(needed)) {
            rewrite.parse = needed;
            rewrite.parseUndo = new Undos.Shadow(server, prepareOn(server, needed));
        }
        if (server.hasUnnamedOf(client)) {
            return rewrite;
        }
        if (client.unnamed().exists()) {
            server.unnamedIsOf(client);
            rewrite.parseUnnamed = true;
            rewrite.parseUnnamedUndo = server::forgetUnnamed;
        } else {
            server.forgetUnnamed();
            rewrite.closeUnnamed = true;
        }
        return rewrite;
    }

    private ServerStatements.Entry prepareOn(ServerStatements server, Prepared statement) {
        ServerStatements.Entry entry = server.add(statement);
        for (ServerStatements.Entry victim = server.evict(); victim != null; victim = server.evict()) {
            Undo undo = new Undos.Eviction(server, victim);
            if (rewrite.close == null) {
                rewrite.close = victim.statement();
                rewrite.closeUndo = undo;
            } else {
                rewrite.evictions.add(new Rewrite.Eviction(victim.statement(), undo));
            }
        }
        return entry;
    }

    /** In a Bind the portal's name stands in front; in a Describe one byte does. */
    static int statementName(FrameCursor frame) {
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

    static int nameLength(FrameCursor frame, int start) {
        int end = frame.bodyIndex() + frame.bodyAvailable();
        int terminator = start > end ? -1 : frame.buffer().indexOf(start, end, (byte) 0);
        if (terminator < 0) {
            throw new ProtocolViolation("invalid string in message");
        }
        return terminator - start;
    }

    private static boolean looksLikeOurs(ByteBuf buf, int start, int length) {
        return length >= Prepared.PREFIX.length() && Prepared.isReserved(copy(buf, start, Prepared.PREFIX.length()));
    }

    private static byte[] copy(ByteBuf buf, int index, int length) {
        byte[] bytes = new byte[length];
        buf.getBytes(index, bytes);
        return bytes;
    }
}
