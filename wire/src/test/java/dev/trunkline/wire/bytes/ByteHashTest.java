package dev.trunkline.wire.bytes;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class ByteHashTest {
    private static final int OFFSET = 3;

    private static ByteBuf around(byte[] bytes) {
        return Unpooled.copiedBuffer(new byte[] {9, 9, 9}, bytes, new byte[] {9});
    }

    @RepeatedTest(50)
    void bufferAndArray_haveTheSameHash() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        byte[] bytes = new byte[random.nextInt(60)];
        random.nextBytes(bytes);
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 5);
        ByteBuf buf = around(bytes);

        int hash = ByteHash.of(buf, OFFSET, bytes.length);

        assertThat(ByteHash.of(bytes, bytes.length)).as("seed %d", seed).isEqualTo(hash);
        assertThat(ByteHash.of(longer, bytes.length)).as("seed %d", seed).isEqualTo(hash);
        assertThat(ByteHash.isSame(bytes, buf, OFFSET, bytes.length))
                .as("seed %d", seed)
                .isTrue();
    }

    @RepeatedTest(50)
    void oneOtherByte_isSomethingElse() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        byte[] bytes = new byte[1 + random.nextInt(60)];
        random.nextBytes(bytes);
        ByteBuf buf = around(bytes);
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));

        assertThat(ByteHash.isSame(bytes, buf, OFFSET, bytes.length))
                .as("seed %d", seed)
                .isFalse();
        assertThat(ByteHash.of(bytes, bytes.length))
                .as("seed %d", seed)
                .isNotEqualTo(ByteHash.of(buf, OFFSET, bytes.length));
    }

    @Test
    void otherLengths_areSomethingElse() {
        ByteBuf buf = around(new byte[20]);
        assertThat(ByteHash.isSame(new byte[19], buf, OFFSET, 20)).isFalse();
        assertThat(ByteHash.isSame(new byte[21], buf, OFFSET, 20)).isFalse();
        Set<Integer> hashes = new HashSet<>();
        for (int length = 0; length <= 20; length++) {
            hashes.add(ByteHash.of(buf, OFFSET, length));
        }
        assertThat(hashes).as("zeroes count").hasSize(21);
    }

    /** Texts that differ in a number fill the places of a table like numbers by chance: an e-th part stays free. */
    @Test
    void textsThatAreAlike_areSpread() {
        int places = 1 << 12;
        Set<Integer> taken = new HashSet<>();
        for (int i = 0; i < places; i++) {
            byte[] text = ("SELECT * FROM orders WHERE id = " + i).getBytes(US_ASCII);
            taken.add(ByteHash.of(text, text.length) & (places - 1));
        }
        assertThat(taken.size()).isBetween((int) (places * 0.60), (int) (places * 0.66));
    }
}
