package dev.trunkline.pooler.backend;

import dev.trunkline.pooler.statement.Batches;
import dev.trunkline.pooler.statement.ClientStatement;
import dev.trunkline.pooler.statement.Undo;
import dev.trunkline.wire.BackendType;
import dev.trunkline.wire.ProtocolViolation;
import java.util.concurrent.atomic.AtomicLong;
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
 * While the server is in that mode it ignores Sync and Flush, so that clients may send them without knowing that their
 * statement was a COPY. A Sync that was sent straight behind an Execute was therefore ignored once CopyInResponse
 * arrives. One that was sent behind CopyData, before CopyInResponse was seen and without a CopyDone, may have been
 * ignored or answered, depending on where the server found an error: {@link #isAmbiguous} then says that the connection
 * cannot be trusted to be in step and must not be pooled again.
 */
public final class Replies implements Batches {
    /** Apart by more batches than a connection ever has. */
    private static final long STRIDE = 1L << 36;

    private static final AtomicLong NUMBERS = new AtomicLong(STRIDE);

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
    private long batch = NUMBERS.getAndAdd(STRIDE);
    private boolean batchOpen;
    private boolean ignoringToSync;
    private boolean copyIn;
    private int ignoredSyncs;
    private boolean ambiguous;

    /** Notes that the request was forwarded. */
    public void expect(Kind kind) {
        expect(kind, Action.FORWARD, null);
    }

    /**
     * Notes a request.
     *
     * @param undo runs if the server skips or fails the request; null for none
     */
    public void expect(Kind kind, Action action, @Nullable Undo undo) {
        if (ignoringToSync && kind != Kind.SYNC) {
            run(undo);
            return;
        }
        if (copyIn && kind == Kind.SYNC && !ring.holds(Kind.COPY_END)) {
            throw new IllegalStateException("a Sync inside COPY must be kept back");
        }
        if (kind == Kind.COPY_DATA && ring.size() > 0 && ring.kindAt(ring.size() - 1) == kind) {
            return;
        }
        ignoringToSync = false;
        batchOpen = opensBatch(kind) || (batchOpen && isMarker(kind));
        ring.add(kind, action, undo);
        batch += endsWithReady(kind) ? 1 : 0;
        dropLeadingMarkers();
    }

    /**
     * Puts something right in the answer to what was noted last, because its text was changed on the way. Without effect if the
     * server is ignoring it.
     */
    public void retouch(Retouch retouch) {
        if (!ignoringToSync) {
            ring.retouchLast(retouch);
        }
    }

    /** What is put right in the next reply; null for nothing. */
    @Nullable
    Retouch retouch() {
        return ring.size() == 0 ? null : ring.headRetouch();
    }

    /** Notes which statement the request is about that was noted last. Without effect if the server is ignoring it. */
    public void about(ClientStatement subject) {
        if (!ignoringToSync) {
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
        return batch;
    }

    @Override
    public long oldest() {
        return batch - ring.owedReady();
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

    /** Of the request that is answered next; null if nothing is owed. */
    public @Nullable Kind next() {
        return ring.size() == 0 ? null : ring.kindAt(0);
    }

    /**
     * True if a Sync or Flush that is sent now would be ignored by the server, so that it need not be sent: the server
     * waits for CopyData, and CopyDone has not been sent.
     */
    public boolean ignoresSync() {
        return copyIn && !ring.holds(Kind.COPY_END);
    }

    /**
     * Takes note of a message of the server and says what is done with it. Not for ParameterStatus, NoticeResponse,
     * NotificationResponse and fatal errors, which answer nothing.
     *
     * @throws ProtocolViolation if the message answers nothing that was asked
     */
    public Action onReply(byte type) {
        if (ring.size() == 0) {
            return onUnasked(type);
        }
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

    /** How many entries are owed, markers included. */
    public int size() {
        return ring.size();
    }

    /**
     * True while messages of the extended protocol were sent that no Sync has closed, also if one of them has failed: the server
     * is not at rest, and may be ignoring whatever it is sent.
     */
    public boolean isBatchOpen() {
        return batchOpen || ignoringToSync;
    }

    /** True while the server expects CopyData. */
    public boolean isCopyIn() {
        return copyIn;
    }

    /** True if a Sync may or may not have been answered, so that what follows cannot be told apart. */
    public boolean isAmbiguous() {
        return ambiguous;
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
        if (!owesReady()) {
            return false;
        }
        for (int i = 0; i < ring.size(); i++) {
            if (endsWithReady(ring.kindAt(i)) && ring.actionAt(i) == Action.FORWARD) {
                return true;
            }
        }
        return false;
    }

    private Action onUnasked(byte type) {
        if (type == BackendType.READY_FOR_QUERY && ignoredSyncs > 0) {
            ignoredSyncs--;
            ignoringToSync = false;
            ambiguous = true;
            return Action.FORWARD;
        }
        throw unexpected(type, "nothing");
    }

    /** What the proxy asks for in the client's batch fails for the client; only a batch or query of its own does not. */
    private Action onError(Kind kind) {
        copyIn = false;
        ambiguous |= ignoredSyncs > 0;
        if (endsWithReady(kind)) {
            return onFailedQuery();
        }
        undoUpTo(entriesBeforeSync());
        ignoringToSync = ring.size() == 0;
        batchOpen = batchOpen && ring.size() > 0;
        return ignoringToSync ? Action.FORWARD : ring.headAction();
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

    private int entriesBeforeSync() {
        int count = 0;
        while (count < ring.size() && ring.kindAt(count) != Kind.SYNC) {
            count++;
        }
        return count;
    }

    /** Last first, so that of two changes of one name the older state wins. The first is the one that has failed. */
    private void undoUpTo(int count) {
        for (int i = count - 1; i > 0; i--) {
            run(ring.undoAt(i));
        }
        Undo first = ring.undoAt(0);
        if (first != null) {
            first.failed();
        }
        for (int i = 0; i < count; i++) {
            ring.remove();
        }
    }

    private void onReady(Kind kind) {
        if (!endsWithReady(kind)) {
            throw unexpected(BackendType.READY_FOR_QUERY, kind.name());
        }
        copyIn = false;
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
        copyIn = true;
        dropIgnoredSyncs();
    }

    /** Removes the Syncs that the server reads as part of the COPY which has just begun. */
    private void dropIgnoredSyncs() {
        boolean data = false;
        while (ring.size() > 1) {
            Kind second = ring.kindAt(1);
            if (second == Kind.COPY_DATA) {
                data = true;
            } else if (second == Kind.SYNC) {
                ignoredSyncs += data ? 1 : 0;
            } else {
                break;
            }
            ring.removeSecond();
        }
        batchOpen = endsInsideBatch();
    }

    private boolean endsInsideBatch() {
        int last = ring.size() - 1;
        while (isMarker(ring.kindAt(last))) {
            last--;
        }
        return opensBatch(ring.kindAt(last));
    }

    private void onMessage(Kind kind, byte type) {
        if (!allows(kind, type)) {
            throw unexpected(type, kind.name());
        }
        if (type == BackendType.COMMAND_COMPLETE && copyIn) {
            copyIn = false;
            ignoredSyncs = 0;
            if (kind == Kind.QUERY) {
                dropEndOfCopy();
            }
        }
        if (completes(kind, type)) {
            Undo undo = ring.undoAt(0);
            pop();
            if (undo != null) {
                undo.done();
            }
        }
    }

    /** What was sent for the COPY that has ended must not be taken for the end of another one in the same query. */
    private void dropEndOfCopy() {
        while (ring.size() > 1 && ring.kindAt(1) == Kind.COPY_DATA) {
            ring.removeSecond();
        }
        if (ring.size() > 1 && ring.kindAt(1) == Kind.COPY_END) {
            ring.removeSecond();
        }
    }

    /** Source: PostgreSQL manual, "Message Flow", the answers that each request may have. */
    private static boolean allows(Kind kind, byte type) {
        return switch (kind) {
            case QUERY ->
                switch (type) {
                    case BackendType.ROW_DESCRIPTION,
                            BackendType.DATA_ROW,
                            BackendType.COMMAND_COMPLETE,
                            BackendType.EMPTY_QUERY_RESPONSE,
                            BackendType.COPY_OUT_RESPONSE,
                            BackendType.COPY_BOTH_RESPONSE,
                            BackendType.COPY_DATA,
                            BackendType.COPY_DONE -> true;
                    default -> false;
                };
            case EXECUTE ->
                switch (type) {
                    case BackendType.DATA_ROW,
                            BackendType.COMMAND_COMPLETE,
                            BackendType.EMPTY_QUERY_RESPONSE,
                            BackendType.PORTAL_SUSPENDED,
                            BackendType.COPY_OUT_RESPONSE,
                            BackendType.COPY_BOTH_RESPONSE,
                            BackendType.COPY_DATA,
                            BackendType.COPY_DONE -> true;
                    default -> false;
                };
            case FUNCTION_CALL -> type == BackendType.FUNCTION_CALL_RESPONSE;
            case PARSE -> type == BackendType.PARSE_COMPLETE;
            case BIND -> type == BackendType.BIND_COMPLETE;
            case CLOSE -> type == BackendType.CLOSE_COMPLETE;
            case DESCRIBE_STATEMENT -> type == BackendType.PARAMETER_DESCRIPTION || isRowShape(type);
            case DESCRIBE_PORTAL -> isRowShape(type);
            case SYNC, COPY_DATA, COPY_END -> false;
        };
    }

    private static boolean completes(Kind kind, byte type) {
        return switch (kind) {
            case QUERY, FUNCTION_CALL, SYNC, COPY_DATA, COPY_END -> false;
            case PARSE, BIND, CLOSE -> true;
            case DESCRIBE_STATEMENT, DESCRIBE_PORTAL -> isRowShape(type);
            case EXECUTE ->
                type == BackendType.COMMAND_COMPLETE
                        || type == BackendType.EMPTY_QUERY_RESPONSE
                        || type == BackendType.PORTAL_SUSPENDED;
        };
    }

    private static boolean isRowShape(byte type) {
        return type == BackendType.ROW_DESCRIPTION || type == BackendType.NO_DATA;
    }

    static boolean endsWithReady(Kind kind) {
        return kind == Kind.QUERY || kind == Kind.SYNC || kind == Kind.FUNCTION_CALL;
    }

    private static boolean isMarker(Kind kind) {
        return kind == Kind.COPY_DATA || kind == Kind.COPY_END;
    }

    private static boolean opensBatch(Kind kind) {
        return !endsWithReady(kind) && !isMarker(kind);
    }

    private void pop() {
        ring.remove();
        dropLeadingMarkers();
    }

    /** A server that is not in COPY ignores what is left of one, so that nothing is owed for it. */
    private void dropLeadingMarkers() {
        while (ring.size() > 0 && isMarker(ring.kindAt(0))) {
            ring.remove();
        }
    }

    private static void run(@Nullable Undo undo) {
        if (undo != null) {
            undo.undo();
        }
    }

    private static ProtocolViolation unexpected(byte type, String owed) {
        return new ProtocolViolation(
                "unexpected server message type \"" + (char) type + "\" while waiting for the answer to " + owed);
    }
}
