package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.statement.ClientStatement;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.TxStatus;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * The client's own bytes of the batch that is under way, kept until it is answered, so that it can be sent once more.
 * Loop-confined.
 *
 * <p>Only a batch that begins outside a transaction is kept, and only from its first use of a mapped statement on: what stands
 * in front of that has no effect that a failure takes back. Nothing is copied and no object is made: the buffers in which the bytes
 * came are retained, up to {@link #MAX_BYTES}.
 */
final class BatchRecord {
    static final int MAX_BYTES = 64 * 1024;
    /** None of the requests can be the one to begin with. */
    static final int NOWHERE = -1;
    /** Everything that is kept is sent again, and what was answered of it must not be relayed. */
    static final int FROM_THE_FIRST = -2;

    private static final int MAX_PIECES = 16;
    private static final int MAX_USES = 8;
    private static final int HEADER = 5;

    private enum State {
        /** Nothing is kept, and what the batch has done so far leaves nothing behind. */
        OPEN,
        KEEPING,
        /** Nothing is kept until the server is at rest again. */
        SHUT
    }

    /** How sure it is that the first answers of a batch can be given, although the rest is sent again. */
    private enum Head {
        /** Nothing but Parse, Describe and Close of statements so far. */
        HARMLESS,
        /** Something was run. */
        RUNNING
    }

    private static final @Nullable ByteBuf[] NOTHING = {};
    private static final @Nullable ClientStatement[] NO_USES = {};
    private static final int[] NO_INTS = {};
    private static final long[] NO_LONGS = {};
    private static final boolean[] NO_FLAGS = {};

    private State state = State.OPEN;
    private Head head = Head.HARMLESS;
    /** Something in the batch is answered that is not sent again with the rest. */
    private boolean apart;

    private boolean synced;
    /** How many times the server had given something to the client when the keeping began. */
    private long runsBefore;

    private @Nullable ByteBuf[] pieces = NOTHING;
    private int[] starts = NO_INTS;
    private int[] ends = NO_INTS;
    private int pieceCount;
    private int length;
    /** Bytes of the last frame that are still to come. */
    private int missing;

    private @Nullable ClientStatement[] uses = NO_USES;
    private boolean[] shown = NO_FLAGS;
    private int[] offsets = NO_INTS;
    private long[] numbers = NO_LONGS;
    private int useCount;
    private int lastUse = NOWHERE;

    /** The current frame is about to be sent on. */
    void sees(FrameCursor frame) {
        switch (frame.type()) {
            case FrontendType.PARSE, FrontendType.CLOSE -> answersApart();
            case FrontendType.DESCRIBE, FrontendType.BIND, FrontendType.SYNC, FrontendType.FLUSH -> {}
            case FrontendType.EXECUTE -> runs();
            // May be about a statement, and is then told of again.
            case FrontendType.QUERY -> {
                if (state == State.KEEPING) {
                    shut();
                }
            }
            default -> shut();
        }
        if (state != State.KEEPING) {
            return;
        }
        if (synced) {
            // What is owed behind this batch could not come before what is sent again.
            shut();
        } else {
            keep(frame);
            synced = frame.type() == FrontendType.SYNC;
        }
    }

    /** Something is run that cannot be sent again on its own. */
    void runs() {
        head = Head.RUNNING;
        if (state == State.OPEN) {
            state = State.SHUT;
        }
    }

    /** The current frame is answered whether the rest is sent again or not. */
    void answersApart() {
        apart = true;
    }

    /** The current frame, a Bind, a Describe or a Query, is about this statement; it is noted with the server next. */
    void uses(ClientStatement statement, FrameCursor frame, ServerConnection server) {
        if (state == State.OPEN
                && server.status() == TxStatus.IDLE
                && !server.replies().owesClientReady()) {
            makeRoom();
            state = State.KEEPING;
            runsBefore = server.runs();
            keep(frame);
        }
        if (state == State.KEEPING) {
            note(statement, frame, server.replies().upcoming());
        }
        if (frame.type() != FrontendType.DESCRIBE) {
            runs();
        }
        synced = state == State.KEEPING && frame.type() == FrontendType.QUERY;
    }

    /** Most clients never use a mapped statement, and then have no room for one. */
    private void makeRoom() {
        if (pieces.length == 0) {
            pieces = new @Nullable ByteBuf[MAX_PIECES];
            starts = new int[MAX_PIECES];
            ends = new int[MAX_PIECES];
            uses = new @Nullable ClientStatement[MAX_USES];
            shown = new boolean[MAX_USES];
            offsets = new int[MAX_USES];
            numbers = new long[MAX_USES];
        }
    }

    private void note(ClientStatement statement, FrameCursor frame, long number) {
        for (int i = 0; i < useCount; i++) {
            if (uses[i] == statement && head == Head.RUNNING) {
                lastUse = i;
                return;
            }
        }
        if (useCount == MAX_USES) {
            shut();
            return;
        }
        lastUse = useCount++;
        uses[lastUse] = statement;
        shown[lastUse] = frame.type() != FrontendType.BIND;
        numbers[lastUse] = number;
        offsets[lastUse] = head == Head.HARMLESS ? length - HEADER - frame.bodyLength() + missing : NOWHERE;
    }

    /** The portal of the last use is described: the client will see what its rows look like now. */
    void shows() {
        if (lastUse != NOWHERE) {
            shown[lastUse] = true;
        }
    }

    /** Bytes have come that {@link #sees} may have seen the begin of. They stay the caller's. */
    void arrived(ByteBuf in) {
        if (missing > 0 && state == State.KEEPING) {
            int more = Math.min(missing, in.readableBytes());
            missing -= more;
            add(in, in.readerIndex(), in.readerIndex() + more);
        }
    }

    private void keep(FrameCursor frame) {
        int start = frame.bodyIndex() - HEADER;
        int available = HEADER + frame.bodyAvailable();
        if (length + HEADER + (long) frame.bodyLength() > MAX_BYTES) {
            shut();
            return;
        }
        missing = frame.bodyLength() - frame.bodyAvailable();
        add(frame.buffer(), start, start + available);
    }

    // Whether two pieces lie in the same buffer, whatever it holds.
    @SuppressWarnings("ReferenceEquality")
    private void add(ByteBuf buf, int start, int end) {
        int last = pieceCount - 1;
        if (last >= 0 && pieces[last] == buf && ends[last] == start) {
            ends[last] = end;
        } else if (pieceCount == MAX_PIECES) {
            shut();
            return;
        } else {
            pieces[pieceCount] = buf.retain();
            starts[pieceCount] = start;
            ends[pieceCount] = end;
            pieceCount++;
        }
        length += end - start;
    }

    /**
     * From where on the batch can be sent again, now that the request which the server answers next has failed: the offset of a
     * frame whose answers are all still to come, {@link #FROM_THE_FIRST}, or {@link #NOWHERE}. What was relayed must not come twice,
     * and what was run before was rolled back.
     */
    int restart(ServerConnection server) {
        if (state != State.KEEPING || missing > 0 || !mayChange()) {
            return NOWHERE;
        }
        long failed = server.replies().answering();
        for (int i = 0; i < useCount; i++) {
            if (numbers[i] == failed && offsets[i] != NOWHERE) {
                return offsets[i];
            }
        }
        return server.runs() == runsBefore && !apart && synced ? FROM_THE_FIRST : NOWHERE;
    }

    /** True if no client is misled when its rows look different; what it was told by a Describe is compared later. */
    private boolean mayChange() {
        for (int i = 0; i < useCount; i++) {
            ClientStatement use = uses[i];
            if (use != null && use.reliesOnPortal() && !shown[i]) {
                return false;
            }
        }
        return true;
    }

    /** True if the batch has come to its Sync. */
    boolean isSynced() {
        return synced;
    }

    int useCount() {
        return useCount;
    }

    @Nullable
    ClientStatement use(int index) {
        return uses[index];
    }

    /** Gives a copy of the bytes from this offset on. */
    ByteBuf copy(int from, ByteBufAllocator allocator) {
        ByteBuf out = allocator.buffer(length - from);
        int skip = from;
        for (int i = 0; i < pieceCount; i++) {
            ByteBuf piece = pieces[i];
            int start = starts[i] + Math.min(skip, ends[i] - starts[i]);
            skip -= start - starts[i];
            if (piece != null) {
                out.writeBytes(piece, start, ends[i] - start);
            }
        }
        return out;
    }

    /** The server has nothing to answer any more: the next frame begins a batch. */
    void atRest() {
        if (state != State.OPEN) {
            release();
            state = State.OPEN;
        }
        head = Head.HARMLESS;
        apart = false;
    }

    /** Keeps nothing until {@link #atRest}. */
    void shut() {
        release();
        state = State.SHUT;
    }

    private void release() {
        for (int i = 0; i < pieceCount; i++) {
            ByteBuf piece = pieces[i];
            pieces[i] = null;
            if (piece != null) {
                piece.release();
            }
        }
        for (int i = 0; i < useCount; i++) {
            uses[i] = null;
        }
        pieceCount = 0;
        useCount = 0;
        lastUse = NOWHERE;
        length = 0;
        missing = 0;
        synced = false;
    }
}
