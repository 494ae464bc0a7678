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
import dev.trunkline.router.sql.PreparedSql;
import dev.trunkline.server.state.DatabaseCounters;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameLimits;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.ProtocolViolation;
import dev.trunkline.wire.TxStatus;
import dev.trunkline.wire.message.ParseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Sends the frames on that name prepared statements, for a client whose names follow it over server connections. Loop-confined.
 * A part of {@link Relay}, with which it shares cursor, outbox and record.
 */
final class StatementRelay {
    /** So many answers of the proxy's own are kept for a client while it waits for one of the server's. */
    private static final int MAX_SYNTHESIZED = 4096;

    private final FrameCursor cursor;
    private final ClientStatements statements;
    private final StatementRewriter rewriter;
    private final Uncertainty uncertainty;
    private final DatabaseCounters counters;
    private final PreparedSql texts;
    private final Outbox outbox;
    private final BatchRecord record;
    private final Shadows shadows;
    private final SqlStatements sql;
    /** What the last Bind of a mapped statement has made a portal of. */
    private @Nullable ClientStatement bound;

    private int boundPortal;
    /** How the client keeps its server connection. */
    private Keeping keeping = Keeping.NEVER;

    StatementRelay(
            FrameCursor cursor, ClientStatements statements, SessionHome home, Outbox outbox, BatchRecord record) {
        this(cursor, statements, home.counters(), home.readers().prepared(), outbox, record);
    }

    private StatementRelay(
            FrameCursor cursor,
            ClientStatements statements,
            DatabaseCounters counters,
            PreparedSql texts,
            Outbox outbox,
            BatchRecord record) {
        this.cursor = cursor;
        this.statements = statements;
        this.rewriter = new StatementRewriter(statements);
        this.uncertainty = new Uncertainty(statements);
        this.counters = counters;
        this.texts = texts;
        this.outbox = outbox;
        this.record = record;
        this.shadows = new Shadows(statements, counters, outbox);
        this.sql = new SqlStatements(cursor, rewriter, shadows, outbox, texts);
    }

    /** One for other frames of the same client, which keeps its server connection in the same way. */
    StatementRelay(StatementRelay other, FrameCursor cursor, BatchRecord record) {
        this(cursor, other.statements, other.counters, other.texts, other.outbox, record);
        keeps(other.keeping);
    }

    /** How the client keeps its server connection. */
    void keeps(Keeping how) {
        keeping = how;
        rewriter.namesOnServer(how::keepsForNames);
    }

    /** What {@code other} has put on the server to make it fail is taken away with this one's next batch. */
    void takesAway(StatementRelay other) {
        sql.occupiesAs(other.sql);
    }

    /** The statement that the current Bind or Describe names, if the client has prepared it under that name. */
    @Nullable
    Prepared named() {
        return rewriter.named(cursor);
    }

    /**
     * True if the current frame has to wait for the answers to earlier batches, which say whether what it names is there. A server
     * that waits for the data of a COPY waits for the client itself, and takes no such frame. True also if very much was sent that the server does
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
        if (server.replies().awaitsCopyData()) {
            throw new ProtocolViolation("too many messages that do not belong to COPY FROM STDIN");
        }
        outbox.take(cursor, server);
        FrameWriter.flush(outbox.own());
    }

    private boolean isUncertain(ServerConnection server) {
        ServerStatements there = server.statements();
        if (server.replies().awaitsCopyData()) {
            return false;
        }
        if (cursor.type() == FrontendType.QUERY && sql.waitsForBatch(server.replies())) {
            return true;
        }
        if (uncertainty.isNone(there)) {
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

    /** True if the current Parse was carried out here, for want of a server connection, and only the answer is left to give. */
    boolean parsesWithoutServer() {
        return rewriter.onParseWithoutServer(cursor);
    }

    /** Carries the current Close of a statement out while the client has no server connection. */
    void closeWithoutServer() {
        rewriter.onCloseWithoutServer(cursor);
    }

    /** What is sent now ends the unnamed statement, unless the server ignores it: what is to be told of that, or null. */
    @Nullable
    Undo dropUnnamed(ServerConnection server) {
        return statements.dropUnnamed(server.statements(), server.replies().mayBeSkipping());
    }

    /** The current Query. */
    void sendQuery(ServerConnection server) {
        Undo undo = dropUnnamed(server);
        sql.deferred().endsBatch(server.statements());
        if (sql.readsQuery(server)) {
            outbox.take(cursor, server);
            sql.sendQuery(server, record, undo);
            cursor.skip();
            return;
        }
        pinsIfNeeded(sql.rewrite());
        if (sql.preparesAsItIs(server.replies())) {
            keeping.keepForNames();
        }
        server.replies().expect(Kind.QUERY, Action.FORWARD, undo);
        cursor.pass();
    }

