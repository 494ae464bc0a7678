package dev.trunkline.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.wire.NaiveDecoder.Choice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Random streams in random pieces and kinds of buffers, against the reference. */
class FrameCursorRandomTest {
    private static final int ROUNDS = 400;

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private final Deque<ByteBuf> heldElsewhere = new ArrayDeque<>();

    @AfterEach
    void everyBufferIsReleased() {
        assertThat(allocator.metric().usedHeapMemory()).isZero();
        assertThat(allocator.metric().usedDirectMemory()).isZero();
    }

    @Test
    void framesAndRuns_ofARandomStream() {
        long seed = Long.getLong("trunkline.seed", System.nanoTime());
        SplittableRandom seeds = new SplittableRandom(seed);
        for (int round = 0; round < ROUNDS; round++) {
            play("seed " + seed + ", round " + round, seeds.split());
        }
    }

    private void play(String name, SplittableRandom random) {
        boolean client = random.nextBoolean();
        FrameTable table = client ? FrontendType.table() : BackendType.table();
        byte[] stream = Streams.random(
                random, client ? Streams.CLIENT_TYPES : Streams.SERVER_TYPES, 1 + random.nextInt(60), 20_000);
        List<NaiveDecoder.Frame> frames = NaiveDecoder.decode(stream);
        Choice choice = Choice.random(random, frames.size());
        FrameCursor cursor = new FrameCursor(table, FrameLimits.DEFAULT, allocator);
        try (CursorDriver driver = new CursorDriver(cursor, table, choice)) {
            readInPieces(driver, cursor, stream, random);
            assertThat(driver.shown).as(name).isEqualTo(CursorDriver.expected(frames, table));
            assertThat(driver.output()).as(name).isEqualTo(NaiveDecoder.expectedOutput(frames, choice));
        } finally {
            heldElsewhere.forEach(ByteBuf::release);
            heldElsewhere.clear();
        }
    }

    /** Stops at random as a proxy does whose other side is slow, and leaves the run in place at random. */
    private void readInPieces(CursorDriver driver, FrameCursor cursor, byte[] stream, SplittableRandom random) {
        for (int at = 0; at < stream.length; ) {
            int size = Math.min(stream.length - at, 1 + random.nextInt(random.nextBoolean() ? 8 : 5000));
            cursor.feed(piece(stream, at, size, random));
            at += size;
            while (random.nextInt(8) != 0 && cursor.next()) {
                driver.decide();
            }
            if (random.nextInt(3) != 0) {
                driver.takeRun();
            }
        }
        while (cursor.next()) {
            driver.decide();
        }
        driver.takeRun();
    }

    /** The bytes in a buffer with or without room, of its own, shared, a slice, or one that may not be written. */
    private ByteBuf piece(byte[] stream, int at, int size, SplittableRandom random) {
        ByteBuf buf = allocator.buffer(size + random.nextInt(3) * 1000);
        buf.writeBytes(stream, at, size);
        return switch (random.nextInt(4)) {
            case 0 -> {
                heldElsewhere.add(buf.retain());
                yield buf;
            }
            case 1 -> {
                ByteBuf slice = buf.readRetainedSlice(size);
                buf.release();
                yield slice;
            }
            case 2 -> buf.asReadOnly();
            default -> buf;
        };
    }
}
