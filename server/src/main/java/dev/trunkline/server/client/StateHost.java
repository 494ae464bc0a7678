package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.router.pools.RoutedPool;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.PgError;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/** What the keeper of a session's state needs of the session. Loop-confined. */
final class StateHost implements StateKeeper.Host {
    private final ServerSide servers;
    private final Channel client;
    private final SessionHome home;
    private final ServerEvents owner;

    StateHost(ServerSide servers, Channel client, SessionHome home, ServerEvents owner) {
        this.servers = servers;
        this.client = client;
        this.home = home;
        this.owner = owner;
    }

    @Override
    public @Nullable ServerConnection server() {
        return servers.server();
    }

    @Override
    public @Nullable RoutedPool pool() {
        return servers.pool();
    }

    @Override
    public Parameters reported() {
        return home.welcome().defaults();
    }

    @Override
    public void report(String name, String value) {
        ByteBuf out = client.alloc().buffer();
        FrameWriter.parameterStatus(out, name, value);
        servers.relay(out);
    }

    @Override
    public void failed(PgError error, CloseCause cause) {
        owner.failed(error, cause);
    }
}
