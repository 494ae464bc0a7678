package dev.trunkline.server.client;

import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.ProtocolViolation;
import dev.trunkline.wire.SqlState;
import dev.trunkline.wire.message.BindHead;
import dev.trunkline.wire.message.CloseHead;
import dev.trunkline.wire.message.DescribeHead;
import dev.trunkline.wire.message.ParseHead;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Checks the bodies of messages as far as the proxy reads them. The frame around such a body is in order, so that a server refuses
 * the message alone, ignores what follows up to the Sync, and goes on. Who reads a body behind this check need not check it again.
 */
final class Bodies {
    private static final PgError LONG_NAMES = PgError.error(
            SqlState.PROGRAM_LIMIT_EXCEEDED,
            "the names of portal and prepared statement in a Bind message are longer than 16 kB");

    private Bodies() {}

    /** Why a server refuses the current frame, whatever it is about; null if that cannot be told from its body. */
    static @Nullable PgError refusal(FrameCursor cursor) {
        ByteBuf buf = cursor.buffer();
        int index = cursor.bodyIndex();
        int length = cursor.bodyLength();
        try {
            switch (cursor.type()) {
                case FrontendType.PARSE -> ParseHead.check(buf, index, length);
                case FrontendType.DESCRIBE -> DescribeHead.kind(buf, index, length);
                case FrontendType.CLOSE -> CloseHead.kind(buf, index, length);
                case FrontendType.BIND -> BindHead.statementEnd(buf, index, cursor.bodyAvailable());
                case FrontendType.SYNC, FrontendType.FLUSH -> requireEmpty(length);
                default -> {}
            }
            return null;
        } catch (ProtocolViolation e) {
            return cursor.isWhole() ? e.toRefusal() : LONG_NAMES;
        }
    }

    private static void requireEmpty(int length) {
        if (length != 0) {
            throw new ProtocolViolation("invalid message format");
        }
    }
}
