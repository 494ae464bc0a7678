package dev.trunkline.server.replication;

import dev.trunkline.pooler.backend.LoggedIn;
import dev.trunkline.pooler.backend.ServerIdentity;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Hint;
import dev.trunkline.router.Topology;
import dev.trunkline.server.client.CloseCause;
import dev.trunkline.server.tunnel.Pipe;
import dev.trunkline.server.tunnel.Streams;
import dev.trunkline.wire.FrameMeter;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import dev.trunkline.wire.TxStatus;
import dev.trunkline.wire.message.BackendKeyData;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client with a replication connection, and the server connection that is its own, from the first ReadyForQuery to the end of
 * both. Loop-confined.
 *
 * <p>Nothing of what they say to each other is read, but for where frames end. No idle time limit applies: a stream may be
 * silent for as long as nothing happens on the server.
 */
public final class Passage {
    private static final Logger LOG = LoggerFactory.getLogger(Passage.class);

    private final Traveller traveller;
    private final LoggedIn server;
    private final Endpoint endpoint;
    private final PassageHome home;
    private final long serverId;
    private final long beganAtMillis = System.currentTimeMillis();
    private final Pipe fromClient;
    private final Pipe fromServer;
    private final FrameMeter clientMeter = new FrameMeter();
    private final FrameMeter serverMeter = new FrameMeter();
    /** The client sends no more, and may still read. */
    private boolean clientHasSentAll;

    private @Nullable CloseCause ending;

    Passage(Traveller traveller, LoggedIn server, Endpoint endpoint, PassageHome home) {
        this.traveller = traveller;
        this.server = server;
        this.endpoint = endpoint;
        this.home = home;
        this.serverId = home.nextId();
        this.fromClient = new Pipe(server.channel(), new ClientEnds(), clientMeter::follow);
        this.fromServer = new Pipe(traveller.channel(), new ServerEnds(), serverMeter::follow);
    }

    /**
     * Greets the client in the server's words and begins to pass on.
     *
     * @param key by which the client can cancel
     * @param predecessor the handler of the client's channel whose place this takes
     * @param early what the client has sent too early; taken
     */
    void begin(BackendKeyData key, PassageLogin predecessor, @Nullable ByteBuf early) {
        LOG.info("server connection {} opened for {}", server.identity(), traveller.identity());
        Channel client = traveller.channel();
        client.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        server.channel().config().setWriteBufferWaterMark(client.config().getWriteBufferWaterMark());
        greet(client, key);
        server.become(fromServer);
        client.pipeline().replace(predecessor, "passage", fromClient);
        pass(server.cursor().takeAll(), fromServer);
        pass(early, fromClient);
        client.flush();
        server.channel().flush();
        client.config().setAutoRead(server.channel().isWritable());
    }

    /** Somebody with the right key wants to stop what the server does for this client. */
    public void cancel() {
        home.cancel(server.identity());
    }

    /** The cluster has changed: the connection ends if its server is not what it was chosen for. */
    public void apply(Topology topology) {
        Side side = traveller.destination().side();
        if (side.mustLeave(topology, endpoint)) {
            sever(
                    PgError.fatal(
                                    SqlState.ADMIN_SHUTDOWN,
                                    "terminating replication connection because its server is not the " + side.noun()
                                            + " any more")
                            .hint("Connect again."),
                    CloseCause.ROLE_CHANGED);
        }
    }

    /** The proxy is about to stop. A stream has no end that could be waited for. */
    public void shutDown() {
        sever(
                PgError.fatal(SqlState.ADMIN_SHUTDOWN, "terminating connection due to administrator command"),
                CloseCause.SHUTDOWN);
    }

    public Traveller traveller() {
        return traveller;
    }

    /** Who the server connection is. */
    public ServerIdentity server() {
        return server.identity();
    }

    public Channel serverChannel() {
        return server.channel();
    }

    /** The number of the server connection. */
    public long serverId() {
        return serverId;
    }

    /** When it began, in milliseconds since 1970. */
    public long beganAtMillis() {
        return beganAtMillis;
    }

    /** When either side has said something last, in milliseconds since 1970. */
    public long lastEventAtMillis() {
        return Math.max(fromClient.lastReadMillis(), fromServer.lastReadMillis());
    }

    /** Bytes that went to the client. */
    public long sentBytes() {
        return fromServer.bytes();
    }

    private void greet(Channel client, BackendKeyData key) {
        ByteBuf out = client.alloc().buffer(512);
        server.identity().facts().forEach((name, value) -> FrameWriter.parameterStatus(out, name, value));
        server.parameters().forEach((name, value) -> FrameWriter.parameterStatus(out, name, value));
        FrameWriter.backendKeyData(out, key.pid(), key.secret());
        FrameWriter.readyForQuery(out, TxStatus.IDLE);
        client.write(out, client.voidPromise());
    }

    private static void pass(@Nullable ByteBuf waiting, Pipe pipe) {
        if (waiting != null) {
            pipe.pass(waiting);
        }
    }

    /** Tells the client why, unless half a frame stands in the way, and ends both connections. */
    private void sever(PgError error, CloseCause cause) {
        if (ending != null) {
            return;
        }
        Channel client = traveller.channel();
        if (serverMeter.isAtBoundary()) {
            ByteBuf out = client.alloc().buffer();
            error.writeTo(out);
            client.write(out, client.voidPromise());
        }
        end(cause);
        // Its end brings that of the client's connection.
        server.channel().close();
    }

    private void end(CloseCause cause) {
        if (ending == null) {
            ending = cause;
            LOG.info("server connection {} closed: {}", server.identity(), cause.text());
            home.ended(this, cause);
        }
    }

    private CloseCause causeOfClient() {
        return clientMeter.lastType() == FrontendType.TERMINATE
                ? CloseCause.CLIENT_TERMINATED
                : CloseCause.CLIENT_CLOSED;
    }

    private boolean isClientDone() {
        return clientHasSentAll || causeOfClient() == CloseCause.CLIENT_TERMINATED;
    }

    /** What the client's channel tells of its end. */
    private final class ClientEnds implements Pipe.Ends {
        /** The server is told in the same way; what it still has to say is passed on. */
        @Override
        public void sentAll() {
            clientHasSentAll = true;
            Streams.endAfterFlush(server.channel());
        }

        @Override
        public void gone() {
            end(causeOfClient());
            Streams.closeAfterFlush(server.channel());
        }
    }

    /** What the server's channel tells of its end, which is always whole. */
    private final class ServerEnds implements Pipe.Ends {
        @Override
        public void sentAll() {
            server.channel().close();
        }

        /** As on a direct connection the client gets the server's last words, if there are any, and the end. */
        @Override
        public void gone() {
            if (ending == null && !isClientDone()) {
                home.hint(traveller.destination().cluster(), Hint.CONNECTION_LOST, endpoint);
            }
            end(isClientDone() ? causeOfClient() : CloseCause.SERVER_LOST);
            Streams.closeAfterFlush(traveller.channel());
        }
    }
}
