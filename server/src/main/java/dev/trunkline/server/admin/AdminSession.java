package dev.trunkline.server.admin;

import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameLimits;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.ProtocolViolation;
import dev.trunkline.wire.SqlState;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;

/**
 * A client of the database {@code pgbouncer}, once it has logged in. Loop-confined: the last handler of its channel.
 *
 * <p>It speaks the simple query protocol only, like PgBouncer's console. One query is run at a time, and the next one is
 * not looked at before its answer is written and the client has taken most of it: a client that asks and never reads
 * costs one answer.
 */
public final class AdminSession extends ChannelInboundHandlerAdapter {
    /** A console command is short; what is longer is refused. Bytes of one frame. */
    private static final int MAX_FRAME = 8 * 1024;

    private final AdminConsole console;
    private final AdminUser user;
    private final FrameCursor cursor;

    /** True from the start of a query to the end of its answer. */
    private boolean running;
    /** True once the end was decided: what still comes is thrown away. */
    private boolean closing;

    /** @param allocator for bytes of frames that arrive in pieces */
    public AdminSession(AdminConsole console, AdminUser user, ByteBufAllocator allocator) {
        this.console = console;
        this.user = user;
        this.cursor = new FrameCursor(FrontendType.table(), new FrameLimits(MAX_FRAME, MAX_FRAME), allocator);
    }

    /**
     * Writes the ParameterStatus messages with which PgBouncer's console greets. They stand behind AuthenticationOk and
     * before BackendKeyData and ReadyForQuery, which are the caller's.
     */
    public static void greet(ByteBuf out) {
        FrameWriter.parameterStatus(out, "server_version", ShowCommands.PGBOUNCER_VERSION + "/bouncer");
        FrameWriter.parameterStatus(out, "client_encoding", "UTF8");
        FrameWriter.parameterStatus(out, "server_encoding", "UTF8");
        FrameWriter.parameterStatus(out, "DateStyle", "ISO");
        FrameWriter.parameterStatus(out, "TimeZone", "GMT");
        FrameWriter.parameterStatus(out, "standard_conforming_strings", "on");
        FrameWriter.parameterStatus(out, "is_superuser", "on");
    }

    /** Takes a buffer of the client's bytes, also those that came behind the last message of the login. */
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (closing) {
            bytes.release();
            return;
        }
        cursor.feed(bytes);
        proceed(ctx);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        proceed(ctx);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        closing = true;
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        closing = true;
        cursor.close();
    }

    /** A broken connection ends the session; there is nobody left to tell. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        closing = true;
        var _ = ctx.close();
    }

    /** Runs the queries that have arrived until one must be waited for. */
    private void proceed(ChannelHandlerContext ctx) {
        assert ctx.executor().inEventLoop();
        try {
            while (!running && !closing && ctx.channel().isWritable() && cursor.next()) {
                handle(ctx);
            }
        } catch (ProtocolViolation violation) {
            end(ctx, PgError.fatal(SqlState.PROTOCOL_VIOLATION, String.valueOf(violation.getMessage())));
        }
        ctx.channel().config().setAutoRead(!running && !closing && ctx.channel().isWritable());
    }

    private void handle(ChannelHandlerContext ctx) {
        switch (cursor.type()) {
            case FrontendType.QUERY -> query(ctx);
            case FrontendType.TERMINATE -> {
                closing = true;
                var _ = ctx.close();
            }
            case FrontendType.PARSE, FrontendType.BIND, FrontendType.EXECUTE, FrontendType.DESCRIBE ->
                end(ctx, violation("extended query protocol not supported by admin console"));
            default -> end(ctx, violation("unsupported packet type for admin console: " + cursor.type()));
        }
    }

    private void query(ChannelHandlerContext ctx) {
        String text = text();
        cursor.skip();
        running = true;
        var _ = console.answer(text, user, ctx.alloc()).thenAcceptAsync(bytes -> answer(ctx, bytes), ctx.executor());
    }

    private String text() {
        int length = cursor.bodyLength() - 1;
        int nul = cursor.buffer().indexOf(cursor.bodyIndex(), cursor.bodyIndex() + cursor.bodyLength(), (byte) 0);
        if (nul != cursor.bodyIndex() + length) {
            throw new ProtocolViolation("invalid string in message");
        }
        return cursor.buffer().toString(cursor.bodyIndex(), length, StandardCharsets.UTF_8);
    }

    private void answer(ChannelHandlerContext ctx, ByteBuf bytes) {
        running = false;
        if (closing) {
            bytes.release();
            return;
        }
        ctx.writeAndFlush(bytes).addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
        proceed(ctx);
    }

    private static PgError violation(String text) {
        return PgError.fatal(SqlState.PROTOCOL_VIOLATION, text);
    }

    private void end(ChannelHandlerContext ctx, PgError last) {
        closing = true;
        ByteBuf out = ctx.alloc().buffer();
        last.writeTo(out);
        ctx.writeAndFlush(out).addListener(ChannelFutureListener.CLOSE);
    }
}
