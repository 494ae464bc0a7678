package dev.trunkline.server.http;

import dev.trunkline.server.http.HttpConnections.Phase;
import dev.trunkline.server.http.HttpConnections.Place;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client of the HTTP server. Loop-confined: the last handler of its channel.
 *
 * <p>It asks for one request, answers it, and asks for the next. Each such exchange has one deadline, whoever is slow; the first
 * request has a shorter one.
 */
final class HttpSession extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final String TEXT = "text/plain; charset=utf-8";

    /** One read may bring many short requests; a client that sends more than this at once is cut off. */
    private static final int MAX_PIPELINED = 16;

    private final Map<String, Page> pages;
    private final Action.Directory actions;
    private final HttpLimits limits;
    private final Queue<Asked> waiting = new ArrayDeque<>();
    private @Nullable ScheduledFuture<?> deadline;
    private boolean answering;
    /** Written by the loop, read by whoever needs room. */
    private volatile Place place = new Place(Phase.SILENT, System.nanoTime());

    HttpSession(Map<String, Page> pages, Action.Directory actions, HttpLimits limits) {
        this.pages = pages;
        this.actions = actions;
        this.limits = limits;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        arm(ctx, limits.firstRequest());
        next(ctx);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        disarm();
        ctx.fireChannelInactive();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        assert ctx.executor().inEventLoop();
        if (place.phase() == Phase.SILENT) {
            arm(ctx, limits.exchange());
        }
        waiting.add(Asked.of(request));
        if (waiting.size() > MAX_PIPELINED) {
            cutOff(ctx);
        } else if (!answering) {
            next(ctx);
        }
    }

    /** A broken connection is closed; there is nobody left to tell. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        cutOff(ctx);
    }

    /**
     * What is needed of a request; the request itself is released as soon as it was read.
     *
     * @param path null if it could not be read
     * @param call null if it is no POST
     */
    private record Asked(HttpMethod method, @Nullable String path, Action.@Nullable Call call, Exchange exchange) {
        static Asked of(FullHttpRequest request) {
            boolean broken = request.decoderResult().isFailure();
            boolean last = broken || !HttpUtil.isKeepAlive(request);
            return new Asked(
                    request.method(),
                    broken ? null : withoutQuery(request.uri()),
                    broken || !request.method().equals(HttpMethod.POST) ? null : call(request),
                    last ? Exchange.LAST : Exchange.KEEP_ALIVE);
        }

        private static Action.Call call(FullHttpRequest request) {
            return new Action.Call(
                    request.headers().get(HttpHeaderNames.AUTHORIZATION),
                    HttpUtil.getMimeType(request) == null
                            ? null
                            : HttpUtil.getMimeType(request).toString().toLowerCase(Locale.ROOT),
                    request.content().toString(StandardCharsets.UTF_8));
        }

        private static String withoutQuery(String uri) {
            int query = uri.indexOf('?');
            return query < 0 ? uri : uri.substring(0, query);
        }
    }

    private enum Exchange {
        KEEP_ALIVE,
        LAST
    }

    /** Answers the next request that has arrived, or asks for more. */
    private void next(ChannelHandlerContext ctx) {
        Asked asked = waiting.poll();
        answering = asked != null;
        if (asked == null) {
            ctx.read();
        } else {
            enter(Phase.SERVED);
            var _ = answer(asked).handleAsync((content, _) -> respond(ctx, asked.exchange(), content), ctx.executor());
        }
    }

    private CompletionStage<Page.Content> answer(Asked asked) {
        if (asked.path() == null) {
            return error(HttpResponseStatus.BAD_REQUEST);
        }
        Action action = actions.find(asked.path());
        if (action != null) {
            return asked.call() == null ? notAllowed("POST") : act(action, asked.call());
        }
        if (!asked.method().equals(HttpMethod.GET) && !asked.method().equals(HttpMethod.HEAD)) {
            return notAllowed("GET, HEAD");
        }
        Page page = pages.get(asked.path());
        return page == null ? error(HttpResponseStatus.NOT_FOUND) : page.get();
    }

    /** It takes as long as it takes. */
    private CompletionStage<Page.Content> act(Action action, Action.Call call) {
        disarm();
        return action.post(call);
    }

    private ChannelFuture respond(ChannelHandlerContext ctx, Exchange exchange, Page.@Nullable Content content) {
        FullHttpResponse response =
                response(content == null ? text(HttpResponseStatus.INTERNAL_SERVER_ERROR) : content);
        HttpUtil.setKeepAlive(response, exchange == Exchange.KEEP_ALIVE);
        enter(Phase.ANSWERED);
        return ctx.writeAndFlush(response).addListener(written -> {
            if (written.isSuccess() && exchange == Exchange.KEEP_ALIVE) {
                enter(Phase.IDLE);
                arm(ctx, limits.exchange());
                next(ctx);
            } else {
                cutOff(ctx);
            }
        });
    }

    /** What this client is at; from any thread. */
    Place place() {
        return place;
    }

    private void enter(Phase phase) {
        place = new Place(phase, System.nanoTime());
    }

    private void arm(ChannelHandlerContext ctx, Duration limit) {
        disarm();
        deadline = ctx.executor().schedule(() -> cutOff(ctx), limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    private static void cutOff(ChannelHandlerContext ctx) {
        var _ = ctx.close();
    }

    private void disarm() {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    private static FullHttpResponse response(Page.Content content) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(content.status()),
                Unpooled.wrappedBuffer(content.bytes()));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, content.type())
                .setInt(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set("x-content-type-options", "nosniff");
        content.fields().forEach((name, value) -> response.headers().set(name, value));
        return response;
    }

    private static CompletionStage<Page.Content> notAllowed(String methods) {
        HttpResponseStatus status = HttpResponseStatus.METHOD_NOT_ALLOWED;
        return CompletableFuture.completedFuture(new Page.Content(
                status.code(), TEXT, status.reasonPhrase() + "\n", Map.of(HttpHeaderNames.ALLOW.toString(), methods)));
    }

    private static CompletionStage<Page.Content> error(HttpResponseStatus status) {
        return CompletableFuture.completedFuture(text(status));
    }

    private static Page.Content text(HttpResponseStatus status) {
        return new Page.Content(status.code(), TEXT, status.reasonPhrase() + "\n");
    }
}
