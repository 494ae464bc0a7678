package dev.trunkline.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;

/** Uses a cursor as a proxy does: feed, decide, take the run; and writes down what it saw. */
final class CursorDriver implements AutoCloseable {
    /** A frame as the cursor showed it: the head that its table promises, in hexadecimal. */
    record Shown(byte type, int bodyLength, String head) {}

    final List<Shown> shown = new ArrayList<>();
    private final WireBytes output = WireBytes.bytes();
    private final FrameCursor cursor;
    private final FrameTable table;
    private final NaiveDecoder.Choice choice;

    CursorDriver(FrameCursor cursor, FrameTable table, NaiveDecoder.Choice choice) {
        this.cursor = cursor;
        this.table = table;
        this.choice = choice;
    }

    static List<Shown> expected(List<NaiveDecoder.Frame> frames, FrameTable table) {
        return frames.stream()
                .map(each -> new Shown(
                        each.type(),
                        each.body().length,
                        ByteBufUtil.hexDump(each.body(), 0, table.needed(each.type(), each.body().length))))
                .toList();
    }

    /** One read of a socket. */
    void read(ByteBuf in) {
        cursor.feed(in);
        while (cursor.next()) {
            decide();
        }
        takeRun();
    }

    void decide() {
        int head = table.needed(cursor.type(), cursor.bodyLength());
        byte[] bytes = ByteBufUtil.getBytes(cursor.buffer(), cursor.bodyIndex(), head);
        shown.add(new Shown(cursor.type(), cursor.bodyLength(), ByteBufUtil.hexDump(bytes)));
        switch (choice.of(shown.size() - 1)) {
            case PASS -> cursor.pass();
            case SKIP -> {
                takeRun();
                cursor.skip();
            }
            case BEHEAD -> {
                takeRun();
                cursor.passBehind(FrameCursor.HEADER);
            }
        }
    }

    void takeRun() {
        ByteBuf run = cursor.takeRun();
        if (run != null) {
            output.raw(ByteBufUtil.getBytes(run));
            run.release();
        }
    }

    byte[] output() {
        return output.done();
    }

    @Override
    public void close() {
        cursor.close();
    }
}