    /** The current Parse, which was checked. */
    void sendParse(ServerConnection server) {
        if (!sql.readsParse(server)) {
            sql.deferred().onParse(server.statements());
            pinsIfNeeded(sql.rewrite());
            parse(server, certainty(server), null);
            return;
        }
        outbox.take(cursor, server);
        sendReplaced(sql.replaceParse(server), server);
        cursor.skip();
    }

    /** The current Parse, which was checked, with this text in place of its own: see {@link SqlStatements#replaceText}. */
    void sendParseOf(ServerConnection server, String text) {
        outbox.take(cursor, server);
        sendReplaced(sql.replaceText(server, text), server);
        cursor.skip();
    }

    /** The current Bind, of a statement whose text stands in place of the client's own. */
    void sendBindOfReplaced(ServerConnection server, Retouch retouch) {
        sendBind(server);
        sql.deferred().bound(retouch, boundPortal, server.statements());
    }

    /** A Parse whose text is about one of the client's names; the server sees its own name. */
    private void sendReplaced(SqlStatements.Replacement replacement, ServerConnection server) {
        FrameCursor instead =
                new FrameCursor(FrontendType.table(), FrameLimits.DEFAULT, UnpooledByteBufAllocator.DEFAULT);
        instead.feed(replacement.frame());
        if (instead.next()) {
            StatementRelay relay = new StatementRelay(this, instead, record);
            // Never shared: it is about a statement that only this client's use brings to a server.
            relay.parse(server, Certainty.OPEN, replacement.undo());
            outbox.take(instead, server);
            takesAway(relay);
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
            outbox.take(cursor, server);
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
        outbox.take(cursor, server);
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
                        && !keeping.mayKeep()
                ? Certainty.KNOWN
                : Certainty.OPEN;
    }

    private void pinsIfNeeded(Rewrite rewrite) {
        if (rewrite.pins()) {
            keeping.keepForNames();
        }
    }

    /** The current Bind. */
    void sendBind(ServerConnection server) {
        Rewrite rewrite = rewriter.onUse(cursor, server.statements());
        shadow(rewrite, server);
        binds(rewrite.subject(), server);
        expect(Kind.BIND, rewrite, server.replies());
        if (rewrite.kind() == Rewrite.Kind.PASS) {
            cursor.pass();
            return;
        }
        outbox.take(cursor, server);
        BindHeads.writeRenamed(outbox.own(), cursor, rewrite.name());
        cursor.passBehind(BindHeads.length(cursor));
    }

    private void binds(@Nullable ClientStatement statement, ServerConnection server) {
        bound = statement;
        boundPortal = BindHeads.nameHash(cursor, 0);
        sql.deferred().onBind(server.statements());
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
    void describesPortal() {
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

    /** The current Describe of a statement. */
    void sendDescribe(ServerConnection server) {
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
        outbox.take(cursor, server);
        BindHeads.writeDescribe(outbox.own(), rewrite.name());
        cursor.skip();
    }

    /** The current Close of a statement. */
    void sendClose(ServerConnection server) {
        Rewrite rewrite = rewriter.onClose(cursor, server.statements());
        if (rewrite.kind() == Rewrite.Kind.ANSWER) {
            answer(server, Kind.CLOSE, rewrite);
        } else {
            server.replies().expect(Kind.CLOSE, Action.FORWARD, rewrite.undo());
            cursor.pass();
        }
    }

    /** The current Execute, which may carry out what the last Parse was replaced for. */
    void sendExecute(ServerConnection server) {
        sql.deferred().onExecute(server.replies());
        cursor.pass();
    }

    /** The current Sync is about to be sent. */
    void endsBatch(ServerConnection server) {
        sql.deferred().endsBatch(server.statements());
    }

    /** It was: what was put on the server to make it fail is taken away. */
    void endedBatch(ServerConnection server) {
        if (sql.isOccupying()) {
            outbox.take(cursor, server);
            sql.vacate(server);
        }
    }

    private void shadow(Rewrite rewrite, ServerConnection server) {
        if (Shadows.isNeeded(rewrite)) {
            outbox.take(cursor, server);
            shadows.write(rewrite, server);
        }
    }

    private void answer(ServerConnection server, Kind kind, Rewrite rewrite) {
        server.replies().expect(kind, Action.SYNTHESIZE, rewrite.undo());
        outbox.take(cursor, server);
        cursor.skip();
        server.answerSynthesized();
    }
}
