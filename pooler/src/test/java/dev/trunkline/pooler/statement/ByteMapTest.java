package dev.trunkline.pooler.statement;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.wire.bytes.ByteHash;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class ByteMapTest {
    private final ByteMap<Integer> map = new ByteMap<>();

    private static ByteBuf buffer(String key) {
        return Unpooled.wrappedBuffer(("<" + key + ">").getBytes(ISO_8859_1));
    }

    private @Nullable Integer get(String key) {
        return map.get(buffer(key), 1, key.length());
    }

    private @Nullable Integer put(String key, Integer value) {
        return map.put(buffer(key), 1, key.length(), value);
    }

    private @Nullable Integer remove(String key) {
        return map.remove(buffer(key), 1, key.length());
    }

    @Test
    void emptyMap_hasNothing() {
        assertThat(get("a")).isNull();
        assertThat(remove("a")).isNull();
        assertThat(map.remove(new byte[] {1})).isNull();
        assertThat(map.size()).isZero();
    }

    @Test
    void put_copiesTheKeyAndReturnsWhatWasThere() {
        ByteBuf key = buffer("key");
        assertThat(map.put(key, 1, 3, 1)).isNull();
        key.setByte(1, 'x');
        assertThat(get("key")).isEqualTo(1);
        assertThat(put("key", 2)).isEqualTo(1);
        assertThat(map.size()).isEqualTo(1);
        assertThat(get("ke")).isNull();
        assertThat(get("kez")).isNull();
        assertThat(get("")).isNull();
    }

    @Test
    void emptyKey_isAKey() {
        put("", 7);
        assertThat(get("")).isEqualTo(7);
        assertThat(map.remove(new byte[0])).isEqualTo(7);
    }

    @Test
    void keysOfOneHash_areKeptApartAlsoAfterRemoval() {
        List<String> keys = keysOfOnePlace(8);
        keys.forEach(each -> put(each, keys.indexOf(each)));
        assertThat(remove(keys.get(0))).isZero();
        assertThat(map.remove(keys.get(2).getBytes(ISO_8859_1))).isEqualTo(2);
        assertThat(get(keys.get(0))).isNull();
        assertThat(get(keys.get(7))).isEqualTo(7);
        assertThat(map.size()).isEqualTo(6);
    }

    /** In every table of up to 256 places. */
    private static List<String> keysOfOnePlace(int count) {
        return IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> "key " + i)
                .filter(key -> (ByteHash.of(key.getBytes(ISO_8859_1), key.length()) & 255) == 0)
                .limit(count)
                .toList();
    }

    @Test
    void clear_forgetsAll() {
        put("a", 1);
        put("b", 2);
        map.clear();
        assertThat(map.size()).isZero();
        assertThat(get("a")).isNull();
        map.forEachValue(value -> {
            throw new AssertionError(value);
        });
    }

    @RepeatedTest(20)
    void randomOperations_giveWhatAHashMapGives() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<String> meeting = keysOfOnePlace(20);
        Map<String, Integer> reference = new HashMap<>();
        for (int step = 0; step < 3000; step++) {
            String key = key(random, meeting);
            String what = "seed " + seed + " step " + step;
            switch (random.nextInt(5)) {
                case 0, 1 -> assertThat(put(key, step)).as(what).isEqualTo(reference.put(key, step));
                case 2 -> assertThat(remove(key)).as(what).isEqualTo(reference.remove(key));
                case 3 ->
                    assertThat(map.remove(key.getBytes(ISO_8859_1))).as(what).isEqualTo(reference.remove(key));
                default -> assertThat(get(key)).as(what).isEqualTo(reference.get(key));
            }
            assertThat(map.size()).as(what).isEqualTo(reference.size());
        }
        List<Integer> values = new ArrayList<>();
        map.forEachValue(values::add);
        assertThat(values).as("seed " + seed).containsExactlyInAnyOrderElementsOf(reference.values());
    }

    /** Half of them meet in one place. */
    private static String key(Random random, List<String> meeting) {
        if (random.nextBoolean()) {
            return meeting.get(random.nextInt(meeting.size()));
        }
        return "\u00ff".repeat(random.nextInt(12)) + (char) ('a' + random.nextInt(10));
    }
}
