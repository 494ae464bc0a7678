package dev.trunkline.server.listen;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The channel on which a {@link SharedListener} hears which orders were committed. Immutable. Its name cannot be guessed, so that
 * nobody listens there or sends orders of his own by mistake.
 */
final class ControlChannel {
    private static final int RANDOM_BYTES = 16;

    private final String name;
    private final byte[] head;

    ControlChannel(RandomGenerator random) {
        byte[] token = new byte[RANDOM_BYTES];
        random.nextBytes(token);
        this.name = "trunkline_" + HexFormat.of().formatHex(token);
        this.head = ("NOTIFY \"" + name + "\", '").getBytes(US_ASCII);
    }

    String name() {
        return name;
    }

    /** What a client's statement is replaced by. */
    byte[] text(Order order) {
        return (new String(head, US_ASCII) + order.payload() + "'").getBytes(US_ASCII);
    }

    /** The order that a text carries which {@link #text} has made; null for any other text. The buffer is borrowed. */
    @Nullable
    Order read(ByteBuf buf, int index, int length) {
        if (!beginsHere(buf, index, length)) {
            return null;
        }
        int start = index + head.length;
        int end = buf.indexOf(start, index + length, (byte) '\'');
        return end < 0 ? null : Order.of(buf.toString(start, end - start, US_ASCII));
    }

    /** True if a text names the channel, as only one does that {@link #text} is a part of. The buffer is borrowed. */
    boolean isNamed(ByteBuf buf, int index, int length) {
        return buf.toString(index, length, US_ASCII).contains(name);
    }

    private boolean beginsHere(ByteBuf buf, int index, int length) {
        if (length < head.length) {
            return false;
        }
        for (int i = 0; i < head.length; i++) {
            if (buf.getByte(index + i) != head[i]) {
                return false;
            }
        }
        return true;
    }
}
