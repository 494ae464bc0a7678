package dev.trunkline.server.client;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.trunkline.pooler.backend.Replies;
import dev.trunkline.pooler.backend.Replies.Action;
import dev.trunkline.pooler.backend.Replies.Kind;
import dev.trunkline.pooler.backend.Retouch;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.statement.ClientStatement;
import dev.trunkline.pooler.statement.Prepared;
import dev.trunkline.pooler.statement.Rewrite;
import dev.trunkline.pooler.statement.ServerStatements;
import dev.trunkline.pooler.statement.StatementRewriter;
import dev.trunkline.pooler.statement.Uncertainty;
import dev.trunkline.pooler.statement.Undo;
import dev.trunkline.router.sql.PreparedSql;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import dev.trunkline.wire.message.ParseHead;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * PREPARE, EXECUTE and DEALLOCATE as SQL, in the same names as those of the protocol. Loop-confined.
 *
 * <p>The name in the text is replaced by the server's; the places of errors and the names in them are put right again. What is not
 * certain, as one of many statements in a text, and a name that the client does not have pass as they are.
 */
final class SqlStatements {
    private final FrameCursor cursor;
    private final StatementRewriter rewriter;
    private final Shadows shadows;
    private final Outbox outbox;
    /** Shared with other clients: what it tells holds for the current frame alone. */
    private final PreparedSql sql;

    /** What a Parse was replaced for, until it is carried out. */
    private final Deferred deferred;
    /** A name that an empty statement has taken on the server, to make it say that it is taken; null for none. */
    private byte @Nullable [] occupied;

    private byte[] name = new byte[0];
    private PreparedSql.Kind kind = PreparedSql.Kind.NONE;
    private final Rewrite none = new Rewrite();
    private Rewrite rewrite = none;

    SqlStatements(FrameCursor cursor, StatementRewriter rewriter, Shadows shadows, Outbox outbox, PreparedSql sql) {
        this.sql = sql;
        this.cursor = cursor;
        this.rewriter = rewriter;
        this.shadows = shadows;
        this.outbox = outbox;
        this.deferred = new Deferred(cursor);
    }

    /** True if the current Query is about a name of the client: {@link #sendQuery} is to send it. */
    boolean readsQuery(ServerConnection server) {
        rewrite = none;
        int text = cursor.bodyIndex();
        return cursor.isWhole()
                && !passesAsItIs(server.replies())
                && reads(text, text + cursor.bodyLength() - 1, server);
    }

    /**
     * A Query that the server ignores must not count, and what may have to stand in front of one would end the batch, which is a
     * transaction once something was carried out in it.
     */
    private static boolean passesAsItIs(Replies replies) {
        return replies.isBatchRunning() || replies.mayIgnoreQuery();
    }

    /** True if it will be known how to send the current Query when what was sent in its batch has been answered. */
    boolean waitsForBatch(Replies replies) {
        return replies.mayIgnoreQuery()
                && !replies.isSkipping()
                && !replies.isBatchRunning()
                && queryKind() != PreparedSql.Kind.NONE;
    }

    /** True if the current Query, which passes as it is, gives the server a statement under the client's own name. */
    boolean preparesAsItIs(Replies replies) {
        return passesAsItIs(replies) && !replies.isSkipping() && queryKind() == PreparedSql.Kind.PREPARE;
    }

    private PreparedSql.Kind queryKind() {
        return cursor.isWhole()
                ? sql.of(cursor.buffer(), cursor.bodyIndex(), cursor.bodyLength())
                : PreparedSql.Kind.NONE;
    }

    /** True if the text of the current Parse is about a name of the client: {@link #replaceParse} is to be sent. */
    boolean readsParse(ServerConnection server) {
        int text = ParseHead.textStart(cursor.buffer(), cursor.bodyIndex(), cursor.bodyLength());
        int textEnd = ParseHead.textEnd(cursor.buffer(), cursor.bodyIndex(), cursor.bodyLength());
        return reads(text, textEnd, server);
    }

    private boolean reads(int text, int textEnd, ServerConnection server) {
        rewrite = none;
        kind = sql.of(cursor.buffer(), text, textEnd + 1 - text);
        if (kind == PreparedSql.Kind.NONE) {
            return false;
        }
        name = sql.name();
        rewrite = rewrite(server, textEnd);
        return rewrite.kind() != Rewrite.Kind.PASS || rewrite.duplicate();
    }

