package dev.trunkline.wire;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** The reference: decodes a whole stream at once in the simplest way there is. */
final class NaiveDecoder {
    // Never compared: the tests compare what they make of it.
    @SuppressWarnings("ArrayRecordComponent")
    record Frame(byte type, byte[] body) {
        byte[] bytes() {
            return WireBytes.bytes().int8(type).int32(body.length + 4).raw(body).done();
        }
    }

    private NaiveDecoder() {}

    /** All frames of a stream that is well formed and ends at a frame's end. */
    static List<Frame> decode(byte[] stream) {
        List<Frame> frames = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(stream);
        while (in.hasRemaining()) {
            byte type = in.get();
            byte[] body = new byte[in.getInt() - 4];
            in.get(body);
            frames.add(new Frame(type, body));
        }
        return frames;
    }

    /** The bytes that stay if each frame loses as many bytes at its front as the choice says. */
    static byte[] expectedOutput(List<Frame> frames, Choice choice) {
        WireBytes out = WireBytes.bytes();
        for (int i = 0; i < frames.size(); i++) {
            byte[] bytes = frames.get(i).bytes();
            switch (choice.of(i)) {
                case PASS -> out.raw(bytes);
                case SKIP -> {
                    // nothing of it stays
                }
                case BEHEAD -> out.raw(Arrays.copyOfRange(bytes, FrameCursor.HEADER, bytes.length));
            }
        }
        return out.done();
    }

    /** What a test does with the frame of that number. */
    interface Choice {
        enum What {
            PASS,
            SKIP,
            BEHEAD
        }

        What of(int frame);

        /** A choice for each of as many frames. */
        static Choice random(RandomGenerator random, int frames) {
            List<What> every = List.of(What.values());
            List<What> chosen = new ArrayList<>();
            for (int i = 0; i < frames; i++) {
                chosen.add(every.get(random.nextInt(every.size())));
            }
            return chosen::get;
        }
    }
}
