package dev.trunkline.pooler.statement;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StatementCatalogTest {
    private static final long WEIGHT =
            new Prepared(0, Frames.definition("SELECT 1"), new StatementSpace(new byte[0])).weight();

    private static Prepared acquire(StatementCatalog catalog, String text, int... types) {
        byte[] definition = Frames.definition(text, types);
        ByteBuf buf = Unpooled.wrappedBuffer(new byte[] {'x'}, definition);
        return catalog.acquire(catalog.enter(new byte[0]), buf, 1, definition.length);
    }

    @Test
    void acquire_sharesByTextAndTypes() {
        StatementCatalog catalog = new StatementCatalog(0);
        Prepared one = acquire(catalog, "SELECT 1");
        assertThat(acquire(catalog, "SELECT 1")).isSameAs(one);
        assertThat(acquire(catalog, "SELECT 1", 23)).isNotSameAs(one);
        assertThat(acquire(catalog, "SELECT 2")).isNotSameAs(one);
        assertThat(one.clients()).isEqualTo(2);
        assertThat(catalog.size()).isEqualTo(3);
    }

    @Test
    void prepared_hasANameOfItsOwnAndItsDefinition() {
        StatementCatalog catalog = new StatementCatalog(0);
        acquire(catalog, "SELECT 1");
        Prepared two = acquire(catalog, "SELECT 22", 23, 25);
        assertThat(two.id()).isEqualTo(1);
        assertThat(new String(two.serverName(), US_ASCII)).isEqualTo("__trunkline_1");
        assertThat(two.definition()).isEqualTo(Frames.definition("SELECT 22", 23, 25));
        assertThat(two.textLength()).isEqualTo(9);
        assertThat(new Prepared(3, new byte[] {'a', 'b'}, new StatementSpace(new byte[0])).textLength())
                .isEqualTo(2);
    }

    @Test
    void release_ofTheLastNameForgetsTheTextAtOnceIfNothingIsKept() {
        StatementCatalog catalog = new StatementCatalog(0);
        Prepared one = acquire(catalog, "SELECT 1");
        acquire(catalog, "SELECT 1");
        assertThat(catalog.bytes()).isEqualTo(WEIGHT);
        catalog.release(one);
        assertThat(catalog.size()).isEqualTo(1);
        catalog.release(one);
        assertThat(catalog.size()).isZero();
        assertThat(catalog.bytes()).isZero();
        assertThat(acquire(catalog, "SELECT 1")).isNotSameAs(one);
    }

    // Hazard R11
    @Test
    void release_keepsWhatFitsAndGivesUpTheOldestFirst() {
        StatementCatalog catalog = new StatementCatalog(2 * WEIGHT);
        Prepared a = acquire(catalog, "SELECT a");
        Prepared b = acquire(catalog, "SELECT b");
        Prepared c = acquire(catalog, "SELECT c");
        catalog.release(a);
        catalog.release(b);
        assertThat(catalog.size()).isEqualTo(3);
        // a is used again, so that b is the oldest.
        assertThat(acquire(catalog, "SELECT a")).isSameAs(a);
        catalog.release(a);
        catalog.release(c);
        assertThat(catalog.size()).isEqualTo(2);
        assertThat(catalog.bytes()).isEqualTo(2 * WEIGHT);
        assertThat(acquire(catalog, "SELECT a")).isSameAs(a);
        assertThat(acquire(catalog, "SELECT c")).isSameAs(c);
        assertThat(acquire(catalog, "SELECT b")).isNotSameAs(b);
    }

    // Hazard R11
    @Test
    void manyDistinctTexts_stayUnderTheBound() {
        StatementCatalog catalog = new StatementCatalog(10 * WEIGHT);
        for (int i = 0; i < 20_000; i++) {
            catalog.release(acquire(catalog, "SELECT " + i));
            assertThat(catalog.bytes()).isLessThanOrEqualTo(10 * WEIGHT);
        }
        assertThat(catalog.size()).isLessThanOrEqualTo(10);
    }

    @Test
    void oneTextLargerThanTheBound_isNotKept() {
        StatementCatalog catalog = new StatementCatalog(1000);
        catalog.release(acquire(catalog, "x".repeat(1000)));
        assertThat(catalog.bytes()).isZero();
        assertThat(catalog.size()).isZero();
    }

    @Test
    void revive_takesBackARelease() {
        StatementCatalog catalog = new StatementCatalog(WEIGHT);
        Prepared a = acquire(catalog, "SELECT a");
        catalog.release(a);
        catalog.revive(a);
        assertThat(a.clients()).isEqualTo(1);
        catalog.release(acquire(catalog, "SELECT b"));
        catalog.release(acquire(catalog, "SELECT c"));
        assertThat(acquire(catalog, "SELECT a")).isSameAs(a);
    }

    @Test
    void revive_ofOneThatOthersNameOnlyCounts() {
        StatementCatalog catalog = new StatementCatalog(0);
        Prepared a = acquire(catalog, "SELECT a");
        acquire(catalog, "SELECT a");
        catalog.release(a);
        catalog.revive(a);
        assertThat(a.clients()).isEqualTo(2);
        assertThat(catalog.bytes()).isEqualTo(WEIGHT);
    }

    @Test
    void revive_ofOneThatWasGivenUpPutsItBack() {
        StatementCatalog catalog = new StatementCatalog(0);
        Prepared a = acquire(catalog, "SELECT a");
        catalog.release(a);
        assertThat(catalog.size()).isZero();
        catalog.revive(a);
        assertThat(catalog.bytes()).isEqualTo(WEIGHT);
        assertThat(acquire(catalog, "SELECT a")).isSameAs(a);
    }

    @Test
    void revive_ofOneWhoseTextHasComeInAgainLeavesTheNewOne() {
        StatementCatalog catalog = new StatementCatalog(0);
        Prepared old = acquire(catalog, "SELECT a");
        catalog.release(old);
        Prepared young = acquire(catalog, "SELECT a");
        catalog.revive(old);
        assertThat(acquire(catalog, "SELECT a")).isSameAs(young);
        assertThat(catalog.bytes()).isEqualTo(2 * WEIGHT);
        catalog.release(old);
        assertThat(catalog.bytes()).isEqualTo(WEIGHT);
        assertThat(acquire(catalog, "SELECT a")).isSameAs(young);
    }

    @Test
    void randomUse_neverLosesCountOfBytes() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        StatementCatalog catalog = new StatementCatalog(3 * WEIGHT);
        List<Prepared> named = new ArrayList<>();
        List<Prepared> released = new ArrayList<>();
        for (int step = 0; step < 5000; step++) {
            int dice = random.nextInt(5);
            if (dice < 2) {
                named.add(acquire(catalog, "SELECT " + random.nextInt(8)));
            } else if (dice < 4 && !named.isEmpty()) {
                Prepared some = named.remove(random.nextInt(named.size()));
                catalog.release(some);
                released.add(some);
            } else if (!released.isEmpty()) {
                Prepared some = released.remove(released.size() - 1);
                catalog.revive(some);
                named.add(some);
            }
            long used = named.stream().distinct().count() * WEIGHT;
            assertThat(catalog.bytes()).as("seed %d step %d", seed, step).isBetween(used, used + 3 * WEIGHT);
        }
        named.forEach(catalog::release);
        assertThat(catalog.bytes()).as("seed %d", seed).isLessThanOrEqualTo(3 * WEIGHT);
    }
}
