package dev.trunkline.server.client;

import dev.trunkline.router.reads.Classified;
import dev.trunkline.router.reads.RouteHint;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** What the comments in the texts of a batch ask for: the first that asks for anything counts. Loop-confined. */
final class Hints {
    /** The shortest comment that asks for something. */
    private static final int SHORTEST = 20;

    private RouteHint asked = RouteHint.NONE;
    private String bad = "";

    void clear() {
        asked = RouteHint.NONE;
    }

    void add(Classified text) {
        if (asked == RouteHint.NONE) {
            asked = text.hint();
            bad = text.badHint();
        }
    }

    RouteHint asked() {
        return asked;
    }

    /** Why the batch must not be run; null if it may. */
    @Nullable
    PgError refusal() {
        return asked == RouteHint.INVALID
                ? PgError.error(SqlState.INVALID_PARAMETER_VALUE, "invalid hint: \"trunkline:" + bad + "\"")
                        .hint("Available hints: trunkline:leader, trunkline:replica.")
                : null;
    }

    /** False if a text has no comment at either of its ends: one look at each. Its NUL counts to its length. */
    static boolean maySay(ByteBuf buf, int index, int length) {
        if (length < SHORTEST) {
            return false;
        }
        int first = index;
        while (first < index + length && isBlank(buf.getByte(first))) {
            first++;
        }
        int last = index + length - 2;
        while (last > first && (isBlank(buf.getByte(last)) || buf.getByte(last) == ';')) {
            last--;
        }
        return last > first
                && (isComment(buf.getByte(first)) || (buf.getByte(last) == '/' && buf.getByte(last - 1) == '*'));
    }

    /** A comment to the end of the line may stand in front of another. */
    private static boolean isComment(byte c) {
        return c == '/' || c == '-';
    }

    private static boolean isBlank(byte c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }
}
