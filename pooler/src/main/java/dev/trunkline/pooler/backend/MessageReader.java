package dev.trunkline.pooler.backend;

import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.pooler.statement.ClientStatement;
import dev.trunkline.pooler.statement.Prepared;
import dev.trunkline.pooler.statement.RowShape;
import dev.trunkline.pooler.statement.ServerStatements;
import dev.trunkline.wire.BackendType;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.ProtocolViolation;
import dev.trunkline.wire.TxStatus;
import dev.trunkline.wire.message.ParameterStatus;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Reads the messages of one server session after its login, one frame at a time: decides if the holder gets it, keeps it from it
 * or puts something right in it, and notes what it says of the session. Loop-confined.
 *
 * <p>It owns what only the messages tell: the transaction status, the server's last words, how far the answer to a request has
 * come. All else belongs to the {@link ServerConnection}, which feeds the cursor and calls for each frame.
 */
final class MessageReader {
    private final FrameCursor cursor;
    private final Delivery delivery;
    private final Replies replies;
    private final OwnQueries ownQueries;
    private final ServerStatements statements;
    private final ParameterState parameters;
    private final Fitness fitness;

    private TxStatus status = TxStatus.IDLE;
    /** The fatal error with which the server has ended the session. */
    private @Nullable PgError lastWords;

    private boolean lastWordsRelayed;
    /** Nothing of the batch under way was executed when they came. */
    private boolean unbound;
    /** The run is the first half of the answer to a Describe of a mapped statement. */
    private boolean halfDescribed;
    /** The request whose statements are counted, by its number, and how many have been completed. */
    private long completing = -1;

    private int completed;

    MessageReader(
            FrameCursor cursor,
            Delivery delivery,
            Replies replies,
            OwnQueries ownQueries,
            ServerStatements statements,
            ParameterState parameters,
            Fitness fitness) {
        this.cursor = cursor;
        this.delivery = delivery;
        this.replies = replies;
        this.ownQueries = ownQueries;
        this.statements = statements;
        this.parameters = parameters;
        this.fitness = fitness;
    }

    /** Of the last ReadyForQuery. */
    TxStatus status() {
        return status;
    }

    /** The fatal error that the server has ended the session with; null if it has sent none. */
    @Nullable
    PgError lastWords() {
        return lastWords;
    }

    /**
     * How a session is lost that ends now.
     *
     * @param reset whether its connection was reset
     * @param otherwise the proxy's own words, if the server has not said any; null for none
     */
    Holder.Loss loss(boolean reset, @Nullable PgError otherwise) {
        PgError error = lastWords == null ? otherwise : lastWords;
        return new Holder.Loss(error, lastWordsRelayed, cursor.isMidFrame(), reset, unbound);
    }

    /** What is read has to be there to its end: a row that the proxy has asked for itself, the shape of a client's rows, last words. */
    boolean isHalfRead() {
        return switch (cursor.type()) {
            case BackendType.DATA_ROW -> replies.isSwallowing() && !cursor.isWhole();
            case BackendType.ROW_DESCRIPTION -> isAboutStatement() && !cursor.isWhole();
            case BackendType.ERROR_RESPONSE ->
                !cursor.isWhole() && PgError.isSevere(cursor.buffer(), cursor.bodyIndex(), cursor.bodyAvailable());
            default -> false;
        };
    }

    /**
     * The cursor's current frame, of which at least the part is there that {@link BackendType#table} asks for.
     *
     * @throws ProtocolViolation if the server must not send it now
     */
    void onFrame() {
        byte type = cursor.type();
        halfDescribed = false;
        switch (type) {
            case BackendType.DATA_ROW -> onRow();
            case BackendType.COPY_DATA -> delivery.decide(replies.onReply(type));
            case BackendType.READY_FOR_QUERY -> onReady();
            case BackendType.COMMAND_COMPLETE -> onCommandComplete();
            case BackendType.ERROR_RESPONSE -> onError();
            case BackendType.PARAMETER_STATUS -> onParameterStatus();
            case BackendType.NOTICE_RESPONSE ->
                delivery.decide(replies.isSwallowing() ? Replies.Action.SWALLOW : Replies.Action.FORWARD);
            case BackendType.NOTIFICATION_RESPONSE -> {
                delivery.decide(Replies.Action.FORWARD);
                // Answers may be taken back; this is none.
                delivery.giveRun();
            }
            case BackendType.PARAMETER_DESCRIPTION -> onParameterTypes();
            case BackendType.ROW_DESCRIPTION, BackendType.NO_DATA -> onRowShape(type);
            case BackendType.AUTHENTICATION, BackendType.BACKEND_KEY_DATA, BackendType.NEGOTIATE_PROTOCOL_VERSION ->
                throw outOfOrder(type);
            default -> delivery.decide(replies.onReply(type));
        }
    }

