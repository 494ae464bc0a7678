package dev.trunkline.server.client;

import dev.trunkline.server.auth.AuthExchange;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameLimits;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.message.CancelRequest;
import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Keeps whoever comes in waiting behind the door. */
final class FakeDoor implements FrontDoor {
    final CompletableFuture<AuthExchange> begun = new CompletableFuture<>();
    final List<CancelRequest> cancels = new ArrayList<>();

    @Nullable
    FrameCursor entered;

    @Nullable
    Entrant entrant;

    @Override
    public @Nullable PgError refusal() {
        return null;
    }

    @Override
    public void cancel(CancelRequest request) {
        cancels.add(request);
    }

    @Override
    public CompletionStage<AuthExchange> authenticate(String user) {
        return begun;
    }

    @Override
    public void enter(Channel channel, Entrant newEntrant, FrameCursor cursor) {
        entrant = newEntrant;
        entered = cursor;
    }

    @Override
    public void turnedAway(Channel channel, @Nullable String user, CloseCause cause) {
        // Nobody counts.
    }

    @Override
    public long loginTimeoutMillis() {
        return 0;
    }

    @Override
    public FrameLimits limits() {
        return FrameLimits.DEFAULT;
    }

    @Override
    public Set<String> ignoredParameters() {
        return Set.of();
    }
}
