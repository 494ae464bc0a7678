package dev.trunkline.pooler.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class ScramKeyCacheTest {
    private static final byte[] SALT = {1, 2, 3, 4};

    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final ScramKeyCache cache = new ScramKeyCache(tasks::add);

    private void work() {
        while (!tasks.isEmpty()) {
            tasks.remove().run();
        }
    }

    @Test
    void keys_areDerivedOnTheExecutorAndOnce() {
        CompletionStage<Credentials.ScramKeys> first = cache.keys("secret", SALT, 10);
        assertThat(first.toCompletableFuture()).isNotDone();
        work();
        assertThat(first.toCompletableFuture()).isCompleted();
        CompletionStage<Credentials.ScramKeys> second = cache.keys("secret", SALT.clone(), 10);
        assertThat(second.toCompletableFuture()).isCompleted();
        assertThat(second.toCompletableFuture().join())
                .isSameAs(first.toCompletableFuture().join());
    }

    @Test
    void keys_differByPasswordSaltAndIterations() {
        CompletionStage<Credentials.ScramKeys> some = cache.keys("secret", SALT, 10);
        CompletionStage<Credentials.ScramKeys> other = cache.keys("Secret", SALT, 10);
        CompletionStage<Credentials.ScramKeys> salted = cache.keys("secret", new byte[] {9}, 10);
        CompletionStage<Credentials.ScramKeys> longer = cache.keys("secret", SALT, 11);
        work();
        byte[] key = some.toCompletableFuture().join().clientKey();
        assertThat(other.toCompletableFuture().join().clientKey()).isNotEqualTo(key);
        assertThat(salted.toCompletableFuture().join().clientKey()).isNotEqualTo(key);
        assertThat(longer.toCompletableFuture().join().clientKey()).isNotEqualTo(key);
    }

    @Test
    void passwordThatSaslprepRefuses_isTakenAsItIs() {
        CompletionStage<Credentials.ScramKeys> keys = cache.keys("tab\tbell\u0007", SALT, 10);
        work();
        assertThat(keys.toCompletableFuture().join().clientKey()).hasSize(32);
    }
}
