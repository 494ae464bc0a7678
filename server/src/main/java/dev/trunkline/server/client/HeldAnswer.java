package dev.trunkline.server.client;

import dev.trunkline.server.state.DatabaseCounters;
import dev.trunkline.wire.BackendType;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.ArrayDeque;

/**
 * Holds back what comes in front of the first row of an answer, so that nothing of it has reached the client if the statement fails
 * before and is run on another server. Loop-confined. It owns what it holds.
 *
 * <p>In one read with the first row it costs a look at the type of each message in front of that.
 */
final class HeldAnswer {
    /** Notices may come without end. */
    private static final int MAX_BYTES = 64 * 1024;

    private final Channel client;
    private final DatabaseCounters counters;
    private final BatchFrames frames = new BatchFrames();
    private final ArrayDeque<ByteBuf> held = new ArrayDeque<>(0);
    private int bytes;
    private boolean holding;

    HeldAnswer(Channel client, DatabaseCounters counters) {
        this.client = client;
        this.counters = counters;
    }

    /** The answer that begins now may be wanted from another server. */
    void begin() {
        discard();
        bytes = 0;
        holding = true;
    }

    /**
     * Takes a run of messages if it only describes what is to come; else gives the client all that was held, in front of it.
     *
     * @return false if the run is the caller's
     */
    boolean keeps(ByteBuf run) {
        if (!holding) {
            return false;
        }
        bytes += run.readableBytes();
        if (bytes <= MAX_BYTES && isPreface(run)) {
            held.add(run);
            return true;
        }
        give();
        return false;
    }

    /** The client gets what is held, and what comes. */
    void give() {
        holding = false;
        for (ByteBuf each = held.poll(); each != null; each = held.poll()) {
            counters.sent(each.readableBytes());
            client.write(each, client.voidPromise());
        }
    }

    /** Nobody gets what is held; what comes is not held. */
    void discard() {
        holding = false;
        for (ByteBuf each = held.poll(); each != null; each = held.poll()) {
            each.release();
        }
    }

    /** A half message counts as an answer: nothing could be put behind it. */
    private boolean isPreface(ByteBuf run) {
        int end = run.readerIndex();
        frames.begin(end, run.writerIndex());
        while (frames.next(run)) {
            switch (frames.type()) {
                case BackendType.PARSE_COMPLETE,
                        BackendType.BIND_COMPLETE,
                        BackendType.CLOSE_COMPLETE,
                        BackendType.PARAMETER_DESCRIPTION,
                        BackendType.ROW_DESCRIPTION,
                        BackendType.NO_DATA,
                        BackendType.NOTICE_RESPONSE -> end = frames.bodyIndex() + frames.bodyLength();
                default -> {
                    return false;
                }
            }
        }
        return end == run.writerIndex();
    }
}
