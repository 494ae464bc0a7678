package dev.trunkline.server.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Serves a few pages over HTTP/1.1 (RFC 9112) to GET and HEAD, and actions to POST. Safe to use from any thread.
 *
 * <p>It runs on an event loop that is no worker's, so that nothing a browser or a hostile client does slows a query down.
 */
public final class HttpServer {
    private final Channel listener;
    private final ChannelGroup clients;

    private HttpServer(Channel listener, ChannelGroup clients) {
        this.listener = listener;
        this.clients = clients;
    }

    /**
     * The event loops to run on, which stay the caller's, and the kind of listener that fits them.
     *
     * @param group one loop is enough
     */
    public record Transport(EventLoopGroup group, ChannelFactory<? extends ServerChannel> listeners) {}

    /**
     * Listens.
     *
     * @param pages by path, without a query
     * @param actions what a POST can do
     * @return fails with the cause (as a rule a BindException) if the address cannot be had
     */
    public static CompletionStage<HttpServer> start(
            Transport transport,
            SocketAddress address,
            Map<String, Page> pages,
            Action.Directory actions,
            HttpLimits limits) {
        ChannelGroup clients = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
        CompletableFuture<HttpServer> started = new CompletableFuture<>();
        ChannelFuture bound = new ServerBootstrap()
                .group(transport.group())
                .channelFactory(transport.listeners())
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new Client(pages, actions, limits, clients))
                .bind(address);
        bound.addListener(_ -> {
            if (bound.isSuccess()) {
                started.complete(new HttpServer(bound.channel(), clients));
            } else {
                started.completeExceptionally(bound.cause());
            }
        });
        return started;
    }

    /** Where it listens; tells the port if 0 was asked for. */
    public SocketAddress address() {
        return listener.localAddress();
    }

    /** How many clients are connected now. */
    public int connections() {
        return clients.size();
    }

    /** Stops listening and closes every connection; the event loops go on. */
    public CompletionStage<Void> close() {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        listener.close().addListener(_ -> clients.close().addListener(_ -> closed.complete(null)));
        return closed;
    }

    /** Makes the pipeline of each client. Shared by all of them, on one loop or several. */
    private static final class Client extends ChannelInitializer<Channel> {
        private final Map<String, Page> pages;
        private final Action.Directory actions;
        private final HttpLimits limits;
        private final ChannelGroup clients;
        private final HttpConnections connections;

        Client(Map<String, Page> pages, Action.Directory actions, HttpLimits limits, ChannelGroup clients) {
            this.pages = Map.copyOf(pages);
            this.actions = actions;
            this.limits = limits;
            this.clients = clients;
            this.connections = new HttpConnections(limits.maxConnections());
        }

        @Override
        protected void initChannel(Channel channel) {
            HttpSession session = new HttpSession(pages, actions, limits);
            if (!connections.admit(channel, session)) {
                channel.close();
                return;
            }
            clients.add(channel);
            channel.pipeline()
                    .addLast(new HttpServerCodec(new HttpDecoderConfig()
                            .setMaxInitialLineLength(HttpLimits.MAX_LINE)
                            .setMaxHeaderSize(HttpLimits.MAX_HEADERS)))
                    .addLast(new HttpObjectAggregator(HttpLimits.MAX_BODY))
                    .addLast(session);
        }
    }
}
