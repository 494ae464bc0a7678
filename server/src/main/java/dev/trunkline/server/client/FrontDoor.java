package dev.trunkline.server.client;

import dev.trunkline.server.auth.AuthExchange;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameLimits;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.message.CancelRequest;
import io.netty.channel.Channel;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What a client that is not yet in meets. Safe to call from any worker. */
public interface FrontDoor {
    /** Why nobody comes in now, such as too many clients; null if the door is open. */
    @Nullable
    PgError refusal();

    /** Somebody shows a key and wants a query to be stopped. Nothing is answered, whether it fits or not. */
    void cancel(CancelRequest request);

    /** Begins to find out if the client is who it says. */
    CompletionStage<AuthExchange> authenticate(String user);

    /** Takes over a client that has proved who it is; {@code cursor} holds what it sent too early, and goes along. */
    void enter(Channel channel, Entrant entrant, FrameCursor cursor);

    /** The client is gone before it was in, or was sent away. */
    void turnedAway(Channel channel, @Nullable String user, CloseCause cause);

    /** How long a login may take, in milliseconds; 0 for ever. */
    long loginTimeoutMillis();

    /** For clients that are in. */
    FrameLimits limits();

    /** Startup parameters that are dropped without a word. */
    Set<String> ignoredParameters();
}
