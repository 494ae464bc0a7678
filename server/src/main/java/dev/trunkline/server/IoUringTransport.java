package dev.trunkline.server;

import dev.trunkline.pooler.backend.SocketOption;
import dev.trunkline.pooler.backend.Sockets;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringBufferRingConfig;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringFixedBufferRingAllocator;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transport that lets the kernel choose the buffers to read into: one ring of them for each loop, so that a connection that is
 * read has none of its own while nothing comes. Source: io_uring_setup_buf_ring(3).
 */
final class IoUringTransport {
    private static final Logger LOG = LoggerFactory.getLogger(IoUringTransport.class);

    private static final short GROUP = 1;
    /** A power of two: so many reads can be answered within a turn of a loop before one has to be asked for again. */
    private static final short BUFFERS = 64;
    /** Most messages are far smaller; large results take no more than with larger ones. */
    private static final int BUFFER_BYTES = 16 * 1024;

    private IoUringTransport() {}

    /** Why this is not to be chosen unasked; null if it is. */
    static @Nullable String obstacle() {
        Throwable unavailable = IoUring.unavailabilityCause();
        if (unavailable != null) {
            return unavailable.getMessage();
        }
        if (!hasRings()) {
            return "the kernel has no rings of buffers for it";
        }
        return IoUring.isPollAddMultishotEnabled() ? lacksOption() : null;
    }

    static Transport create() {
        if (IoUring.isAvailable() && IoUring.isPollAddMultishotEnabled()) {
            LOG.warn("on io_uring it can stay unnoticed that a client has gone, {}", lacksOption());
        }
        return new Transport(
                "io_uring",
                handlers(),
                new Sockets(
                        IoUringSocketChannel.class,
                        IoUringDomainSocketChannel.class,
                        Transport::nativeAddress,
                        hasRings()
                                ? List.of(new SocketOption<>(IoUringChannelOption.IO_URING_BUFFER_GROUP_ID, GROUP))
                                : List.of()),
                IoUringServerSocketChannel.class,
                IoUringServerDomainSocketChannel.class);
    }

    private static String lacksOption() {
        return "because the JVM was started without -Dio.netty.iouring.pollAddMultishotEnabled=false, which bin/trunkline sets";
    }

    private static boolean hasRings() {
        return IoUring.isAvailable() && IoUring.isRegisterBufferRingSupported();
    }

    private static IoHandlerFactory handlers() {
        IoUringIoHandlerConfig config = new IoUringIoHandlerConfig();
        if (hasRings()) {
            config.setBufferRingConfig(IoUringBufferRingConfig.builder()
                    .bufferGroupId(GROUP)
                    .bufferRingSize(BUFFERS)
                    .batchSize(BUFFERS)
                    .incremental(false)
                    .allocator(new IoUringFixedBufferRingAllocator(ByteBufAllocator.DEFAULT, BUFFER_BYTES))
                    .build());
        }
        return IoUringIoHandler.newFactory(config);
    }
}
