package dev.trunkline.server.admin;

import dev.trunkline.wire.Column;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.PgError;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one statement of the console comes to. Immutable. */
public sealed interface AdminResult {
    /** Writes the messages of this result; ReadyForQuery is the caller's. */
    void writeTo(ByteBuf out);

    /**
     * A result set.
     *
     * @param rows each as long as {@code columns}; null is SQL's NULL
     */
    record Rows(List<Column> columns, List<List<@Nullable String>> rows, String tag) implements AdminResult {
        @Override
        public void writeTo(ByteBuf out) {
            FrameWriter.rowDescription(out, columns);
            rows.forEach(row -> FrameWriter.dataRow(out, row));
            FrameWriter.commandComplete(out, tag);
        }
    }

    /** A command that was done, with a remark. */
    record Notice(PgError notice, String tag) implements AdminResult {
        @Override
        public void writeTo(ByteBuf out) {
            notice.writeTo(out);
            FrameWriter.commandComplete(out, tag);
        }
    }

    /** A command that was done. */
    record Done(String tag) implements AdminResult {
        @Override
        public void writeTo(ByteBuf out) {
            FrameWriter.commandComplete(out, tag);
        }
    }

    /** A command that was refused or failed; what stands behind it in the same query is not run. */
    record Failed(PgError error) implements AdminResult {
        @Override
        public void writeTo(ByteBuf out) {
            error.writeTo(out);
        }
    }

    /** A query without a statement. */
    record Empty() implements AdminResult {
        @Override
        public void writeTo(ByteBuf out) {
            FrameWriter.emptyQueryResponse(out);
        }
    }
}
