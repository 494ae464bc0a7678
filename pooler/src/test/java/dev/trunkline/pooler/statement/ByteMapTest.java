package dev.trunkline.pooler.statement;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
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
        // "Aa" and "BB" have the same hash with the factor 31, and so have all strings made of them.
        List<String> keys = List.of("AaAaAa", "AaAaBB", "AaBBAa", "AaBBBB", "BBAaAa", "BBAaBB", "BBBBAa", "BBBBBB");
        keys.forEach(each -> put(each, keys.indexOf(each)));
        assertThat(remove("AaAaAa")).isZero();
        assertThat(map.remove("AaBBAa".getBytes(ISO_8859_1))).isEqualTo(2);
        assertThat(get("AaAaAa")).isNull();
        assertThat(get("BBBBBB")).isEqualTo(7);
        assertThat(map.size()).isEqualTo(6);
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
        Map<String, Integer> reference = new HashMap<>();
        for (int step = 0; step < 3000; step++) {
            String key = key(random);
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

    /** Few different letters and half of them of one hash, so that keys meet. */
    private static String key(Random random) {
        StringBuilder key = new StringBuilder();
        int parts = random.nextInt(6);
        for (int i = 0; i < parts; i++) {
            key.append(random.nextBoolean() ? "Aa" : random.nextBoolean() ? "BB" : "\u00ff");
        }
        return key.toString();
    }
}
