package dev.trunkline.server.client;

import dev.trunkline.pooler.statement.Prepared;
import dev.trunkline.router.reads.RouteHint;
import dev.trunkline.router.sql.TxIntent;
import dev.trunkline.router.sql.TxIntents;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.message.ParseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Reads from the first frame of a transaction what it wants. Loop-confined.
 */
final class Intents {
    private final TxIntents lexer = new TxIntents();
    private boolean mayHint;

    /** The intent of the cursor's current frame. A text that has not arrived whole is certain of nothing. */
    TxIntent of(FrameCursor cursor, Relay relay) {
        ByteBuf buf = cursor.buffer();
        int index = cursor.bodyIndex();
        mayHint = false;
        return switch (cursor.type()) {
            case FrontendType.QUERY -> cursor.isWhole() ? ofText(buf, index, cursor.bodyLength()) : TxIntent.OTHER;
            case FrontendType.PARSE -> ofParse(buf, index, cursor.bodyLength());
            case FrontendType.BIND -> ofPrepared(relay.namedStatement());
            default -> TxIntent.OTHER;
        };
    }

    /**
     * True if a text begins a transaction, and does nothing else.
     *
     * @param length up to its NUL, that included
     */
    boolean begins(ByteBuf buf, int index, int length) {
        return lexer.of(buf, index, length).begins();
    }

    /** True if the text that was read last has a comment at one of its ends, which may be a hint. */
    boolean mayHint() {
        return mayHint;
    }

    private TxIntent ofText(ByteBuf buf, int index, int length) {
        mayHint = RouteHint.mayBeIn(buf, index, length);
        return lexer.of(buf, index, length);
    }

    private TxIntent ofParse(ByteBuf buf, int index, int length) {
        ParseHead.check(buf, index, length);
        int start = ParseHead.textStart(buf, index, length);
        return ofText(buf, start, ParseHead.textEnd(buf, index, length) + 1 - start);
    }

    private TxIntent ofPrepared(@Nullable Prepared statement) {
        if (statement == null) {
            return TxIntent.OTHER;
        }
        if (!(statement.intent() instanceof Known known)) {
            ByteBuf text = Unpooled.wrappedBuffer(statement.definition());
            TxIntent intent = ofText(text, 0, statement.textLength() + 1);
            statement.intent(new Known(intent, mayHint));
            return intent;
        }
        mayHint = known.mayHint();
        return known.intent();
    }

    /** What is kept with a prepared statement. */
    private record Known(TxIntent intent, boolean mayHint) {}
}
