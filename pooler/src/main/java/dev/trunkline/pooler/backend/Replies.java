package dev.trunkline.pooler.backend;

import dev.trunkline.pooler.statement.Batches;
import dev.trunkline.pooler.statement.ClientStatement;
import dev.trunkline.pooler.statement.Undo;
import dev.trunkline.wire.BackendType;
import dev.trunkline.wire.ProtocolViolation;
import org.jspecify.annotations.Nullable;

/**
 * The replies that a server still owes, in order. Loop-confined, and pure: it sees type bytes and does no I/O.
 *
 * <h2>The rule</h2>
 *
 * An entry is added the moment the header of a request is forwarded, and removed by the message that completes the
 * request (PostgreSQL manual, "Message Flow"). So the ring is empty only when nothing is outstanding, and half-sent
 * frames, pipelines ({@code Q Q Q}, {@code P B E S P B E S}) and Flush without Sync need no special cases.
 *
 * <h2>Errors</h2>
 *
 * After an ErrorResponse to a message of the extended protocol the server reads on up to the next Sync and ignores the
 * rest. The entries up to there are dropped and their undos run, and what is sent before that Sync is not expected.
 *
 * <h2>COPY FROM STDIN</h2>
 *
 * A server in that mode ignores Sync and Flush, which may leave a Sync in doubt: see {@link CopyIn}.
 */
public final class Replies implements Batches {
    /** What is owed. */
    public enum Kind {
        QUERY,
        FUNCTION_CALL,
        PARSE,
        BIND,
        DESCRIBE_STATEMENT,
        DESCRIBE_PORTAL,
        EXECUTE,
        CLOSE,
        SYNC,
        /** CopyData was sent: nothing is owed. */
        COPY_DATA,
        /** CopyDone or CopyFail was sent: nothing is owed. */
        COPY_END
    }

    /** What is done with a reply when it comes. */
    public enum Action {
        /** It is the client's. */
        FORWARD,
        /** It answers something that the proxy sent for itself. */
        SWALLOW,
        /** The server is not asked at all: the proxy gives the answer when its turn has come. */
        SYNTHESIZE
    }

    private final ReplyRing ring = new ReplyRing();
    private final BatchProgress batch = new BatchProgress();
    private final CopyIn copy = new CopyIn(ring);
    /** A part of the answer to the first entry has come. */
    private boolean headAnswered;
    /** A Bind was answered since the last ReadyForQuery. */
    private boolean bound;
    /** The requests in front of this number are answered without a Sync, because a Flush was sent behind them. */
    private long flushedTo;

    /** Notes that the request was forwarded. */
    public void expect(Kind kind) {
        expect(kind, Action.FORWARD, null);
    }

    /**
     * Notes a request.
     *
     * @param undo runs if the server skips or fails the request; null for none
     * @throws ProtocolViolation if it cannot be told whether the server will skip it, because of a Sync inside a failed COPY
     */
    public void expect(Kind kind, Action action, @Nullable Undo undo) {
        if (batch.isSkipping() && kind != Kind.SYNC && !copy.isBehindSync(kind)) {
            if (undo != null) {
                undo.undo();
            }
            return;
        }
        if (kind == Kind.SYNC && copy.takesSync()) {
            return;
        }
        if (kind == Kind.COPY_DATA) {
            copy.takesData();
            if (ring.size() > 0 && ring.kindAt(ring.size() - 1) == kind) {
                return;
            }
        }
        batch.sent(kind, action, upcoming());
        ring.add(kind, action, undo);
        dropLeadingMarkers();
    }

    /** Notes CopyData, for which nothing is owed. */
    public void expectCopyData() {
        if (copy.isRunning()) {
            copy.takesData();
        } else {
            expect(Kind.COPY_DATA);
        }
    }

    /** Notes the client's Flush: what was sent is answered, whatever comes next. */
    public void expectFlush() {
        flushedTo = upcoming();
    }

    /**
     * Puts something right in the answer to what was noted last, because its text was changed on the way. Without effect if the
     * server is ignoring it.
     */
    public void retouch(Retouch retouch) {
        if (!batch.isSkipping() && ring.size() > 0) {
            ring.retouchLast(retouch);
        }
    }

    /** The same for the answer that comes next, once it is known what it will be. Without effect if nothing is owed. */
    public void retouchNext(Retouch retouch) {
        if (ring.size() > 0) {
            ring.retouchHead(retouch);
        }
    }

    /** What is put right in the next reply; null for nothing. */
    @Nullable
    Retouch retouch() {
        return ring.size() == 0 ? null : ring.headRetouch();
    }

