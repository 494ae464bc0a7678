package dev.trunkline.server.tunnel;

import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Hint;
import dev.trunkline.router.Topology;
import dev.trunkline.server.client.CloseCause;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client and the server connection that is its own, between which bytes pass as they are, from the first one to the end of both
 * connections. Loop-confined.
 *
 * <p>What they say is not read and may be encrypted, so nothing can be put in: who has to go is closed without a word. When one side
 * has sent all, the other is told so in the same way and may go on; when one is gone, the other is closed.
 */
public final class Tunnel {
    /** How long a client may take to close when it has been told that its server has. */
    private static final long AFTER_THE_END_SECONDS = 5;

    private final Visitor visitor;
    private final Endpoint endpoint;
    private final Channel server;
    private final TunnelHome home;
    private final Pipe fromClient;
    private final Pipe fromServer;
    /** Of the two directions, how many have come to their end and have told it to the receiver. */
    private int passedEnds;
    /** What began the end of it all. */
    private @Nullable CloseCause cause;

    private boolean ended;

    Tunnel(Visitor visitor, Endpoint endpoint, Channel server, TunnelHome home) {
        this.visitor = visitor;
        this.endpoint = endpoint;
        this.server = server;
        this.home = home;
        this.fromClient = new Pipe(server, new ClientEnds());
        this.fromServer = new Pipe(visitor.channel(), new ServerEnds());
    }

    /**
     * Begins to pass on.
     *
     * @param predecessor the handler of the client's channel whose place this takes
     * @param early what the client has sent before; taken
     * @param clientHasSentAll true if nothing more will come from it
     */
    void begin(ChannelHandler predecessor, List<ByteBuf> early, boolean clientHasSentAll) {
        Channel client = visitor.channel();
        server.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        server.config().setWriteBufferWaterMark(client.config().getWriteBufferWaterMark());
        server.pipeline().addLast("tunnel", fromServer);
        client.pipeline().replace(predecessor, "tunnel", fromClient);
        early.forEach(fromClient::pass);
        server.flush();
        if (clientHasSentAll) {
            clientSentAll();
        }
        server.config().setAutoRead(true);
        Streams.read(client, server.isWritable());
    }

    /** The cluster has changed: it ends if its server is not what it was chosen for. */
    public void apply(Topology topology) {
        if (visitor.entrance().side().mustLeave(topology, endpoint)) {
            sever(CloseCause.ROLE_CHANGED);
        }
    }

    /** The proxy is about to stop. Nobody knows where a transaction ends. */
    public void shutDown() {
        sever(CloseCause.SHUTDOWN);
    }

    public Visitor visitor() {
        return visitor;
    }

    /** Its server. */
    public Endpoint endpoint() {
        return endpoint;
    }

    public Channel serverChannel() {
        return server;
    }

    /** Bytes from the client. */
    public long receivedBytes() {
        return fromClient.bytes();
    }

    /** Bytes to the client. */
    public long sentBytes() {
        return fromServer.bytes();
    }

    /** The server's connection ends at once; what it has said before is still written to a client that reads. */
    private void sever(CloseCause why) {
        if (!ended) {
            beginEnd(why);
            end();
            server.close();
        }
    }

    private void clientSentAll() {
        beginEnd(CloseCause.CLIENT_CLOSED);
        Streams.endAfterFlush(server).addListener(_ -> onEndPassed());
    }

    private void onEndPassed() {
        passedEnds++;
        if (passedEnds == 2) {
            visitor.channel().close();
            server.close();
        }
    }

    /** The end begins, unless it has begun. */
    private void beginEnd(CloseCause why) {
        if (cause == null) {
            cause = why;
        }
    }

    private void end() {
        if (!ended && cause != null) {
            ended = true;
            home.targets().left(endpoint);
            home.ended(this, cause);
        }
    }

    /** What the client's channel tells of its end. */
    private final class ClientEnds implements Pipe.Ends {
        @Override
        public void sentAll() {
            clientSentAll();
        }

        @Override
        public void gone() {
            beginEnd(CloseCause.CLIENT_CLOSED);
            end();
            Streams.closeAfterFlush(server);
        }
    }

    /** What the server's channel tells of its end. */
    private final class ServerEnds implements Pipe.Ends {
        @Override
        public void sentAll() {
            beginEnd(CloseCause.SERVER_CLOSED);
            Channel client = visitor.channel();
            Streams.endAfterFlush(client).addListener(_ -> {
                onEndPassed();
                // PostgreSQL closes both ways at once: nobody reads what the client would still say, and it must not
                // hold its place.
                client.eventLoop().schedule(() -> client.close(), AFTER_THE_END_SECONDS, TimeUnit.SECONDS);
            });
        }

        @Override
        public void gone() {
            if (cause == null) {
                home.hint(visitor.entrance().cluster(), Hint.CONNECTION_LOST, endpoint);
            }
            beginEnd(CloseCause.SERVER_LOST);
            end();
            Streams.closeAfterFlush(visitor.channel());
        }
    }
}