    /** What was made of the last text that was read. */
    Rewrite rewrite() {
        return rewrite;
    }

    private Rewrite rewrite(ServerConnection server, int textEnd) {
        return switch (kind) {
            case PREPARE -> rewriter.onPrepare(name, tail(textEnd), server.statements());
            case DEALLOCATE -> rewriter.onDeallocate(name, server.statements());
            default -> rewriter.onExecute(name, server.statements());
        };
    }

    /** True if the current Query is about a name of which it is not known what it is. */
    boolean isUncertainQuery(Uncertainty uncertainty, ServerStatements server) {
        int text = cursor.bodyIndex();
        return cursor.isWhole() && isUncertain(text, text + cursor.bodyLength() - 1, uncertainty, server);
    }

    /** True if the text of the current Parse is about a name of which it is not known what it is. */
    boolean isUncertainParse(Uncertainty uncertainty, ServerStatements server) {
        int text = ParseHead.textStart(cursor.buffer(), cursor.bodyIndex(), cursor.bodyLength());
        int textEnd = ParseHead.textEnd(cursor.buffer(), cursor.bodyIndex(), cursor.bodyLength());
        return isUncertain(text, textEnd, uncertainty, server);
    }

    private boolean isUncertain(int text, int textEnd, Uncertainty uncertainty, ServerStatements server) {
        return switch (sql.of(cursor.buffer(), text, textEnd + 1 - text)) {
            case NONE -> false;
            case PREPARE -> uncertainty.ofPrepare(sql.name(), tail(textEnd), server);
            case EXECUTE -> uncertainty.ofExecute(sql.name(), server);
            case DEALLOCATE -> uncertainty.ofDeallocate(sql.name(), server);
        };
    }

    private byte[] tail(int textEnd) {
        byte[] tail = new byte[textEnd - sql.nameEnd()];
        cursor.buffer().getBytes(sql.nameEnd(), tail);
        return tail;
    }

    /**
     * Sends the current Query, which is to be skipped then. The run must have been taken.
     *
     * @param undo is told with what the Query itself has changed what becomes of it; null for nothing
     */
    void sendQuery(ServerConnection server, BatchRecord record, @Nullable Undo undo) {
        prepareFor(server);
        send(server, record, undo);
    }

    /** What stands in front of a simple query comes to its end before that is read. */
    private void prepareFor(ServerConnection server) {
        if (Shadows.isNeeded(rewrite) || rewrite.duplicate() || isGone()) {
            shadow(server);
            outbox.empty(server);
            Prepared needed = kind == PreparedSql.Kind.EXECUTE ? rewrite.parse() : null;
            Retouch place =
                    needed == null ? null : replacedName(cursor.bodyIndex()).retouchPrepared(cursor.buffer(), needed);
            server.sync(error -> {
                if (error != null && place != null) {
                    onNotPrepared(server.replies(), place.error(error));
                }
            });
        }
    }

    /** The client reads why, and not that the statement is not there; unless the transaction has failed before. */
    private static void onNotPrepared(Replies replies, PgError why) {
        if (!SqlState.IN_FAILED_SQL_TRANSACTION.code().equals(why.code())) {
            replies.retouchNext(Retouch.refusal(why));
        }
    }

    private void shadow(ServerConnection server) {
        shadows.write(rewrite, server);
        if (rewrite.duplicate()) {
            occupy(rewrite.name(), server);
        } else if (isGone()) {
            shadows.vacate(rewrite.name(), server.replies());
            shadows.occupy(rewrite.name(), server.replies());
        }
    }

    private boolean isGone() {
        return kind == PreparedSql.Kind.DEALLOCATE && rewrite.undo() != null;
    }

    private void send(ServerConnection server, BatchRecord record, @Nullable Undo undo) {
        Replies replies = server.replies();
        ClientStatement subject = rewrite.subject();
        if (kind == PreparedSql.Kind.EXECUTE && subject != null) {
            record.uses(subject, cursor, server);
        }
        ReplacedName replaced = replacedName(cursor.bodyIndex());
        ByteBuf out = outbox.own();
        out.writeByte(FrontendType.QUERY);
        out.writeInt(4 + cursor.bodyLength() + replaced.growth());
        replaced.write(out, cursor.buffer(), cursor.bodyIndex() + cursor.bodyLength());
        replies.expect(Kind.QUERY, Action.FORWARD, both(undo, rewrite.undo()));
        replies.retouch(retouch(replaced));
        if (subject != null) {
            replies.about(subject);
        }
        vacate(server);
    }