    /** Notes which statement the request is about that was noted last. Without effect if the server is ignoring it. */
    public void about(ClientStatement subject) {
        if (!batch.isSkipping() && ring.size() > 0) {
            ring.lastIsAbout(subject);
        }
    }

    /** The statement that the next reply is about; null if none was noted. */
    @Nullable
    ClientStatement subject() {
        return ring.size() == 0 ? null : ring.headSubject();
    }

    @Override
    public long current() {
        return batch.number();
    }

    @Override
    public long oldest() {
        return batch.number() - ring.owedReady();
    }

    @Override
    public boolean isQuiet() {
        return ring.size() == 0;
    }

    /** The number of the request that is answered next, all that were ever noted being counted. */
    public long answering() {
        return ring.removed();
    }

    /** The number that the next request will have. */
    public long upcoming() {
        return ring.removed() + ring.size();
    }

    /** What is owed is not the client's any more, its errors included. */
    void swallowAll() {
        ring.swallowAll();
    }

    /** The server is gone, and has carried out nothing of the client's that it owes an answer for. */
    public void undoClients() {
        ring.undoClients();
    }

    /** Of the request that is answered next; null if nothing is owed. */
    public @Nullable Kind next() {
        return ring.size() == 0 ? null : ring.kindAt(0);
    }

    /**
     * True if nothing of the batch under way was executed, as its own order shows: the server answers in turn, and has yet to answer its first
     * Bind. False wherever that cannot be told, as with a Query.
     */
    boolean isUnbound() {
        Kind next = next();
        return !bound && (next == Kind.PARSE || next == Kind.BIND);
    }

    /**
     * Takes note of a message of the server and says what is done with it. Not for ParameterStatus, NoticeResponse,
     * NotificationResponse and fatal errors, which answer nothing.
     *
     * @throws ProtocolViolation if the message answers nothing that was asked
     */
    public Action onReply(byte type) {
        if (type == BackendType.READY_FOR_QUERY && isOfDoubtfulSync()) {
            copy.syncAnswered();
            batch.readsOn();
            return Action.FORWARD;
        }
        if (ring.size() == 0) {
            throw unexpected(type, "nothing");
        }
        if (type != BackendType.READY_FOR_QUERY) {
            copy.laterAnswered();
        }
        headAnswered = true;
        bound = type != BackendType.READY_FOR_QUERY && (bound || type == BackendType.BIND_COMPLETE);
        Kind kind = ring.kindAt(0);
        Action action = ring.headAction();
        switch (type) {
            case BackendType.ERROR_RESPONSE -> {
                return onError(kind);
            }
            case BackendType.READY_FOR_QUERY -> onReady(kind);
            case BackendType.COPY_IN_RESPONSE -> onCopyIn(kind);
            default -> onMessage(kind, type);
        }
        return action;
    }

    /** What the proxy must answer itself now, because its turn has come: the kind of the request, or null. Removes it. */
    public @Nullable Kind pollSynthesized() {
        if (ring.size() == 0 || ring.headAction() != Action.SYNTHESIZE) {
            return null;
        }
        // The client reads this first: an answer to a Sync in doubt would come too late, and is a violation from now
        // on.
        copy.laterAnswered();
        Kind kind = ring.kindAt(0);
        Undo undo = ring.takeHeadUndo();
        pop();
        if (undo != null) {
            undo.done();
        }
        return kind;
    }

    /** True if the next reply answers something that the proxy sent for itself. */
    public boolean isSwallowing() {
        return ring.size() > 0 && ring.headAction() == Action.SWALLOW;
    }

    /** True if nothing is owed. */
    public boolean isEmpty() {
        return ring.size() == 0;
    }

    /** How many answers the proxy has yet to give itself, behind others: nothing of the like was sent to the server. */
    public int synthesized() {
        return ring.synthesized();
    }

    /** How many entries are owed, markers included. */
    public int size() {
        return ring.size();
    }

    /**
     * True while messages of the extended protocol were sent that no Sync has closed, also if one of them has failed: the server
     * is not at rest, and may be ignoring whatever it is sent.
     */
    public boolean isBatchOpen() {
        return batch.isOpen();
    }

    /** True if an Execute of the client's was sent in the batch that is under way, which is a transaction from then on. */
    public boolean isBatchRunning() {
        return batch.isRunning();
    }

    /**
     * True if the server may ignore what it is sent now, because something fails that no Sync stands behind. Also if that is a
     * message of the extended protocol in front of queries, which are then ignored, too.
     */
    public boolean mayBeSkipping() {
        return batch.mayBeSkipping(answering());
    }

