package dev.trunkline.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.trunkline.wire.NaiveDecoder.Choice;
import dev.trunkline.wire.NaiveDecoder.Choice.What;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Arrays;
import java.util.List;

/**
 * Any bytes in any pieces: the cursor refuses them or shows the frames that are in them, keeps no buffer, and gives the same
 * as if all bytes had come at once. The corpus is replayed in every build; the profile {@code fuzz} looks for more.
 */
class FrameCursorFuzzTest {
    /** Small, so that the fuzzer reaches the limits. */
    private static final FrameLimits LIMITS = new FrameLimits(1 << 16, 1 << 12);

    private record Seen(List<CursorDriver.Shown> frames, List<Byte> output, boolean refused) {}

    /** The first byte chooses the direction, the second the size of the pieces, the third what becomes of the frames. */
    @FuzzTest(maxDuration = "60s")
    void frames(byte[] data) {
        if (data.length < 3) {
            return;
        }
        FrameTable table = data[0] % 2 == 0 ? FrontendType.table() : BackendType.table();
        byte[] stream = Arrays.copyOfRange(data, 3, data.length);
        Choice choice = frame -> List.of(What.values()).get((data[2] & 0xff) / (1 + frame % 3) % 3);
        Seen atOnce = read(table, stream, choice, Math.max(1, stream.length));
        Seen inPieces = read(table, stream, choice, 1 + (data[1] & 0xff));
        assertThat(inPieces.frames).isEqualTo(atOnce.frames);
        assertThat(inPieces.refused).isEqualTo(atOnce.refused);
        if (!atOnce.refused) {
            assertThat(inPieces.output).isEqualTo(atOnce.output);
        }
    }

    private static Seen read(FrameTable table, byte[] stream, Choice choice, int piece) {
        UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
        CursorDriver driver = new CursorDriver(new FrameCursor(table, LIMITS, allocator), table, choice);
        boolean refused = false;
        try (driver) {
            for (int at = 0; at < stream.length; at += piece) {
                int size = Math.min(piece, stream.length - at);
                driver.read(allocator.buffer(size).writeBytes(stream, at, size));
            }
        } catch (ProtocolViolation _) {
            refused = true;
        }
        assertThat(allocator.metric().usedHeapMemory()).isZero();
        return new Seen(driver.shown, boxed(driver.output()), refused);
    }

    private static List<Byte> boxed(byte[] bytes) {
        Byte[] boxed = new Byte[bytes.length];
        Arrays.setAll(boxed, i -> bytes[i]);
        return List.of(boxed);
    }
}
