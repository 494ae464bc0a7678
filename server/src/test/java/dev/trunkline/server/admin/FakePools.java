package dev.trunkline.server.admin;

import dev.trunkline.wire.PgError;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Takes down what the console asks of the pools. */
final class FakePools implements PoolControl {
    final List<String> asked = new ArrayList<>();

    /** What it says; null if it was done. */
    @Nullable
    PgError answer;

    @Override
    public CompletionStage<@Nullable PgError> pause(@Nullable String database) {
        asked.add("pause " + database);
        return CompletableFuture.completedFuture(answer);
    }

    @Override
    public CompletionStage<@Nullable PgError> resume(@Nullable String database) {
        asked.add("resume " + database);
        return CompletableFuture.completedFuture(answer);
    }
}
