package dev.trunkline.pooler.backend;

import dev.trunkline.wire.FrameCursor;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;

/**
 * A session on a server that has just begun, and that nobody has taken over yet. Loop-confined. Whoever is told of it calls
 * either {@link #become} or {@link #abandon} before returning.
 *
 * @param channel of the connection
 * @param identity who and where
 * @param parameters as the server reported them, without the facts, which the identity has
 * @param cursor holds what the server has sent behind its first ReadyForQuery; it goes along
 * @param login the handler that is still in the pipeline
 */
public record LoggedIn(
        Channel channel, ServerIdentity identity, Parameters parameters, FrameCursor cursor, ChannelHandler login) {
    /** The handler that gets all that comes from now on. */
    public void become(ChannelHandler successor) {
        channel.pipeline().replace(login, "session", successor);
    }

    /** Nobody needs the session any more. */
    public void abandon() {
        cursor.close();
        channel.close();
    }
}