    /** No more is there for now. Half a description is kept back. */
    void onReadEnd() {
        if (!halfDescribed) {
            delivery.giveRun();
        }
        answerSynthesized();
    }

    /** Gives the answers whose turn has come and that the server was not asked for. */
    void answerSynthesized() {
        for (Holder holder = delivery.holder(); holder != null && !cursor.isMidFrame(); holder = delivery.holder()) {
            Replies.Kind kind = replies.pollSynthesized();
            if (kind == null) {
                return;
            }
            delivery.giveRun();
            holder.synthesize(kind);
        }
    }

    private boolean isAboutStatement() {
        return replies.subject() != null && replies.next() == Replies.Kind.DESCRIBE_STATEMENT;
    }

    /** The first half of a description comes even if the statement is stale: it is kept back until the second has come. */
    private void onParameterTypes() {
        delivery.giveRun();
        halfDescribed = isAboutStatement();
        delivery.decide(replies.onReply(BackendType.PARAMETER_DESCRIPTION));
    }

    /** Where a statement was described, it is noted what the client then knows of it, or what is true now. */
    private void onRowShape(byte type) {
        ClientStatement subject = isAboutStatement() ? replies.subject() : null;
        Replies.Action action = replies.onReply(type);
        if (subject != null) {
            long shape = type == BackendType.NO_DATA
                    ? RowShape.NO_ROWS
                    : RowShape.of(cursor.buffer(), cursor.bodyIndex(), cursor.bodyLength());
            if (action == Replies.Action.SWALLOW) {
                subject.found(shape);
            } else {
                subject.told(shape);
            }
        }
        delivery.decide(action);
    }

    private void onRow() {
        Replies.Action action = replies.onReply(BackendType.DATA_ROW);
        if (action == Replies.Action.SWALLOW) {
            ownQueries.row(cursor.buffer(), cursor.bodyIndex(), cursor.bodyLength());
        }
        delivery.decide(action);
    }

    private void onReady() {
        if (cursor.bodyLength() != 1) {
            throw new ProtocolViolation("invalid length of ReadyForQuery");
        }
        TxStatus newStatus = TxStatus.of(cursor.buffer().getByte(cursor.bodyIndex()));
        Replies.Action action = replies.onReply(BackendType.READY_FOR_QUERY);
        status = newStatus;
        delivery.decide(action);
        if (action == Replies.Action.SWALLOW) {
            ownQueries.ended();
            return;
        }
        Holder holder = delivery.holder();
        if (holder != null) {
            holder.onReady(newStatus);
        }
    }

    private void onCommandComplete() {
        Holder.Discarded discarded = CommandTags.discarded(cursor.buffer(), cursor.bodyIndex(), cursor.bodyLength());
        if (discarded != null) {
            onDiscarded(discarded);
        }
        Retouch retouch = replies.retouch();
        boolean hidden = retouch != null && retouch.hides(completed());
        Replies.Action action = replies.onReply(BackendType.COMMAND_COMPLETE);
        if (hidden) {
            delivery.decide(Replies.Action.SWALLOW);
        } else if (retouch == null || retouch.tag() == null || !isRelayed(action)) {
            delivery.decide(action);
        } else {
            ByteBuf out = delivery.newFrame();
            FrameWriter.commandComplete(out, retouch.tag());
            delivery.replace(out);
        }
    }

    /** How many statements of the request that is answered now have been completed, the current one included. */
    private int completed() {
        if (completing != replies.answering()) {
            completing = replies.answering();
            completed = 0;
        }
        return ++completed;
    }

    private void onDiscarded(Holder.Discarded what) {
        statements.clear();
        if (what == Holder.Discarded.SESSION) {
            parameters.discarded();
        }
        Holder holder = delivery.holder();
        if (holder != null && !replies.isSwallowing()) {
            holder.onDiscarded(what);
        }
    }

