package dev.trunkline.benchmarks;

import dev.trunkline.wire.BackendType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Server answers as PostgreSQL sends them, cut into reads as a socket hands them over. */
final class Answers {
    /** What Netty reads at once from a busy socket, in bytes. */
    static final int READ_SIZE = 8192;

    private static final List<String> COLUMNS = List.of("aid", "bid", "abalance", "filler");
    private static final int TEXT_OID = 25;
    private static final byte IDLE = 'I';

    private Answers() {}

    /**
     * The answer to a SELECT of {@code rows} rows of pgbench_accounts: RowDescription, DataRows, CommandComplete,
     * ReadyForQuery.
     *
     * @return its bytes in buffers of at most {@link #READ_SIZE}; the caller releases each
     */
    static List<ByteBuf> select(int rows, ByteBufAllocator allocator) {
        return select(Protocol.SIMPLE, rows, allocator);
    }

    /** The same answer to a query in that form, with what stands in front of the rows there. */
    static List<ByteBuf> select(Protocol protocol, int rows, ByteBufAllocator allocator) {
        ByteBuf all = allocator.buffer();
        try {
            protocol.writeAcknowledgements(all);
            if (protocol.describes()) {
                rowDescription(all);
            }
            for (int row = 0; row < rows; row++) {
                dataRow(all, row);
            }
            commandComplete(all, "SELECT " + rows);
            readyForQuery(all);
            return cut(all, allocator);
        } finally {
            all.release();
        }
    }

    /** The same read once more: who had it may have moved both of its indexes. The reader has a share of its own. */
    static ByteBuf again(ByteBuf read) {
        return read.setIndex(0, read.capacity()).retain();
    }

    private static List<ByteBuf> cut(ByteBuf all, ByteBufAllocator allocator) {
        List<ByteBuf> reads = new ArrayList<>();
        while (all.isReadable()) {
            int length = Math.min(READ_SIZE, all.readableBytes());
            reads.add(allocator.directBuffer(length).writeBytes(all, length));
        }
        return reads;
    }

    private static void rowDescription(ByteBuf out) {
        int length = begin(out, BackendType.ROW_DESCRIPTION);
        out.writeShort(COLUMNS.size());
        for (String column : COLUMNS) {
            string(out, column);
            out.writeInt(0)
                    .writeShort(0)
                    .writeInt(TEXT_OID)
                    .writeShort(-1)
                    .writeInt(-1)
                    .writeShort(0);
        }
        end(out, length);
    }

    private static void dataRow(ByteBuf out, int row) {
        int length = begin(out, BackendType.DATA_ROW);
        out.writeShort(COLUMNS.size());
        value(out, Integer.toString(100_000 + row));
        value(out, "1");
        value(out, "0");
        value(out, " ".repeat(84));
        end(out, length);
    }

    private static void commandComplete(ByteBuf out, String tag) {
        int length = begin(out, BackendType.COMMAND_COMPLETE);
        string(out, tag);
        end(out, length);
    }

    private static void readyForQuery(ByteBuf out) {
        int length = begin(out, BackendType.READY_FOR_QUERY);
        out.writeByte(IDLE);
        end(out, length);
    }

    /** Writes type and a length to be filled in, and returns where that length stands. */
    private static int begin(ByteBuf out, byte type) {
        out.writeByte(type);
        int index = out.writerIndex();
        out.writeInt(0);
        return index;
    }

    private static void end(ByteBuf out, int lengthIndex) {
        out.setInt(lengthIndex, out.writerIndex() - lengthIndex);
    }

    private static void string(ByteBuf out, String text) {
        out.writeCharSequence(text, StandardCharsets.UTF_8);
        out.writeByte(0);
    }

    private static void value(ByteBuf out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length).writeBytes(bytes);
    }
}
