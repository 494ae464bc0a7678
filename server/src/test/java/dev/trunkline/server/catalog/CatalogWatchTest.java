package dev.trunkline.server.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.Credentials;
import dev.trunkline.pooler.backend.ServerTarget;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.reads.CatalogFacts;
import dev.trunkline.router.reads.CatalogReading;
import dev.trunkline.server.testing.Waiting;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a catalog is looked at, and what holds meanwhile. ReadRoutingTest has real ones. */
class CatalogWatchTest {
    private static final ServerTarget.Login LOGIN = new ServerTarget.Login("app", new Credentials.Password("secret"));
    private static final Endpoint ONE = new Endpoint("one", 5432);

    private final ScheduledExecutorService loop = Executors.newSingleThreadScheduledExecutor();
    private final List<CompletableFuture<CatalogReading>> looks = new CopyOnWriteArrayList<>();
    private volatile @Nullable Endpoint leader = ONE;

    @AfterEach
    void stop() {
        loop.shutdownNow();
    }

    private CatalogWatch watch(Duration interval) {
        return new CatalogWatch(
                new CatalogWatch.Name("main", "app"),
                () -> leader,
                (_, _) -> {
                    CompletableFuture<CatalogReading> look = new CompletableFuture<>();
                    looks.add(look);
                    return look;
                },
                new CatalogWatch.Means(loop, loop, interval.toNanos(), 1 << 20));
    }

    private static CatalogReading reading() {
        CatalogReading reading = new CatalogReading();
        reading.row(List.of("function", "now", ""));
        return reading;
    }

    private void awaitLooks(int count) {
        Waiting.until(count + " looks", () -> looks.size() >= count);
    }

    @Test
    void nobodyAsks_nothingIsLookedAt() {
        CatalogWatch watch = watch(Duration.ofMillis(1));
        watch.changed();
        assertThat(looks).isEmpty();
        assertThat(watch.facts().isKnown()).isFalse();
    }

    @Test
    void look_makesFactsAndIsRepeated() {
        CatalogWatch watch = watch(Duration.ofMillis(1));
        watch.wanted(LOGIN);
        awaitLooks(1);
        assertThat(watch.facts().isKnown()).isFalse();
        looks.getFirst().complete(reading());
        Waiting.until("the watch to follow", () -> watch.facts().isKnown());
        long first = watch.facts().epoch();
        awaitLooks(2);
        looks.get(1).complete(reading());
        Waiting.until("the watch to follow", () -> watch.facts().epoch() != first);
        assertThat(watch.row().looks()).isEqualTo(2);
    }

    @Test
    void change_leavesNothingKnownUntilItIsLookedAt() {
        CatalogWatch watch = watch(Duration.ofHours(1));
        watch.wanted(LOGIN);
        awaitLooks(1);
        looks.getFirst().complete(reading());
        Waiting.until("the watch to follow", () -> watch.facts().isKnown());
        watch.changed();
        watch.changed();
        assertThat(watch.facts()).isSameAs(CatalogFacts.CHANGED);
        awaitLooks(2);
        assertThat(looks).hasSize(2);
        assertThat(watch.facts()).isSameAs(CatalogFacts.CHANGED);
        looks.get(1).complete(reading());
        Waiting.until("the watch to follow", () -> watch.facts().isKnown());
    }

    @Test
    void anotherLeader_isLookedAtSoonAndLeavesWhatIsKnown() {
        CatalogWatch watch = watch(Duration.ofHours(1));
        watch.wanted(LOGIN);
        awaitLooks(1);
        looks.getFirst().complete(reading());
        Waiting.until("the watch to follow", () -> watch.facts().isKnown());
        watch.lookSoon();
        awaitLooks(2);
        assertThat(watch.facts().isKnown()).isTrue();
    }

    @Test
    void changeDuringALook_isFollowedByAnotherAndTheFirstDoesNotCount() {
        CatalogWatch watch = watch(Duration.ofHours(1));
        watch.wanted(LOGIN);
        awaitLooks(1);
        watch.changed();
        looks.getFirst().complete(reading());
        Waiting.until("the look to be over", () -> watch.row().looks() == 1);
        assertThat(watch.facts()).isSameAs(CatalogFacts.CHANGED);
        awaitLooks(2);
        looks.get(1).complete(reading());
        Waiting.until("the watch to follow", () -> watch.facts().isKnown());
    }

    @Test
    void changesThatNeverCease_areLookedAtLessAndLessOften() {
        CatalogWatch watch = watch(Duration.ofHours(1));
        watch.wanted(LOGIN);
        long start = System.nanoTime();
        for (int look = 0; look < 4; look++) {
            awaitLooks(look + 1);
            watch.changed();
            looks.get(look).complete(reading());
        }
        awaitLooks(5);
        assertThat(System.nanoTime() - start)
                .as("pauses of 0.4, 0.8, 1.6 and 2 s")
                .isGreaterThan(Duration.ofMillis(4700).toNanos());
        assertThat(watch.facts().isKnown()).isFalse();
        looks.get(4).complete(reading());
        Waiting.until("the watch to follow", () -> watch.facts().isKnown());
    }

    @Test
    void failure_leavesNothingKnownAndIsTriedAgain() {
        CatalogWatch watch = watch(Duration.ofMillis(1));
        watch.wanted(LOGIN);
        awaitLooks(1);
        looks.getFirst().complete(reading());
        awaitLooks(2);
        assertThat(watch.facts().isKnown()).isTrue();
        looks.get(1).completeExceptionally(new CatalogFailure("no such server"));
        Waiting.until("the watch to follow", () -> !watch.facts().isKnown());
        assertThat(watch.row().failures()).isOne();
        assertThat(watch.facts().missing()).isEqualTo("it could not be read: no such server");
        awaitLooks(3);
    }

    @Test
    void catalogByWhichNothingCanBeProven_saysWhy() {
        CatalogWatch watch = watch(Duration.ofHours(1));
        watch.wanted(LOGIN);
        awaitLooks(1);
        CatalogReading doubtful = reading();
        doubtful.row(List.of("implied operator", "=", ""));
        looks.getFirst().complete(doubtful);
        Waiting.until("the watch to follow", () -> watch.row().failures() == 1);
        assertThat(watch.facts().missing()).isEqualTo("an operator = has a volatile function");
    }

    @Test
    void noLeader_leavesWhatIsKnown() {
        CatalogWatch watch = watch(Duration.ofMillis(1));
        watch.wanted(LOGIN);
        awaitLooks(1);
        leader = null;
        looks.getFirst().complete(reading());
        Waiting.until("the watch to follow", () -> watch.row().looks() == 1);
        watch.lookSoon();
        int before = looks.size();
        leader = ONE;
        watch.lookSoon();
        awaitLooks(before + 1);
        assertThat(watch.facts().isKnown()).isTrue();
        assertThat(watch.row().failures()).isZero();
    }

    @Test
    void close_endsTheLooks() {
        CatalogWatch watch = watch(Duration.ofHours(1));
        watch.wanted(LOGIN);
        awaitLooks(1);
        watch.close();
        watch.lookSoon();
        looks.getFirst().complete(reading());
        Waiting.until("the watch to follow", () -> watch.facts().isKnown());
        assertThat(looks).hasSize(1);
    }
}
