package dev.trunkline.wire.message;

import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.ProtocolVersion;
import dev.trunkline.wire.ProtocolViolation;
import dev.trunkline.wire.SqlState;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads startup packets, with PostgreSQL's limits, rules and texts ({@code ProcessStartupPacket} in
 * {@code backend_startup.c}).
 */
public final class StartupPacketReader {
    /** PostgreSQL's MAX_STARTUP_PACKET_LENGTH: most bytes behind the length word. */
    public static final int MAX_LENGTH = 10_000;

    private static final int LENGTH_WORD = 4;
    private static final int VERSION_WORD = 4;
    private static final int SUPPORTED_MAJOR = 3;

    private StartupPacketReader() {}

    /**
     * Reads one packet if all of it has arrived.
     *
     * @param in gathers the bytes of the connection; exactly one packet is consumed and what follows is left, or nothing
     *     is consumed
     * @return null if more bytes are needed
     * @throws ProtocolViolation as soon as the length is there and out of bounds, or for a packet that is not well formed
     */
    public static @Nullable StartupPacket tryRead(ByteBuf in) {
        if (in.readableBytes() < LENGTH_WORD) {
            return null;
        }
        int index = in.readerIndex();
        long length = in.getInt(index) - (long) LENGTH_WORD;
        if (length < VERSION_WORD || length > MAX_LENGTH) {
            throw new ProtocolViolation("invalid length of startup packet");
        }
        if (in.readableBytes() - LENGTH_WORD < length) {
            return null;
        }
        StartupPacket packet = read(in, index + LENGTH_WORD, (int) length);
        in.skipBytes(LENGTH_WORD + (int) length);
        return packet;
    }

    private static StartupPacket read(ByteBuf in, int index, int length) {
        int rest = length - VERSION_WORD;
        int at = index + VERSION_WORD;
        int code = in.getInt(index);
        return switch (code) {
            case FrameWriter.SSL_REQUEST_CODE -> bare(new SslRequest(), rest);
            case FrameWriter.GSSENC_REQUEST_CODE -> bare(new GssEncRequest(), rest);
            case FrameWriter.CANCEL_REQUEST_CODE -> cancel(in, at, rest);
            default -> startup(in, at, rest, code);
        };
    }

    private static StartupPacket bare(StartupPacket packet, int rest) {
        if (rest != 0) {
            throw new ProtocolViolation("invalid length of startup packet");
        }
        return packet;
    }

    private static CancelRequest cancel(ByteBuf in, int index, int rest) {
        if (rest < 4) {
            throw new ProtocolViolation("invalid length of cancel request packet");
        }
        int secret = rest - 4;
        if (secret < BackendKeyData.MIN_SECRET || secret > BackendKeyData.MAX_SECRET) {
            throw new ProtocolViolation("invalid length of cancel key in cancel request packet");
        }
        return new CancelRequest(in.getInt(index), ByteBufUtil.getBytes(in, index + 4, secret));
    }

    private static StartupMessage startup(ByteBuf in, int index, int rest, int version) {
        int major = version >>> 16;
        int minor = version & 0xffff;
        if (major != SUPPORTED_MAJOR) {
            throw unsupported(version);
        }
        return new StartupMessage(major, minor, parameters(in, index, index + rest));
    }

    /** What is said to a packet of this version, or to a request with this code where none may come. */
    public static ProtocolViolation unsupported(int version) {
        return new ProtocolViolation(
                SqlState.FEATURE_NOT_SUPPORTED,
                "unsupported frontend protocol " + (version >>> 16) + "." + (version & 0xffff)
                        + ": server supports 3.0 to 3." + ProtocolVersion.LATEST.minor(),
                null);
    }

    /** Pairs of strings, and one NUL that must be the very last byte. */
    private static Map<String, String> parameters(ByteBuf in, int index, int end) {
        Map<String, String> parameters = new LinkedHashMap<>();
        int at = index;
        while (at < end && in.getByte(at) != 0) {
            int nameEnd = stringEnd(in, at, end);
            int valueEnd = stringEnd(in, nameEnd + 1, end);
            parameters.put(text(in, at, nameEnd), text(in, nameEnd + 1, valueEnd));
            at = valueEnd + 1;
        }
        if (at != end - 1) {
            throw noTerminator();
        }
        return parameters;
    }

    private static int stringEnd(ByteBuf in, int from, int end) {
        int nul = in.indexOf(from, end, (byte) 0);
        if (nul < 0) {
            throw noTerminator();
        }
        return nul;
    }

    private static String text(ByteBuf in, int from, int to) {
        return in.toString(from, to - from, StandardCharsets.UTF_8);
    }

    private static ProtocolViolation noTerminator() {
        return new ProtocolViolation("invalid startup packet layout: expected terminator as last byte");
    }
}
