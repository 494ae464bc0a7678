package dev.trunkline.wire.message;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trunkline.wire.ProtocolViolation;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a row that answers a query of the proxy's own. Rows of clients are never read.
 *
 * <p>Source: PostgreSQL manual, "Message Formats", DataRow.
 */
public final class DataRow {
    private DataRow() {}

    /**
     * The values of the row, null for an SQL null; text is taken to be UTF-8.
     *
     * @param buf is borrowed
     * @throws ProtocolViolation if the body is malformed
     */
    public static List<@Nullable String> read(ByteBuf buf, int index, int length) {
        List<@Nullable String> values = new ArrayList<>();
        int end = index + length;
        int at = index + 2;
        if (at > end) {
            throw invalid();
        }
        for (int columns = buf.getUnsignedShort(index); columns > 0; columns--) {
            if (at + 4 > end) {
                throw invalid();
            }
            int size = buf.getInt(at);
            at += 4;
            if (size > end - at) {
                throw invalid();
            }
            values.add(size < 0 ? null : buf.toString(at, size, UTF_8));
            at += Math.max(size, 0);
        }
        return values;
    }

    private static ProtocolViolation invalid() {
        return new ProtocolViolation("invalid DataRow");
    }
}
