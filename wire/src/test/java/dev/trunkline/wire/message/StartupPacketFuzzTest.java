package dev.trunkline.wire.message;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.trunkline.wire.ProtocolViolation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/** Any first bytes of a connection: a packet that consumes exactly its own length, a wish for more, or a violation. */
class StartupPacketFuzzTest {
    @FuzzTest(maxDuration = "60s")
    void packets(byte[] data) {
        ByteBuf in = Unpooled.wrappedBuffer(data);
        try {
            StartupPacket packet = StartupPacketReader.tryRead(in);
            assertThat(in.readerIndex()).isEqualTo(expectedEnd(packet, in));
        } catch (ProtocolViolation _) {
            assertThat(in.readerIndex()).isZero();
        }
    }

    private static int expectedEnd(@Nullable StartupPacket packet, ByteBuf in) {
        return packet == null ? 0 : in.getInt(0);
    }
}
