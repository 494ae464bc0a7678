package dev.trunkline.wire;

import static dev.trunkline.wire.WireBytes.bytes;
import static dev.trunkline.wire.WireBytes.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameMeterTest {
    private final FrameMeter meter = new FrameMeter();

    private void follow(byte[] part) {
        meter.follow(Unpooled.wrappedBuffer(part));
    }

    @Test
    void beforeTheFirstByte_isABoundary() {
        assertThat(meter.isAtBoundary()).isTrue();
        assertThat(meter.lastType()).isZero();
    }

    @Test
    void stream_cutAnywhere_isAtABoundaryBehindWholeFramesOnly() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] stream = Streams.random(random, Streams.SERVER_TYPES, 300, 5_000);
        Set<Integer> boundaries = boundaries(stream);
        ByteBuf all = Unpooled.wrappedBuffer(stream);
        while (all.isReadable()) {
            int step = Math.min(all.readableBytes(), 1 + random.nextInt(random.nextBoolean() ? 4 : 900));
            ByteBuf part = all.readSlice(step);
            meter.follow(part);
            assertThat(part.readableBytes()).isEqualTo(step);
            assertThat(meter.isAtBoundary())
                    .as("seed %d, byte %d", seed, all.readerIndex())
                    .isEqualTo(boundaries.contains(all.readerIndex()));
        }
    }

    private static Set<Integer> boundaries(byte[] stream) {
        ByteBuf all = Unpooled.wrappedBuffer(stream);
        Set<Integer> ends = new HashSet<>();
        for (int at = 0; at < stream.length; ) {
            at += 1 + all.getInt(at + 1);
            ends.add(at);
        }
        return ends;
    }

    @Test
    void lastType_isKnownFromTheFirstByteOfAFrame() {
        follow(frame('d', bytes().text("data")));
        assertThat(meter.lastType()).isEqualTo((byte) 'd');
        follow(new byte[] {'X'});
        assertThat(meter.lastType()).isEqualTo((byte) 'X');
        assertThat(meter.isAtBoundary()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 0, -1, Integer.MIN_VALUE})
    void impossibleLength_isNeverABoundaryAgain(int length) {
        follow(bytes().int8('d').int32(length).done());
        assertThat(meter.isAtBoundary()).isFalse();
        follow(frame('Z', bytes().int8('I')));
        assertThat(meter.isAtBoundary()).isFalse();
        assertThat(meter.lastType()).isEqualTo((byte) 'd');
    }

    @Test
    void longestLength_isFollowed() {
        follow(bytes().int8('d').int32(Integer.MAX_VALUE).done());
        byte[] part = new byte[1 << 20];
        long rest = Integer.MAX_VALUE - 4L;
        while (rest > part.length) {
            follow(part);
            rest -= part.length;
            assertThat(meter.isAtBoundary()).isFalse();
        }
        follow(new byte[(int) rest]);
        assertThat(meter.isAtBoundary()).isTrue();
    }
}
