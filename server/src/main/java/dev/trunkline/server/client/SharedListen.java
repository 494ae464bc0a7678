package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Retouch;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.router.sql.Trace;
import dev.trunkline.server.listen.ClientListening;
import dev.trunkline.server.listen.Order;
import dev.trunkline.server.listen.SharedListener;
import dev.trunkline.server.listen.Subscriber;
import dev.trunkline.server.listen.WaitLimit;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import dev.trunkline.wire.TxStatus;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The gate of a client that shares the connection which listens, and the way on which notifications come to it. Loop-confined. */
final class SharedListen implements ListenGate, Subscriber {
    private final Channel channel;
    private final SessionTraits traits;
    private final ServerSide servers;
    private final ServerEvents owner;
    private final FrameCursor cursor;
    private final ClientListening listening;
    private final ListenFrames frames;
    private final UnlistenFrames texts;
    private final Relay relay;
    private final Intents intents = new Intents();
    private final RouteSettings routes = new RouteSettings();
    /** What the frame carries out that was let pass last. */
    private List<Order> executing = List.of();
    /** What is put right in its answer; null for nothing. */
    private @Nullable Retouch retouch;

    /** Joins the listener; {@link #leave} must follow. */
    SharedListen(ClientSide client, ServerSide servers, ServerEvents owner, SharedListener listener) {
        this.channel = client.channel();
        this.traits = client.traits();
        this.cursor = client.cursor();
        this.servers = servers;
        this.owner = owner;
        WaitLimit limit = new WaitLimit(traits.pool().queryWaitTimeout().toNanos(), traits.failoverHoldNanos());
        this.listening = listener.join(this, limit);
        this.relay = client.relay();
        this.texts = new UnlistenFrames(cursor, listening);
        this.frames = new ListenFrames(cursor, client.relay(), client.statements(), listening, servers::wished);
    }

    @Override
    public boolean admits() {
        executing = List.of();
        retouch = null;
        // Who really listens on its own connection, or may, goes on doing so there.
        Order order = servers.keeper().mayKeep(Trace.LISTEN) ? null : frames.order();
        if (order == null) {
            return admitsText();
        }
        if (cursor.type() != FrontendType.PARSE) {
            executing = List.of(order);
            retouch = Retouch.tag(order.command().kind().tag());
        }
        return listening.mayGo(order);
    }

    private boolean admitsText() {
        UnlistenFrames.Change change = listening.hasNothing() || !isForUnlisten() ? null : texts.change();
        if (change == null) {
            return true;
        }
        executing = change.orders();
        retouch = change.retouch();
        return listening.mayGo(executing.getFirst());
    }

    /** A standby refuses NOTIFY, and what comes in another encoding is not read. */
    private boolean isForUnlisten() {
        if (cursor.type() != FrontendType.QUERY || !ListenFrames.isUtf8(servers.wished())) {
            return false;
        }
        ServerConnection held = servers.server();
        return held == null ? !isForReplica() : !"on".equals(held.facts().get("in_hot_standby"));
    }

    private boolean isForReplica() {
        routes.follow(servers.wished());
        return routes.asked() == RouteSettings.Asked.REPLICA
                || traits.isForReplica(intents.of(cursor, relay), routes.readOnly());
    }

    @Override
    public void sent(ServerConnection server) {
        if (retouch != null) {
            server.replies().retouch(retouch);
        }
        executing.forEach(listening::sent);
    }

    @Override
    public boolean isWaiting() {
        return listening.isWaiting();
    }

    @Override
    public void stopWaiting() {
        listening.stopWaiting();
        servers.regulate();
    }

    @Override
    public void unlistenAll() {
        listening.unlistenAll();
    }

    @Override
    public void pump() {
        ServerConnection server = servers.server();
        // Also while the next answer is on its way: a client that never stops asking would never hear anything.
        if (server == null || (server.status() == TxStatus.IDLE && !server.isMidFrame())) {
            listening.pump();
        }
    }

    @Override
    public void leave() {
        listening.leave();
    }

    @Override
    public boolean isIdle() {
        ServerConnection server = servers.server();
        return server == null
                || (server.status() == TxStatus.IDLE && server.replies().isEmpty() && !server.isMidFrame());
    }

    @Override
    public boolean takesMore() {
        return channel.isWritable();
    }

    @Override
    public void deliver(ByteBuf message) {
        servers.relay(message);
    }

    @Override
    public void flush() {
        channel.flush();
    }

    @Override
    public void resumed() {
        servers.regulate();
        owner.resumed();
    }

    @Override
    public void refused(PgError error) {
        servers.regulate();
        if (servers.server() == null) {
            owner.refused(error);
        } else {
            // Only the server can fail a transaction that is open there.
            owner.failed(fatal(error), CloseCause.LISTEN);
        }
    }

    @Override
    public void overflowed(PgError error) {
        owner.failed(error, CloseCause.LISTEN);
    }

    @Override
    public boolean wantsGapNotice() {
        return traits.pool().listen().gapNotice()
                || "on".equalsIgnoreCase(servers.wished().get(OwnSetting.GAP_NOTICE.key()));
    }

    private static PgError fatal(PgError error) {
        SqlState state = error.code().equals(SqlState.TOO_MANY_CONNECTIONS.code())
                ? SqlState.TOO_MANY_CONNECTIONS
                : SqlState.CANNOT_CONNECT_NOW;
        PgError fatal = PgError.fatal(state, error.message());
        String detail = error.detail();
        return detail == null ? fatal : fatal.detail(detail);
    }
}
