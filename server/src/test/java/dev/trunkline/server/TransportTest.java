package dev.trunkline.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.trunkline.server.config.TransportChoice;
import io.netty.channel.uring.IoUring;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class TransportTest {
    private static final String FORBIDDEN = "operation not permitted";

    private final Logger logger = (Logger) LoggerFactory.getLogger(Transport.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(log);
    }

    @Test
    void auto_takesTheFirst() {
        assertThat(Transport.automatic(null, null).name()).isEqualTo("epoll");
        assertThat(logged()).isEqualTo("transport epoll (the first choice)");
    }

    @Test
    void auto_saysWhyItTookTheSecond() {
        Assumptions.assumeTrue(IoUring.isAvailable(), "no io_uring here");
        assertThat(Transport.automatic(FORBIDDEN, null).name()).isEqualTo("io_uring");
        assertThat(logged()).isEqualTo("transport io_uring (not epoll: operation not permitted)");
    }

    @Test
    void auto_saysWhyItTookTheLast() {
        assertThat(Transport.automatic(FORBIDDEN, "not on this system").name()).isEqualTo("nio");
        assertThat(logged())
                .isEqualTo("transport nio (not epoll: operation not permitted; not io_uring: not on this system)");
    }

    @Test
    void aSetting_isFollowed() throws IOException {
        assertThat(Transport.choose(TransportChoice.NIO).name()).isEqualTo("nio");
        assertThat(logged()).isEqualTo("transport nio (as set)");
    }

    private String logged() {
        assertThat(log.list).hasSize(1);
        return log.list.getFirst().getFormattedMessage();
    }
}
