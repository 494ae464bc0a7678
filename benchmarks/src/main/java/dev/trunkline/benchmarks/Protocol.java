package dev.trunkline.benchmarks;

import dev.trunkline.wire.BackendType;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.FrontendType;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** In which form a query is sent, as pgbench calls it. */
public enum Protocol {
    /** Query. */
    SIMPLE {
        @Override
        void writeQuery(ByteBuf out) {
            FrameWriter.query(out, SQL_WITH_VALUE);
        }

        @Override
        void writeAcknowledgements(ByteBuf out) {
            // the answer to a Query begins with the row description
        }

        @Override
        boolean describes() {
            return true;
        }
    },
    /** Parse, Bind, Describe, Execute and Sync without a name. */
    EXTENDED {
        @Override
        void writeQuery(ByteBuf out) {
            FrameWriter.parse(out, UNNAMED, DEFINITION);
            bind(out, UNNAMED);
            describePortal(out);
            execute(out);
            FrameWriter.sync(out);
        }

        @Override
        void writeAcknowledgements(ByteBuf out) {
            FrameWriter.parseComplete(out);
            FrameWriter.bindComplete(out);
        }

        @Override
        boolean describes() {
            return true;
        }
    },
    /** Bind, Execute and Sync of a statement that was prepared under a name before. */
    PREPARED {
        @Override
        void writeQuery(ByteBuf out) {
            bind(out, NAME);
            execute(out);
            FrameWriter.sync(out);
        }

        @Override
        void writeAcknowledgements(ByteBuf out) {
            FrameWriter.bindComplete(out);
        }

        @Override
        boolean describes() {
            return false;
        }
    };

    private static final byte[] UNNAMED = new byte[0];
    private static final byte[] NAME = ascii("P_0");
    private static final byte[] VALUE = ascii("764312");
    private static final String SQL_WITH_VALUE = "SELECT abalance FROM pgbench_accounts WHERE aid = 764312;";
    private static final byte[] DEFINITION = ascii("SELECT abalance FROM pgbench_accounts WHERE aid = $1;\0\0\0");

    /** Writes what a client sends for one query. */
    abstract void writeQuery(ByteBuf out);

    /** Writes what the server answers in front of the rows and their description. */
    abstract void writeAcknowledgements(ByteBuf out);

    /** Whether the answer has a description of the rows. */
    abstract boolean describes();

    /** Writes what a client sends once, in front of all queries: the statement under its name. */
    static void writePrepare(ByteBuf out) {
        FrameWriter.parse(out, NAME, DEFINITION);
        FrameWriter.sync(out);
    }

    /** Writes the answer to {@link #writePrepare}. */
    static void writePrepared(ByteBuf out) {
        FrameWriter.parseComplete(out);
        out.writeByte(BackendType.READY_FOR_QUERY).writeInt(5).writeByte('I');
    }

    private static void bind(ByteBuf out, byte[] statement) {
        out.writeByte(FrontendType.BIND);
        out.writeInt(4 + 1 + statement.length + 1 + 2 + 2 + 4 + VALUE.length + 2);
        out.writeByte(0);
        out.writeBytes(statement).writeByte(0);
        out.writeShort(0);
        out.writeShort(1).writeInt(VALUE.length).writeBytes(VALUE);
        out.writeShort(0);
    }

    private static void describePortal(ByteBuf out) {
        out.writeByte(FrontendType.DESCRIBE).writeInt(6).writeByte('P').writeByte(0);
    }

    private static void execute(ByteBuf out) {
        out.writeByte(FrontendType.EXECUTE).writeInt(9).writeByte(0).writeInt(0);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
