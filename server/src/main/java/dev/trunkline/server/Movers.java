package dev.trunkline.server;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves a client's channel to the loop of its home worker, once, at login.
 *
 * <p>The reads have to be quiet first: a channel that is deregistered while a read is armed loses data on io_uring, where a read
 * that was stopped one turn of the loop before loses none.
 */
final class Movers {
    private static final Logger LOG = LoggerFactory.getLogger(Movers.class);
    private static final long QUIET_MILLIS = 1;

    private Movers() {}

    /** Runs {@code then} on {@code home}, with the channel registered there; reads are off if it was moved. */
    static void move(Channel channel, EventLoop home, Runnable then) {
        if (home.inEventLoop()) {
            then.run();
            return;
        }
        channel.config().setAutoRead(false);
        channel.eventLoop()
                .schedule(
                        () -> channel.deregister().addListener(deregistered -> {
                            if (deregistered.isSuccess()) {
                                register(channel, home, then);
                            } else {
                                fail(channel, deregistered.cause());
                            }
                        }),
                        QUIET_MILLIS,
                        TimeUnit.MILLISECONDS);
    }

    private static void register(Channel channel, EventLoop home, Runnable then) {
        home.register(channel).addListener(registered -> {
            if (registered.isSuccess()) {
                then.run();
            } else {
                fail(channel, registered.cause());
            }
        });
    }

    private static void fail(Channel channel, Throwable cause) {
        if (channel.isOpen()) {
            LOG.warn("a client could not be moved to its worker", cause);
        }
        channel.close();
    }
}