    /** True if it is certain that the server ignores a Query that it is sent now, and whatever else comes before a Sync. */
    public boolean isSkipping() {
        return batch.isSkipping();
    }

    /** As {@link #mayBeSkipping}, but certain where all that was sent has been answered. */
    public boolean mayIgnoreQuery() {
        return isSkipping() || (!isEmpty() && mayBeSkipping());
    }

    /** True while the server expects CopyData. */
    public boolean isCopyIn() {
        return copy.isRunning();
    }

    /** As {@link #isCopyIn}, but no longer where the end of the data was sent: what is sent behind that is read as usual. */
    public boolean awaitsCopyData() {
        return copy.isRunning() && !ring.holds(Kind.COPY_END);
    }

    /** True if the server may yet answer a Sync that was sent inside a COPY, or may have ignored it. */
    public boolean isAmbiguous() {
        return copy.isAmbiguous();
    }

    /** True if a Query or Sync is outstanding, so that the transaction status is not that of the last ReadyForQuery. */
    public boolean owesReady() {
        return ring.owedReady() > 0;
    }

    /**
     * As {@link #owesReady}, but for the client alone: the queries that the proxy puts in front of a transaction leave the status as
     * it is.
     */
    public boolean owesClientReady() {
        return ring.owesClientReady();
    }

    /** True if something is outstanding that the server answers because of the client's Flush. */
    public boolean owesFlushed() {
        return flushedTo > answering();
    }

    /** A ReadyForQuery that the first entry does not account for: a query is answered by something else before. */
    private boolean isOfDoubtfulSync() {
        return copy.isAmbiguous() && (ring.size() == 0 || !mayBeReady(ring.kindAt(0)));
    }

    private boolean mayBeReady(Kind first) {
        return first == Kind.SYNC || (ReplyRules.endsWithReady(first) && headAnswered);
    }

    /** What the proxy asks for in the client's batch fails for the client; only a batch or query of its own does not. */
    private Action onError(Kind kind) {
        copy.stops();
        if (ReplyRules.endsWithReady(kind)) {
            return onFailedQuery();
        }
        if (copy.goesOnBehindSync()) {
            failed(1);
            return Action.FORWARD;
        }
        int count = ring.countBeforeSync();
        copy.fails(count);
        failed(count);
        if (ring.size() == 0) {
            batch.skips();
            return Action.FORWARD;
        }
        return ring.headAction();
    }

    /** A query of the proxy's own learns of it when it has ended. */
    private Action onFailedQuery() {
        Action action = ring.headAction();
        Undo undo = action == Action.FORWARD ? ring.takeHeadUndo() : null;
        if (undo != null) {
            undo.failed();
        }
        return action;
    }

    private void failed(int count) {
        ring.fail(count);
        headAnswered = false;
    }

    private void onReady(Kind kind) {
        if (!ReplyRules.endsWithReady(kind)) {
            throw unexpected(BackendType.READY_FOR_QUERY, kind.name());
        }
        copy.stops();
        Undo undo = ring.headAction() == Action.FORWARD ? ring.takeHeadUndo() : null;
        pop();
        if (undo != null) {
            undo.done();
        }
    }

    private void onCopyIn(Kind kind) {
        if (kind != Kind.QUERY && kind != Kind.EXECUTE) {
            throw unexpected(BackendType.COPY_IN_RESPONSE, kind.name());
        }
        copy.begins();
        batch.endsWith(ring.lastRequest());
    }

    private void onMessage(Kind kind, byte type) {
        if (!ReplyRules.allows(kind, type)) {
            throw unexpected(type, kind.name());
        }
        if (type == BackendType.COMMAND_COMPLETE && copy.isRunning()) {
            copy.succeeds();
        }
        if (ReplyRules.completes(kind, type)) {
            Undo undo = ring.undoAt(0);
            pop();
            if (undo != null) {
                undo.done();
            }
        }
    }

    private void pop() {
        ring.remove();
        headAnswered = false;
        dropLeadingMarkers();
    }

    /** A server that is not in COPY ignores what is left of one, so that nothing is owed for it. */
    private void dropLeadingMarkers() {
        while (ring.size() > 0 && ReplyRules.isMarker(ring.kindAt(0))) {
            ring.remove();
        }
    }

    private static ProtocolViolation unexpected(byte type, String owed) {
        return new ProtocolViolation(
                "unexpected server message type \"" + (char) type + "\" while waiting for the answer to " + owed);
    }
}
