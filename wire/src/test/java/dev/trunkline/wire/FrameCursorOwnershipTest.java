package dev.trunkline.wire;

import static dev.trunkline.wire.WireBytes.bytes;
import static dev.trunkline.wire.WireBytes.frame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who owns which buffer, and what the cursor refuses to do. */
class FrameCursorOwnershipTest {
    private static final byte[] SYNC = frame('S', bytes());
    private static final byte[] COPY = frame('d', bytes().text("0123456789"));

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    private final FrameCursor cursor = new FrameCursor(FrontendType.table(), FrameLimits.DEFAULT, allocator);

    @AfterEach
    void everyBufferIsReleased() {
        cursor.close();
        cursor.close();
        assertThat(allocator.metric().usedHeapMemory()).isZero();
    }

    @Test
    void feed_empty_isReleased() {
        ByteBuf in = allocator.buffer(10);
        cursor.feed(in);
        assertThat(in.refCnt()).isZero();
        assertThat(cursor.next()).isFalse();
    }

    @Test
    void takeRun_wholeBuffer_isTheBufferItself() {
        ByteBuf in = buffer(SYNC);
        cursor.feed(in);
        passAll();
        ByteBuf run = Objects.requireNonNull(cursor.takeRun());
        assertThat(run).isSameAs(in);
        assertThat(run.refCnt()).isOne();
        assertThat(cursor.takeRun()).isNull();
        run.release();
    }

    @Test
    void takeRun_withoutBytes_isNothing() {
        assertThat(cursor.takeRun()).isNull();
        cursor.feed(buffer(SYNC));
        assertThat(cursor.takeRun()).isNull();
    }

    @Test
    void takeAll_isTheRunAndWhatIsUnread() {
        cursor.feed(buffer(bytes().raw(SYNC).raw(Arrays.copyOf(COPY, 7)).done()));
        assertThat(cursor.next()).isTrue();
        cursor.pass();
        ByteBuf all = Objects.requireNonNull(cursor.takeAll());
        assertThat(ByteBufUtil.getBytes(all))
                .isEqualTo(bytes().raw(SYNC).raw(Arrays.copyOf(COPY, 7)).done());
        assertThat(all.refCnt()).isOne();
        assertThat(cursor.takeAll()).isNull();
        assertThat(cursor.hasUnread()).isFalse();
        all.release();
    }

