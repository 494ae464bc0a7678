package dev.trunkline.server.client;

import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.ProtocolViolation;
import dev.trunkline.wire.message.CloseHead;
import dev.trunkline.wire.message.DescribeHead;
import dev.trunkline.wire.message.ParseHead;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Checks the bodies of those messages that the proxy reads to their end. The frame around such a body is whole, so that a server
 * refuses the message alone, ignores what follows up to the Sync, and goes on.
 */
final class Bodies {
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
                default -> {}
            }
            return null;
        } catch (ProtocolViolation e) {
            return e.toRefusal();
        }
    }
}
