package dev.trunkline.server.tunnel;

import dev.trunkline.pooler.backend.SocketDialer.Dialled;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Hint;
import dev.trunkline.router.Topology;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client waits until a connection to a server is open. Loop-confined; the handler of the client's channel until {@link Tunnel}
 * takes over.
 *
 * <p>While there is no server, or a switchover holds what is new, or nobody takes the connection, it waits up to
 * {@code failover_hold}: nothing that it has sent has reached anybody. What it sends meanwhile is kept, up to a limit beyond
 * which it is not read. It is never told anything, because what it speaks is not known; it is closed.
 */
public final class TunnelWait extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(TunnelWait.class);
    private static final int MOST_EARLY = 64 * 1024;

    private final Visitor visitor;
    private final TunnelHome home;
    private final List<ByteBuf> early = new ArrayList<>();
    private int earlyBytes;
    /** The client sends no more, and may still read. */
    private boolean clientHasSentAll;
    /** The server to which a connection is being opened; null if there is none. */
    private @Nullable Endpoint dialled;
    /** Tells the answer that is waited for from those that were given up. */
    private int attempt;
    /** Those that have refused in this round. */
    private final Set<Endpoint> tried = new HashSet<>();

    private boolean wasRefused;
    private @Nullable Future<?> retry;
    private @Nullable Future<?> limit;
    private boolean heldLongEnough;
    private boolean ended;

    public TunnelWait(Visitor visitor, TunnelHome home) {
        this.visitor = visitor;
        this.home = home;
    }

    public Visitor visitor() {
        return visitor;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        Refusal refusal = home.admit(this);
        if (refusal != null) {
            end(refusal);
            return;
        }
        long hold = home.hold(cluster()).toMillis();
        heldLongEnough = hold == 0;
        if (hold > 0) {
            limit = ctx.channel().eventLoop().schedule(this::onHoldOver, hold, TimeUnit.MILLISECONDS);
        }
        dial();
    }

    /** The cluster has changed, or what is new on its leader is held from now on, or no more. */
    public void lookAgain() {
        if (!ended && (dialled == null || !isWanted(dialled))) {
            giveUpDial();
            tried.clear();
            dial();
        }
    }

    /** The proxy is about to stop. */
    public void shutDown() {
        end(Refusal.SHUTDOWN);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ByteBuf in = (ByteBuf) msg;
        if (ended) {
            in.release();
            return;
        }
        early.add(in);
        earlyBytes += in.readableBytes();
        if (earlyBytes > MOST_EARLY) {
            ctx.channel().config().setAutoRead(false);
        }
    }

    /** One that waits for a server, and is perhaps gone, is not waited for; one that may reach it in a moment has asked for something. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            clientHasSentAll = true;
            if (dialled == null) {
                end(null);
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        end(null);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    private void dial() {
        cancel(retry);
        Endpoint endpoint = choose();
        if (endpoint != null) {
            attempt++;
            int mine = attempt;
            dialled = endpoint;
            home.targets().entered(endpoint);
            home.dial(endpoint, result -> onDialled(mine, endpoint, result));
        } else {
            endIfInVain();
        }
    }

    private @Nullable Endpoint choose() {
        return isHeld() ? null : home.targets().choose(side(), topology(), tried);
    }

    private void onDialled(int answered, Endpoint endpoint, Dialled result) {
        Channel server = result.channel();
        if (ended || answered != attempt) {
            if (server != null) {
                server.close();
            }
        } else if (server == null) {
            onRefused(endpoint, result.message());
        } else {
            passOn(server, endpoint);
        }
    }

    private void passOn(Channel server, Endpoint endpoint) {
        ended = true;
        cancel(limit);
        Tunnel tunnel = new Tunnel(visitor, endpoint, server, home);
        home.opened(this, tunnel);
        tunnel.begin(this, early, clientHasSentAll);
    }

    private void onRefused(Endpoint endpoint, String message) {
        LOG.debug("connection {} was not taken by {}: {}", visitor.id(), endpoint, message);
        giveUpDial();
        wasRefused = true;
        home.hint(cluster(), Hint.CONNECTION_REFUSED, endpoint);
        tried.add(endpoint);
        endIfInVain();
        if (ended) {
            return;
        }
        if (choose() != null) {
            dial();
        } else {
            tried.clear();
            long delay = home.retry().toMillis();
            retry = visitor.channel().eventLoop().schedule(this::dial, delay, TimeUnit.MILLISECONDS);
        }
    }

    private void onHoldOver() {
        heldLongEnough = true;
        if (dialled == null) {
            endIfInVain();
        }
    }

    private void endIfInVain() {
        if (clientHasSentAll) {
            end(null);
        } else if (heldLongEnough) {
            end(wasRefused ? Refusal.UNREACHABLE : Refusal.NO_SERVER);
        }
    }

    private void end(@Nullable Refusal refusal) {
        if (ended) {
            return;
        }
        ended = true;
        cancel(limit);
        cancel(retry);
        giveUpDial();
        early.forEach(ByteBuf::release);
        early.clear();
        home.turnedAway(this, refusal);
        visitor.channel().close();
    }

    /** A connection that comes about nevertheless is closed. */
    private void giveUpDial() {
        if (dialled != null) {
            home.targets().left(dialled);
            dialled = null;
            attempt++;
        }
    }

    private boolean isWanted(Endpoint endpoint) {
        return side() == Side.LEADER
                ? topology().isLeader(endpoint) && !isHeld()
                : topology().isReplica(endpoint);
    }

    private boolean isHeld() {
        return side() == Side.LEADER && home.isHeld(cluster());
    }

    private Topology topology() {
        return home.topology(cluster());
    }

    private Side side() {
        return visitor.entrance().side();
    }

    private String cluster() {
        return visitor.entrance().cluster();
    }

    private static void cancel(@Nullable Future<?> task) {
        if (task != null) {
            task.cancel(false);
        }
    }
}