    @Test
    void takeRun_inFrontOfAnUndecidedFrame_isASliceThatHoldsTheBuffer() {
        ByteBuf in = buffer(bytes().raw(SYNC).raw(COPY).done());
        cursor.feed(in);
        assertThat(cursor.next()).isTrue();
        cursor.pass();
        assertThat(cursor.next()).isTrue();
        ByteBuf run = Objects.requireNonNull(cursor.takeRun());
        assertThat(ByteBufUtil.getBytes(run)).isEqualTo(SYNC);
        assertThat(in.refCnt()).isEqualTo(2);
        run.release();
        assertThat(in.refCnt()).isOne();
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.type()).isEqualTo(FrontendType.COPY_DATA);
    }

    @Test
    void takeRun_inFrontOfHalfAHeader_isTheBufferItself() {
        ByteBuf in = allocator.buffer(100).writeBytes(SYNC).writeByte('S').writeZero(2);
        cursor.feed(in);
        passAll();
        ByteBuf run = Objects.requireNonNull(cursor.takeRun());
        assertThat(run).isSameAs(in);
        assertThat(ByteBufUtil.getBytes(run)).isEqualTo(SYNC);
        assertThat(run.refCnt()).as("the begin of the header is elsewhere").isOne();
        run.release();
        assertThat(cursor.unread()).isEqualTo(3);
        cursor.feed(buffer(new byte[] {0, 4}));
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.type()).isEqualTo(FrontendType.SYNC);
        assertThat(cursor.bodyLength()).isZero();
    }

    @Test
    void feed_whileARunIsStillWritten_doesNotTouchIt() {
        byte[] query = frame('Q', bytes().text("select 1").raw(new byte[1]));
        ByteBuf in = allocator.buffer(100).writeBytes(SYNC).writeBytes(query, 0, 7);
        cursor.feed(in);
        passAll();
        ByteBuf run = Objects.requireNonNull(cursor.takeRun());
        assertThat(in.refCnt()).isEqualTo(2);
        cursor.feed(buffer(Arrays.copyOfRange(query, 7, query.length)));
        assertThat(in.refCnt())
                .as("the cursor has moved to a buffer of its own")
                .isOne();
        assertThat(cursor.next()).isTrue();
        assertThat(ByteBufUtil.getBytes(run)).isEqualTo(SYNC);
        run.release();
        assertThat(in.refCnt()).isZero();
    }

    @Test
    void feed_intoASharedBuffer_copiesInsteadOfWritingIntoIt() {
        ByteBuf shared = allocator.buffer(100).writeByte('S').retain();
        cursor.feed(shared);
        cursor.feed(buffer(new byte[] {0, 0, 0, 4}));
        assertThat(shared.refCnt()).isOne();
        assertThat(shared.writerIndex()).isOne();
        assertThat(cursor.next()).isTrue();
        shared.release();
    }

    @Test
    void feed_intoItsOwnBufferWithRoom_copiesNothing() {
        ByteBuf in = allocator.buffer(100).writeByte('S');
        cursor.feed(in);
        assertThat(cursor.next()).isFalse();
        ByteBuf more = buffer(new byte[] {0, 0, 0, 4});
        cursor.feed(more);
        assertThat(more.refCnt()).isZero();
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.buffer()).isSameAs(in);
    }

    @Test
    void feed_intoAReadOnlyBuffer_copies() {
        cursor.feed(allocator.buffer(100).writeByte('S').asReadOnly());
        cursor.feed(buffer(new byte[] {0, 0, 0, 4}));
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.buffer().isReadOnly()).isFalse();
    }

    @Test
    void feed_failsToGrow_releasesWhatWasFed() {
        FrameCursor narrow = new FrameCursor(FrontendType.table(), FrameLimits.DEFAULT, new ExhaustedAllocator());
        ByteBuf first = buffer(new byte[] {'S'});
        ByteBuf second = buffer(new byte[] {0, 0, 0, 4});
        narrow.feed(first);
        assertThatThrownBy(() -> narrow.feed(second)).isInstanceOf(ExhaustedAllocator.Exhausted.class);
        assertThat(second.refCnt()).isZero();
        narrow.close();
        assertThat(first.refCnt()).isZero();
    }

    @Test
    void pass_bulkFrameHalfArrived_restJoinsLaterRuns() {
        cursor.feed(buffer(Arrays.copyOf(COPY, 8)));
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.bodyLength()).isEqualTo(10);
        assertThat(cursor.bodyAvailable()).isEqualTo(3);
        assertThat(cursor.isWhole()).isFalse();
        cursor.pass();
        assertThat(cursor.isMidFrame()).isTrue();
        assertThat(taken()).isEqualTo(Arrays.copyOf(COPY, 8));
        assertThat(cursor.isMidFrame()).isTrue();
        cursor.feed(
                buffer(bytes().raw(Arrays.copyOfRange(COPY, 8, 15)).raw(SYNC).done()));
        assertThat(cursor.isMidFrame()).isFalse();
        assertThat(cursor.unread()).isEqualTo(SYNC.length);
        assertThat(taken()).isEqualTo(Arrays.copyOfRange(COPY, 8, 15));
        assertThat(cursor.next()).isTrue();
    }

    @Test
    void skip_bulkFrameHalfArrived_keepsNothing() {
        ByteBuf first = buffer(Arrays.copyOf(COPY, 8));
        cursor.feed(first);
        assertThat(cursor.next()).isTrue();
        cursor.skip();
        assertThat(first.refCnt()).isZero();
        assertThat(cursor.isMidFrame()).isTrue();
        ByteBuf second = buffer(Arrays.copyOfRange(COPY, 8, 15));
        cursor.feed(second);
        assertThat(second.refCnt()).isZero();
        assertThat(cursor.isMidFrame()).isFalse();
        assertThat(cursor.hasUnread()).isFalse();
    }

    @Test
    void next_undecided_showsTheSameFrameAgain() {
        cursor.feed(buffer(SYNC));
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.bodyIndex()).isEqualTo(5);
        assertThat(cursor.hasRun()).isFalse();
        assertThat(cursor.hasUnread()).isTrue();
    }

    @Test
    void decisions_withoutACurrentFrame() {
        assertThatThrownBy(cursor::pass).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(cursor::skip).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> cursor.passBehind(5)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(cursor::buffer).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void cuts_behindARunThatIsNotTaken() {
        cursor.feed(buffer(bytes().raw(SYNC).raw(SYNC).done()));
        assertThat(cursor.next()).isTrue();
        cursor.pass();
        assertThat(cursor.next()).isTrue();
        assertThatThrownBy(cursor::skip).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> cursor.passBehind(5)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void passBehind_moreThanThereIsOfTheFrame() {
        cursor.feed(buffer(bytes().raw(SYNC).raw(SYNC).done()));
        assertThat(cursor.next()).isTrue();
        assertThatThrownBy(() -> cursor.passBehind(6)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> cursor.passBehind(-1)).isInstanceOf(IllegalArgumentException.class);
        cursor.passBehind(5);
        assertThat(cursor.unread()).isEqualTo(SYNC.length);
        assertThat(cursor.takeRun()).isNull();
    }

    @Test
    void passBehind_halfArrived_restFollows() {
        cursor.feed(buffer(Arrays.copyOf(COPY, 7)));
        assertThat(cursor.next()).isTrue();
        cursor.passBehind(7);
        assertThat(cursor.isMidFrame()).isTrue();
        cursor.feed(buffer(Arrays.copyOfRange(COPY, 7, 15)));
        assertThat(taken()).isEqualTo(Arrays.copyOfRange(COPY, 7, 15));
        assertThat(cursor.isMidFrame()).isFalse();
    }

    @Test
    void close_inTheMiddle_releasesRunAndRest() {
        ByteBuf in = buffer(bytes().raw(SYNC).raw(Arrays.copyOf(COPY, 7)).done());
        cursor.feed(in);
        passAll();
        assertThat(cursor.hasRun()).isTrue();
        cursor.close();
        assertThat(in.refCnt()).isZero();
        assertThat(cursor.isMidFrame()).isFalse();
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

    private ByteBuf buffer(byte[] content) {
        return allocator.buffer(content.length).writeBytes(content);
    }
}
