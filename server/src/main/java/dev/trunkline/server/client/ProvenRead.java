package dev.trunkline.server.client;

import dev.trunkline.wire.FrontendType;
import io.netty.buffer.ByteBuf;

/**
 * The batch under way that was sent to a replica because it is proven to read. Loop-confined. It stays alone on its connection, so
 * that it can be run on the leader if the replica cannot, and what comes behind it is routed for itself.
 */
final class ProvenRead {
    private final HeldAnswer answer;
    private State state = State.NONE;

    private enum State {
        NONE,
        /** Its end is still to be sent. */
        OPEN,
        SENT
    }

    ProvenRead(HeldAnswer answer) {
        this.answer = answer;
    }

    /** Its first frame is about to be sent to a replica. */
    void begin() {
        state = State.OPEN;
        answer.begin();
    }

    /** What is sent now is something else. */
    void end() {
        state = State.NONE;
    }

    /** It is run elsewhere, or nobody is there any more who wants an answer: what has come of that is thrown away. */
    void discard() {
        state = State.NONE;
        answer.discard();
    }

    /** A frame of this type is about to be sent. */
    void sends(byte type) {
        if (state == State.OPEN && (type == FrontendType.QUERY || type == FrontendType.SYNC)) {
            state = State.SENT;
        }
    }

    /** True if a run of its answer was taken and held back; else it is the caller's. */
    boolean keeps(ByteBuf run) {
        return answer.keeps(run);
    }

    /** The client gets what was held back of its answer. */
    void give() {
        answer.give();
    }

    /** True if what comes now is not a part of it. */
    boolean isSent() {
        return state == State.SENT;
    }
}
