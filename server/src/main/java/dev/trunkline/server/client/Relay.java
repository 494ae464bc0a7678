package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Replies;
import dev.trunkline.pooler.backend.Replies.Action;
import dev.trunkline.pooler.backend.Replies.Kind;
import dev.trunkline.pooler.backend.Retouch;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.statement.ClientStatement;
import dev.trunkline.pooler.statement.ClientStatements;
import dev.trunkline.pooler.statement.Prepared;
import dev.trunkline.pooler.statement.Rewrite;
import dev.trunkline.pooler.statement.ServerStatements;
import dev.trunkline.pooler.statement.StatementRewriter;
import dev.trunkline.pooler.statement.StatementRewriter.Certainty;
import dev.trunkline.pooler.statement.Uncertainty;
import dev.trunkline.pooler.statement.Undo;
import dev.trunkline.server.state.DatabaseCounters;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameLimits;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.ProtocolViolation;
import dev.trunkline.wire.TxStatus;
import dev.trunkline.wire.message.CloseHead;
import dev.trunkline.wire.message.DescribeHead;
import dev.trunkline.wire.message.ParseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends a client's frames on to the server connection that it has, and notes what they will be answered with.
 * Loop-confined. What is passed is written at the end of a batch by {@link #push}.
 */
final class Relay {
    /** So many answers of the proxy's own are kept for a client while it waits for one of the server's. */
    private static final int MAX_SYNTHESIZED = 4096;

    private static final byte[] NO_NAME = new byte[0];
    /** No server takes it for a statement. */
    private static final String FAILING = "!";

    private static final byte[] FAILING_STATEMENT = {'!', 0, 0, 0};

    private final FrameCursor cursor;
    private final ClientStatements statements;
    private final StatementRewriter rewriter;
    private final Uncertainty uncertainty;
    private final DatabaseCounters counters;
    private final Naming naming;
    private final Outbox outbox;
    private final Shadows shadows;
    private final SqlStatements sql;
    private final BatchRecord record = new BatchRecord();
    /** What the last Bind of a mapped statement has made a portal of. */
    private @Nullable ClientStatement bound;

    private int boundPortal;
    /** Keeps the server connection for the client from now on. */
    private Runnable pin = () -> {};
    /** Whether the client keeps its server connection, or may have to, where temporary tables may hide others. */
    private BooleanSupplier pinned = () -> false;

    Relay(FrameCursor cursor, ClientStatements statements, DatabaseCounters counters, Naming naming, Outbox outbox) {
        this.cursor = cursor;
        this.statements = statements;
        this.rewriter = new StatementRewriter(statements);
        this.uncertainty = new Uncertainty(statements);
        this.counters = counters;
        this.naming = naming;
        this.outbox = outbox;
        this.shadows = new Shadows(statements, counters, outbox);
        this.sql = new SqlStatements(cursor, rewriter, shadows, outbox);
    }

    /** Whether a client's names of statements are its own, or the same as the server's. */
    enum Naming {
        /** They follow the client over server connections. */
        MAPPED,
        /** The client keeps its server connection, or mapping is switched off. */
        AS_THEY_ARE
    }

    /** The statement that the current Bind or Describe names, if the client has prepared it under that name. */
    @Nullable
    Prepared namedStatement() {
        return naming == Naming.MAPPED ? rewriter.named(cursor) : null;
    }

    /**
     * True if the current frame has to wait for the answers to earlier batches, which say whether what it names is there. A server
     * that reads a COPY waits for the client itself, and takes no such frame. True also if very much was sent that the server does
     * not see, so that nothing else would ever stop a client which does not wait for the answers.
     *
     * @throws ProtocolViolation if it is malformed
     */
    boolean mustWait(ServerConnection server) {
        if (server.replies().synthesized() >= MAX_SYNTHESIZED) {
            hurry(server);
            return true;
        }
        boolean uncertain = isUncertain(server);
        if (uncertain && !server.replies().owesReady()) {
            // It belongs to the batch that is under way, of which the server may keep the answers.
            hurry(server);
        }
        return uncertain;
    }

    /** Has the server give its answers, which it may keep until the batch ends. */
    private void hurry(ServerConnection server) {
        if (server.replies().isCopyIn()) {
            throw new ProtocolViolation("too many messages that do not belong to COPY FROM STDIN");
        }
        giveRun(server);
        FrameWriter.flush(outbox.own());
    }

    private boolean isUncertain(ServerConnection server) {
        ServerStatements there = server.statements();
        if (naming == Naming.AS_THEY_ARE
                || uncertainty.isNone(there)
                || server.replies().isCopyIn()) {
            return false;
        }
        return switch (cursor.type()) {
            case FrontendType.QUERY -> sql.isUncertainQuery(uncertainty, there);
            case FrontendType.PARSE -> uncertainty.of(cursor, there) || sql.isUncertainParse(uncertainty, there);
            case FrontendType.DESCRIBE, FrontendType.CLOSE ->
                StatementRewriter.isAboutStatement(cursor) && uncertainty.of(cursor, there);
            default -> uncertainty.of(cursor, there);
        };
    }

    /**
     * Sends the current frame on.
     *
     * @throws ProtocolViolation if it is malformed or must not come now
     */
    void send(ServerConnection server) {
        Replies replies = server.replies();
        if (naming == Naming.MAPPED) {
            record.sees(cursor);
        }
        switch (cursor.type()) {
            case FrontendType.QUERY -> sendQuery(server);
            case FrontendType.PARSE -> sendParse(server);
            case FrontendType.BIND -> sendBind(server);
            case FrontendType.DESCRIBE -> sendDescribe(server);
            case FrontendType.CLOSE -> sendClose(server);
            case FrontendType.EXECUTE -> {
                sql.expectExecute(replies);
                cursor.pass();
            }
            case FrontendType.FUNCTION_CALL -> pass(replies, Kind.FUNCTION_CALL);
            case FrontendType.SYNC -> sendSync(server);
            case FrontendType.FLUSH -> {
                requireEmpty(cursor);
                cursor.pass();
            }
            case FrontendType.COPY_DATA -> {
                if (!replies.isCopyIn()) {
                    replies.expect(Kind.COPY_DATA);
                }
                cursor.pass();
            }
            case FrontendType.COPY_DONE, FrontendType.COPY_FAIL -> pass(replies, Kind.COPY_END);
            default -> throw unexpected(cursor.type());
        }
    }

    /** True if the current Parse was carried out here, for want of a server connection, and only the answer is left to give. */
    boolean parsesWithoutServer() {
        if (naming == Naming.AS_THEY_ARE) {
            return false;
        }
        ParseHead.check(cursor.buffer(), cursor.bodyIndex(), cursor.bodyLength());
        boolean proven = rewriter.onParseWithoutServer(cursor);
        if (proven) {
            counters.clientParsed();
        }
        return proven;
    }

    /** Writes what was passed; the caller flushes. */
    void push(ServerConnection server) {
        giveRun(server);
        outbox.empty(server);
    }

    /** Throws away what was not pushed, and what was kept to be sent again. */
    void close() {
        outbox.close();
        record.shut();
    }

    /**
     * How the client keeps its server connection.
     *
     * @param newPin keeps it from now on: names of the client cannot follow it any more
     * @param newPinned says whether it is kept, or may have to be
     */
    void pinning(Runnable newPin, BooleanSupplier newPinned) {
        pin = newPin;
        pinned = newPinned;
    }

    /** The batch that is under way, as far as it may be sent again. */
    BatchRecord record() {
        return record;
    }

    /** The server closes the statement and prepares it again; where the client knows its rows, they are looked at too. */
    void prepareAgain(ClientStatement use, ServerConnection server) {
        use.forgetFound();
        shadow(rewriter.onStale(use.statement(), server.statements()), server);
        if (use.isTold()) {
            BindHeads.writeDescribe(outbox.own(), use.statement().serverName());
            server.replies().expect(Kind.DESCRIBE_STATEMENT, Action.SWALLOW, null);
            server.replies().about(use);
        }
    }

    /** Takes whole frames of this client and sends them on as if they had just come. */
    void sendAgain(ByteBuf frames, ServerConnection server) {
        FrameCursor again =
                new FrameCursor(FrontendType.table(), FrameLimits.DEFAULT, UnpooledByteBufAllocator.DEFAULT);
        Relay relay = new Relay(again, statements, counters, naming, outbox);
        relay.pinning(pin, pinned);
        again.feed(frames);
        while (again.next()) {
            relay.send(server);
        }
        relay.push(server);
        sql.occupiesAs(relay.sql);
        relay.record.shut();
        again.close();
        server.flush();
    }

    static ProtocolViolation unexpected(byte type) {
        return new ProtocolViolation("unexpected client message type \"" + (char) type + "\" after login");
    }

    private void sendSync(ServerConnection server) {
        requireEmpty(cursor);
        sql.leavePending(server.statements());
        pass(server.replies(), Kind.SYNC);
        if (sql.isOccupying()) {
            giveRun(server);
            sql.vacate(server);
        }
    }

    private void sendQuery(ServerConnection server) {
        Undo undo = dropUnnamed(server);
        sql.leavePending(server.statements());
        if (naming == Naming.MAPPED && sql.readsQuery(server)) {
            giveRun(server);
            sql.sendQuery(server, record, undo);
            cursor.skip();
            return;
        }
        pinsIfNeeded(sql.rewrite());
        server.replies().expect(Kind.QUERY, Action.FORWARD, undo);
        cursor.pass();
    }

    /** What is sent now ends the unnamed statement, unless the server ignores it. */
    private @Nullable Undo dropUnnamed(ServerConnection server) {
        return naming == Naming.AS_THEY_ARE
                ? null
                : statements.dropUnnamed(server.statements(), server.replies().mayBeSkipping());
    }

    /** Sends this text in place of the current Query's. */
    void sendInstead(ServerConnection server, String text, Retouch retouch) {
        Undo undo = dropUnnamed(server);
        giveRun(server);
        FrameWriter.query(outbox.own(), text);
        server.replies().expect(Kind.QUERY, Action.FORWARD, undo);
        server.replies().retouch(retouch);
        cursor.skip();
    }

    /** Sends a text that must fail in place of the current Query, Parse or other request; the client is told {@code error}. */
    void deny(ServerConnection server, PgError error) {
        if (cursor.type() == FrontendType.QUERY || cursor.type() == FrontendType.FUNCTION_CALL) {
            sendInstead(server, FAILING, Retouch.refusal(error));
            return;
        }
        Undo undo = dropUnnamed(server);
        giveRun(server);
        FrameWriter.parse(outbox.own(), NO_NAME, FAILING_STATEMENT);
        server.replies().expect(Kind.PARSE, Action.FORWARD, undo);
        server.replies().retouch(Retouch.refusal(error));
        cursor.skip();
    }

    private void sendParse(ServerConnection server) {
        ParseHead.check(cursor.buffer(), cursor.bodyIndex(), cursor.bodyLength());
        counters.clientParsed();
        if (naming == Naming.AS_THEY_ARE) {
            counters.serverParsed();
            pass(server.replies(), Kind.PARSE);
            return;
        }
        if (!sql.readsParse(server)) {
            pinsIfNeeded(sql.rewrite());
            parse(server, certainty(server), null);
            return;
        }
        giveRun(server);
        sendInstead(sql.replaceParse(server), server);
        cursor.skip();
    }

    /** A Parse whose text is about one of the client's names; the server sees its own name. */
    private void sendInstead(SqlStatements.Replacement replacement, ServerConnection server) {
        FrameCursor instead =
                new FrameCursor(FrontendType.table(), FrameLimits.DEFAULT, UnpooledByteBufAllocator.DEFAULT);
        instead.feed(replacement.frame());
        if (instead.next()) {
            Relay relay = new Relay(instead, statements, counters, naming, outbox);
            relay.pinning(pin, pinned);
            // Never shared: it is about a statement that only this client's use brings to a server.
            relay.parse(server, Certainty.OPEN, replacement.undo());
            relay.giveRun(server);
            sql.occupiesAs(relay.sql);
            server.replies().retouch(replacement.retouch());
            ClientStatement needed = replacement.needed();
            if (needed != null) {
                statements.unnamedNeeds(needed);
            }
        }
        instead.close();
    }

    /** @param beside is told what becomes of the Parse, too; null for nothing */
    private void parse(ServerConnection server, Certainty certainty, @Nullable Undo beside) {
        Rewrite rewrite = rewriter.onParse(cursor, server.statements(), certainty);
        pinsIfNeeded(rewrite);
        shadow(rewrite, server);
        if (rewrite.duplicate()) {
            giveRun(server);
            sql.occupy(rewrite.name(), server);
        }
        if (rewrite.kind() == Rewrite.Kind.ANSWER) {
            answer(server, Kind.PARSE, rewrite);
            return;
        }
        counters.serverParsed();
        server.replies().expect(Kind.PARSE, Action.FORWARD, SqlStatements.both(rewrite.undo(), beside));
        ClientStatement subject = rewrite.subject();
        if (subject != null) {
            server.replies().about(subject);
        }
        if (rewrite.kind() == Rewrite.Kind.PASS) {
            cursor.pass();
            return;
        }
        int start = ParseHead.textStart(cursor.buffer(), cursor.bodyIndex(), cursor.bodyLength());
        int end = cursor.bodyIndex() + cursor.bodyLength();
        giveRun(server);
        ByteBuf text = cursor.buffer().slice(start, end - start);
        FrameWriter.parse(outbox.own(), rewrite.name(), text);
        cursor.skip();
    }

    /**
     * In a transaction the server parses anew, as it would for a client of its own: tables and search_path may have changed, also by
     * what was run in the same batch, which is a transaction. So it does for a client with temporary tables.
     */
    private Certainty certainty(ServerConnection server) {
        return server.status() == TxStatus.IDLE
                        && !server.replies().owesClientReady()
                        && !server.replies().isBatchRunning()
                        && !pinned.getAsBoolean()
                ? Certainty.KNOWN
                : Certainty.OPEN;
    }

    private void pinsIfNeeded(Rewrite rewrite) {
        if (rewrite.pins()) {
            pin.run();
        }
    }

    private void sendBind(ServerConnection server) {
        counters.bound();
        if (naming == Naming.AS_THEY_ARE) {
            pass(server.replies(), Kind.BIND);
            return;
        }
        Rewrite rewrite = rewriter.onUse(cursor, server.statements());
        shadow(rewrite, server);
        binds(rewrite.subject(), server);
        expect(Kind.BIND, rewrite, server.replies());
        if (rewrite.kind() == Rewrite.Kind.PASS) {
            cursor.pass();
            return;
        }
        giveRun(server);
        BindHeads.writeRenamed(outbox.own(), cursor, rewrite.name());
        cursor.passBehind(BindHeads.length(cursor));
    }

    private void binds(@Nullable ClientStatement statement, ServerConnection server) {
        bound = statement;
        boundPortal = BindHeads.nameHash(cursor, 0);
        if (statement == null) {
            record.runs();
            return;
        }
        if (statements.hasDescribedPortals()) {
            statement.toldByPortal();
        }
        record.uses(statement, cursor, server);
    }

    /** The current Describe is about a portal, whose rows the client will then know. */
    private void describesPortal() {
        ClientStatement statement = bound;
        if (boundPortal != BindHeads.nameHash(cursor, 1)) {
            statements.portalsAreDescribed();
        } else if (statement != null) {
            statement.toldByPortal();
            record.shows();
        }
    }

    private static void expect(Kind kind, Rewrite rewrite, Replies replies) {
        replies.expect(kind, Action.FORWARD, rewrite.undo());
        ClientStatement subject = rewrite.subject();
        if (subject != null) {
            replies.about(subject);
        }
    }

    private void sendDescribe(ServerConnection server) {
        byte kind = DescribeHead.kind(cursor.buffer(), cursor.bodyIndex(), cursor.bodyLength());
        if (kind == 'P') {
            describesPortal();
            pass(server.replies(), Kind.DESCRIBE_PORTAL);
            return;
        }
        if (naming == Naming.AS_THEY_ARE) {
            pass(server.replies(), Kind.DESCRIBE_STATEMENT);
            return;
        }
        Rewrite rewrite = rewriter.onUse(cursor, server.statements());
        shadow(rewrite, server);
        ClientStatement subject = rewrite.subject();
        if (subject == null) {
            record.answersApart();
        } else {
            record.uses(subject, cursor, server);
        }
        expect(Kind.DESCRIBE_STATEMENT, rewrite, server.replies());
        if (rewrite.kind() == Rewrite.Kind.PASS) {
            cursor.pass();
            return;
        }
        giveRun(server);
        BindHeads.writeDescribe(outbox.own(), rewrite.name());
        cursor.skip();
    }

    private void sendClose(ServerConnection server) {
        byte kind = CloseHead.kind(cursor.buffer(), cursor.bodyIndex(), cursor.bodyLength());
        if (kind == 'P' || naming == Naming.AS_THEY_ARE) {
            pass(server.replies(), Kind.CLOSE);
            return;
        }
        Rewrite rewrite = rewriter.onClose(cursor, server.statements());
        if (rewrite.kind() == Rewrite.Kind.ANSWER) {
            answer(server, Kind.CLOSE, rewrite);
        } else {
            server.replies().expect(Kind.CLOSE, Action.FORWARD, rewrite.undo());
            cursor.pass();
        }
    }

    /**
     * Carries the current Close out while the client has no server connection, if the name is known here alone. Portals have ended
     * with their transaction.
     */
    boolean closesWithoutServer() {
        byte kind = CloseHead.kind(cursor.buffer(), cursor.bodyIndex(), cursor.bodyLength());
        if (kind == 'P') {
            return true;
        }
        if (naming == Naming.MAPPED) {
            rewriter.onCloseWithoutServer(cursor);
            return true;
        }
        return false;
    }

    private void shadow(Rewrite rewrite, ServerConnection server) {
        if (Shadows.isNeeded(rewrite)) {
            giveRun(server);
            shadows.write(rewrite, server);
        }
    }

    private void answer(ServerConnection server, Kind kind, Rewrite rewrite) {
        server.replies().expect(kind, Action.SYNTHESIZE, rewrite.undo());
        cut(server);
        server.answerSynthesized();
    }

    private void pass(Replies replies, Kind kind) {
        replies.expect(kind);
        cursor.pass();
    }

    private void cut(ServerConnection server) {
        giveRun(server);
        cursor.skip();
    }

    private void giveRun(ServerConnection server) {
        ByteBuf run = cursor.takeRun();
        if (run != null) {
            outbox.add(run, server);
        }
    }

    /** For messages that have no body: Sync and Flush. */
    static void requireEmpty(FrameCursor cursor) {
        if (cursor.bodyLength() != 0) {
            throw new ProtocolViolation("invalid message format");
        }
    }
}
