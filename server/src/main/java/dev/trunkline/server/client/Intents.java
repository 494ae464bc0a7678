package dev.trunkline.server.client;

import dev.trunkline.pooler.statement.Prepared;
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

    /** The intent of the cursor's current frame. A text that has not arrived whole is certain of nothing. */
    TxIntent of(FrameCursor cursor, Relay relay) {
        ByteBuf buf = cursor.buffer();
        int index = cursor.bodyIndex();
        return switch (cursor.type()) {
            case FrontendType.QUERY -> cursor.isWhole() ? lexer.of(buf, index, cursor.bodyLength()) : TxIntent.OTHER;
            case FrontendType.PARSE -> ofParse(buf, index, cursor.bodyLength());
            case FrontendType.BIND -> ofPrepared(relay.namedStatement());
            default -> TxIntent.OTHER;
        };
    }

    private TxIntent ofParse(ByteBuf buf, int index, int length) {
        ParseHead.check(buf, index, length);
        int start = ParseHead.textStart(buf, index, length);
        return lexer.of(buf, start, ParseHead.textEnd(buf, index, length) + 1 - start);
    }

    private TxIntent ofPrepared(@Nullable Prepared statement) {
        if (statement == null) {
            return TxIntent.OTHER;
        }
        if (statement.intent() instanceof TxIntent known) {
            return known;
        }
        ByteBuf text = Unpooled.wrappedBuffer(statement.definition());
        TxIntent intent = lexer.of(text, 0, statement.textLength() + 1);
        statement.intent(intent);
        return intent;
    }
}
