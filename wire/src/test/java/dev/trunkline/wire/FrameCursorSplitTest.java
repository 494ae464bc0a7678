package dev.trunkline.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.wire.NaiveDecoder.Choice;
import dev.trunkline.wire.NaiveDecoder.Choice.What;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The same bytes, cut at each offset, give the same frames and the same runs. */
class FrameCursorSplitTest {
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);

    static Stream<Arguments> mixes() {
        return Stream.of(
                        new Mix("pass all", _ -> What.PASS),
                        new Mix("skip all", _ -> What.SKIP),
                        new Mix("behead all", _ -> What.BEHEAD),
                        new Mix("every second passes", frame -> frame % 2 == 0 ? What.PASS : What.SKIP),
                        new Mix("every second is skipped", frame -> frame % 2 == 0 ? What.SKIP : What.PASS),
                        new Mix("one after the other", frame -> List.of(What.values())
                                .get(frame % 3)),
                        new Mix("mixed up, seed 1", mixed(1)),
                        new Mix("mixed up, seed 2", mixed(2)),
                        new Mix("mixed up, seed 3", mixed(3)))
                .flatMap(mix -> Stream.of(
                        Arguments.of("client", FrontendType.table(), Streams.ofAllTypes(Streams.CLIENT_TYPES), mix),
                        Arguments.of("server", BackendType.table(), Streams.ofAllTypes(Streams.SERVER_TYPES), mix)));
    }

    record Mix(String name, Choice choice) {
        @Override
        public String toString() {
            return name;
        }
    }

    @AfterEach
    void everyBufferIsReleased() {
        assertThat(allocator.metric().usedHeapMemory()).isZero();
        assertThat(allocator.metric().usedDirectMemory()).isZero();
    }

    @ParameterizedTest(name = "{0}, {3}")
    @MethodSource("mixes")
    void framesAndRuns_cutInTwoAtEachOffset(String peer, FrameTable table, byte[] stream, Mix mix) {
        for (int cut = 0; cut <= stream.length; cut++) {
            check(peer + " cut at " + cut, table, stream, mix.choice, new int[] {cut, stream.length - cut});
        }
    }

    @ParameterizedTest(name = "{0}, {3}")
    @MethodSource("mixes")
    void framesAndRuns_cutInThreeAtEachOffset(String peer, FrameTable table, byte[] stream, Mix mix) {
        int middle = 3;
        for (int cut = 0; cut <= stream.length - middle; cut++) {
            int[] parts = {cut, middle, stream.length - middle - cut};
            check(peer + " cut at " + cut, table, stream, mix.choice, parts);
        }
    }

    @ParameterizedTest(name = "{0}, {3}")
    @MethodSource("mixes")
    void framesAndRuns_byteByByte(String peer, FrameTable table, byte[] stream, Mix mix) {
        int[] parts = new int[stream.length];
        Arrays.fill(parts, 1);
        check(peer + " byte by byte", table, stream, mix.choice, parts);
    }

    private void check(String what, FrameTable table, byte[] stream, Choice choice, int[] parts) {
        List<NaiveDecoder.Frame> frames = NaiveDecoder.decode(stream);
        FrameCursor cursor = new FrameCursor(table, FrameLimits.DEFAULT, allocator);
        try (CursorDriver driver = new CursorDriver(cursor, table, choice)) {
            int at = 0;
            for (int part : parts) {
                driver.read(allocator.buffer(Math.max(1, part)).writeBytes(stream, at, part));
                at += part;
            }
            assertThat(driver.shown).as(what).isEqualTo(CursorDriver.expected(frames, table));
            assertThat(driver.output()).as(what).isEqualTo(NaiveDecoder.expectedOutput(frames, choice));
            assertThat(cursor.hasUnread()).as(what).isFalse();
            assertThat(cursor.isMidFrame()).as(what).isFalse();
        }
    }

    private static Choice mixed(int seed) {
        return Choice.random(new Random(seed), 1000);
    }
}
