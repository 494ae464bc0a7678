package dev.trunkline.wire;

import static dev.trunkline.wire.WireBytes.bytes;
import static dev.trunkline.wire.WireBytes.frame;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** Streams of messages for the tests of the cursor. */
final class Streams {
    static final byte[] CLIENT_TYPES = types(FrontendType.table());
    static final byte[] SERVER_TYPES = types(BackendType.table());

    private Streams() {}

    /** Each type of that direction, with an empty, a short, and a longer body. */
    static byte[] ofAllTypes(byte[] types) {
        WireBytes stream = bytes();
        for (byte type : types) {
            stream.raw(frame(type, bytes()))
                    .raw(frame(type, bytes().int8(type)))
                    .raw(frame(type, bytes().text("body of " + (char) type)));
        }
        return stream.done();
    }

    static byte[] random(RandomGenerator random, byte[] types, int frames, int longest) {
        WireBytes stream = bytes();
        for (int i = 0; i < frames; i++) {
            byte type = types[random.nextInt(types.length)];
            byte[] body =
                    new byte[random.nextInt(random.nextInt(10) == 0 ? Math.min(longest, mostOf(types, type)) : 40)];
            random.nextBytes(body);
            stream.raw(frame(type, bytes().raw(body)));
        }
        return stream.done();
    }

    /** How long a body of this type may be at most. */
    private static int mostOf(byte[] types, byte type) {
        FrameTable table = Arrays.equals(types, CLIENT_TYPES) ? FrontendType.table() : BackendType.table();
        return table.most(type, FrameLimits.DEFAULT) - 4;
    }

    private static byte[] types(FrameTable table) {
        List<Byte> known = new ArrayList<>();
        for (int type = 0; type < 256; type++) {
            if (table.knows((byte) type)) {
                known.add((byte) type);
            }
        }
        byte[] types = new byte[known.size()];
        for (int i = 0; i < types.length; i++) {
            types[i] = known.get(i);
        }
        return types;
    }
}