    private void onError() {
        PgError error = PgError.read(cursor.buffer(), cursor.bodyIndex(), cursor.bodyAvailable());
        if (error.isFatal()) {
            onLastWords(error);
        } else if (isTakenBack(error) || isRunElsewhere(error)) {
            replies.onReply(BackendType.ERROR_RESPONSE);
            ownQueries.failed(error);
            delivery.decide(Replies.Action.SWALLOW);
            return;
        } else {
            PgError own = inOwnWords(error);
            Replies.Action action = replies.onReply(BackendType.ERROR_RESPONSE);
            if (action == Replies.Action.SWALLOW) {
                ownQueries.failed(error);
            }
            relayError(error, own, action);
        }
        Holder holder = delivery.holder();
        if (holder != null) {
            holder.onError(error);
        }
    }

    private void onLastWords(PgError error) {
        lastWords = error;
        unbound = replies.isUnbound();
        // What has come of the answer before is the holder's, who then knows that it has begun.
        delivery.giveRun();
        Holder holder = delivery.holder();
        PgError told = holder == null || replies.isSwallowing() ? null : holder.lastWords(error);
        lastWordsRelayed = told != null;
        fitness.soil(CloseReason.SERVER_LOST);
        if (told == null) {
            delivery.decide(Replies.Action.SWALLOW);
        } else {
            relayError(error, told, Replies.Action.FORWARD);
        }
    }

    private boolean isTakenBack(PgError error) {
        ClientStatement subject = replies.subject();
        Holder holder = delivery.holder();
        if (subject == null || holder == null || !isUnusable(subject.statement(), error)) {
            return false;
        }
        Holder.Taken taken = replies.isSwallowing() ? Holder.Taken.NOTHING : holder.takesBack(error);
        if (taken == Holder.Taken.ANSWERS) {
            delivery.dropRun();
        }
        return taken != Holder.Taken.NOTHING;
    }

    private boolean isRunElsewhere(PgError error) {
        Holder holder = delivery.holder();
        boolean elsewhere = holder != null && !replies.isSwallowing() && holder.runsElsewhere(error);
        if (elsewhere) {
            delivery.dropRun();
        }
        return elsewhere;
    }

    /** If so, it is prepared again at its next use. */
    private boolean isUnusable(Prepared statement, PgError error) {
        if (UnusableStatement.isStale(error)) {
            statements.distrust(statement);
            return true;
        }
        return UnusableStatement.isMissing(error, statement) && statements.distrust(statement);
    }

    /** What the client would read if its own text had been sent. */
    private PgError inOwnWords(PgError error) {
        if (!cursor.isWhole()) {
            return error;
        }
        Retouch retouch = replies.retouch();
        ClientStatement subject = replies.subject();
        PgError own = retouch == null ? error : retouch.error(error);
        PgError ofText = subject == null ? own : subject.inOwnWords(own);
        Holder holder = delivery.holder();
        return holder == null ? ofText : holder.inOwnWords(ofText);
    }

    private void relayError(PgError error, PgError own, Replies.Action action) {
        if (own.equals(error) || !isRelayed(action)) {
            delivery.decide(action);
            return;
        }
        ByteBuf out = delivery.newFrame();
        own.writeInPlaceOf(cursor.buffer(), cursor.bodyIndex(), cursor.bodyLength(), out);
        delivery.replace(out);
    }

    private boolean isRelayed(Replies.Action action) {
        return action != Replies.Action.SWALLOW && delivery.holder() != null;
    }

    private void onParameterStatus() {
        ParameterStatus reported = ParameterStatus.read(cursor.buffer(), cursor.bodyIndex(), cursor.bodyLength());
        boolean own = replies.isSwallowing();
        boolean settable = parameters.reported(reported.name(), reported.value());
        delivery.decide(own ? Replies.Action.SWALLOW : Replies.Action.FORWARD);
        Holder holder = delivery.holder();
        if (holder != null && !own && settable) {
            holder.onParameter(reported.name(), reported.value());
        }
    }

    private static ProtocolViolation outOfOrder(byte type) {
        return new ProtocolViolation("unexpected server message type \"" + (char) type + "\" after login");
    }
}