    static @Nullable Undo both(@Nullable Undo first, @Nullable Undo second) {
        if (first == null || second == null) {
            return first == null ? second : first;
        }
        return Undo.both(first, second);
    }

    /** Has the server say that the name is taken, since its error also ends a transaction. The run must have been taken. */
    void occupy(byte[] taken, ServerConnection server) {
        // A PREPARE of that name that was parsed in one batch and run in another may have left it.
        shadows.vacate(taken, server.replies());
        shadows.occupy(taken, server.replies());
        occupied = taken;
    }

    /** What {@code other} has put on the server is taken away as if it were this one's. */
    void occupiesAs(SqlStatements other) {
        occupied = other.occupied == null ? occupied : other.occupied;
    }

    /** The batch has been sent: what was put on the server to make it fail is taken away. The run must have been taken. */
    void vacate(ServerConnection server) {
        byte[] taken = occupied;
        if (taken == null) {
            return;
        }
        shadows.vacate(taken, server.replies());
        occupied = null;
        outbox.empty(server);
        server.sync(_ -> {});
    }

    /** True if {@link #vacate} has something to do. */
    boolean isOccupying() {
        return occupied != null;
    }

    private ReplacedName replacedName(int textStart) {
        return new ReplacedName(textStart, sql.nameStart(), sql.nameEnd(), rewrite.name());
    }

    /** An EXECUTE without arguments has nothing that an error could be about but the text which was prepared. */
    private Retouch retouch(ReplacedName name) {
        ClientStatement subject = rewrite.subject();
        return kind == PreparedSql.Kind.EXECUTE && subject != null && sql.isBare()
                ? name.retouchPrepared(cursor.buffer(), subject.statement())
                : name.retouch(cursor.buffer());
    }

    /**
     * The Parse that stands in place of the current one. What the server has to prepare for it was written; the run must have been
     * taken before. Given to the caller.
     */
    Replacement replaceParse(ServerConnection server) {
        shadow(server);
        ByteBuf buf = cursor.buffer();
        int body = cursor.bodyIndex();
        int text = ParseHead.textStart(buf, body, cursor.bodyLength());
        boolean unnamed = text == body + 1;
        ReplacedName replaced = replacedName(text);
        int length = 4 + cursor.bodyLength() + replaced.growth();
        ByteBuf out = buf.alloc().buffer(1 + length);
        out.writeByte(FrontendType.PARSE);
        out.writeInt(length);
        out.writeBytes(buf, body, text - body);
        replaced.write(out, buf, body + cursor.bodyLength());
        ClientStatement subject = rewrite.subject();
        Retouch retouch = retouch(replaced);
        Undo undo = deferred.parsed(rewrite, kind, retouch, server.statements());
        return new Replacement(out, retouch, undo, unnamed && kind == PreparedSql.Kind.EXECUTE ? subject : null);
    }

    /**
     * The Parse of another text in place of the current one, of which it keeps the name and the types. The run must have been taken
     * before. Given to the caller.
     *
     * @param text in ASCII
     */
    Replacement replaceText(ServerConnection server, String text) {
        deferred.leave(server.statements());
        ByteBuf buf = cursor.buffer();
        int body = cursor.bodyIndex();
        int nameLength = ParseHead.nameEnd(buf, body, cursor.bodyLength()) + 1 - body;
        int types = ParseHead.typesStart(buf, body, cursor.bodyLength());
        int typesLength = body + cursor.bodyLength() - types;
        int length = 4 + nameLength + text.length() + 1 + typesLength;
        ByteBuf out = buf.alloc().buffer(1 + length);
        out.writeByte(FrontendType.PARSE).writeInt(length);
        out.writeBytes(buf, body, nameLength);
        out.writeCharSequence(text, US_ASCII);
        out.writeByte(0).writeBytes(buf, types, typesLength);
        // Errors in it have no place in the text.
        return new Replacement(out, Retouch.changed(List.of()), null, null);
    }

    /**
     * A message in place of the client's own, and what is put right in its answer.
     *
     * @param undo is told what becomes of the message; null for nothing
     * @param needed what the unnamed statement runs that it makes; null for nothing
     */
    record Replacement(
            ByteBuf frame,
            Retouch retouch,
            @Nullable Undo undo,
            @Nullable ClientStatement needed) {}

    /** What the last replaced Parse has yet to do. */
    Deferred deferred() {
        return deferred;
    }
}
