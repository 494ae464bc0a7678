package dev.trunkline.wire;

import static dev.trunkline.wire.WireBytes.bytes;
import static dev.trunkline.wire.WireBytes.frame;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A piece of a frame gives way to other bytes. */
class FrameCursorReplaceTest {
    private static final byte[] SYNC = frame('S', bytes());
    private static final byte[] LONG = "a longer piece".getBytes(US_ASCII);

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    private final FrameCursor cursor = new FrameCursor(FrontendType.table(), FrameLimits.DEFAULT, allocator);

    @AfterEach
    void everyBufferIsReleased() {
        cursor.close();
        assertThat(allocator.metric().usedHeapMemory()).isZero();
    }

    @Test
    void longerPiece_betweenARunAndAnotherFrame_allGoOn() {
        feed(SYNC, frame('Q', bytes().text("one two")), SYNC);
        cursor.next();
        cursor.pass();
        cursor.next();

        cursor.replace(cursor.bodyIndex() + 4, cursor.bodyIndex() + 7, LONG);

        assertThat(cursor.next()).as("it stays current").isTrue();
        assertThat(cursor.bodyLength()).isEqualTo("one a longer piece".length());
        passAll();
        assertThat(taken())
                .isEqualTo(bytes().raw(SYNC)
                        .raw(frame('Q', bytes().text("one a longer piece")))
                        .raw(SYNC)
                        .done());
    }

    @Test
    void shorterPiece_behindARunThatWasTaken() {
        feed(SYNC, frame('Q', bytes().text("one two")));
        cursor.next();
        cursor.pass();
        cursor.next();
        assertThat(taken()).isEqualTo(SYNC);

        cursor.replace(cursor.bodyIndex(), cursor.bodyIndex() + 7, new byte[] {'x'});

        passAll();
        assertThat(taken()).isEqualTo(frame('Q', bytes().text("x")));
    }

    @Test
    void whatComesLater_isAppended() {
        feed(frame('Q', bytes().text("one")), Arrays.copyOf(SYNC, 2));
        cursor.next();
        cursor.replace(cursor.bodyIndex(), cursor.bodyIndex() + 3, LONG);
        cursor.pass();
        feed(Arrays.copyOfRange(SYNC, 2, 5));
        passAll();
        assertThat(taken())
                .isEqualTo(bytes().raw(frame('Q', bytes().text("a longer piece")))
                        .raw(SYNC)
                        .done());
    }

    @Test
    void pieceThatIsNotInTheFrame_isRefused() {
        feed(frame('Q', bytes().text("one")));
        assertThatThrownBy(() -> cursor.replace(5, 6, LONG)).isInstanceOf(IllegalStateException.class);
        cursor.next();
        int body = cursor.bodyIndex();
        assertThatThrownBy(() -> cursor.replace(body - 1, body, LONG)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> cursor.replace(body + 1, body, LONG)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> cursor.replace(body, body + 5, LONG)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void frameThatHasNotArrived_isRefused() {
        byte[] copy = frame('d', bytes().text("0123456789"));
        feed(Arrays.copyOf(copy, 8));
        cursor.next();
        int body = cursor.bodyIndex();
        assertThatThrownBy(() -> cursor.replace(body, body + 1, LONG)).isInstanceOf(IllegalArgumentException.class);
    }

    private void feed(byte[]... frames) {
        ByteBuf all = allocator.buffer();
        for (byte[] each : frames) {
            all.writeBytes(each);
        }
        cursor.feed(all);
    }

    private void passAll() {
        while (cursor.next()) {
            cursor.pass();
        }
    }

    private byte[] taken() {
        ByteBuf run = Objects.requireNonNull(cursor.takeRun());
        try {
            return ByteBufUtil.getBytes(run);
        } finally {
            run.release();
        }
    }
}
