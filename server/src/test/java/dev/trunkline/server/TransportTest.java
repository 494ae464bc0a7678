package dev.trunkline.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.trunkline.server.Transport.Chosen;
import dev.trunkline.server.Transport.Obstacles;
import dev.trunkline.server.config.TransportChoice;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class TransportTest {
    private static final Obstacles NONE = new Obstacles(null, null, null);
    private static final Obstacles ALL =
            new Obstacles("not on this system", "operation not permitted", "operation not permitted");

    @Test
    void auto_takesTheFirst() throws IOException {
        assertThat(Transport.choose(TransportChoice.AUTO, NONE))
                .isEqualTo(new Chosen(TransportChoice.EPOLL, "the first choice"));
    }

    @Test
    void auto_saysWhyItTookTheSecond() throws IOException {
        assertThat(Transport.choose(TransportChoice.AUTO, new Obstacles("not on this system", null, null)))
                .isEqualTo(new Chosen(TransportChoice.IO_URING, "not epoll: not on this system"));
    }

    @Test
    void auto_saysWhyItTookTheLast() throws IOException {
        assertThat(Transport.choose(TransportChoice.AUTO, ALL))
                .isEqualTo(new Chosen(
                        TransportChoice.NIO, "not epoll: not on this system; not io_uring: operation not permitted"));
    }

    @Test
    void whatIsNotToBeTakenUnasked_isTakenWhenItIsSet() throws IOException {
        Obstacles here = new Obstacles("not on this system", null, "an option is missing");
        assertThat(Transport.choose(TransportChoice.AUTO, here).which()).isEqualTo(TransportChoice.NIO);
        assertThat(Transport.choose(TransportChoice.IO_URING, here))
                .isEqualTo(new Chosen(TransportChoice.IO_URING, "as set"));
    }

    @Test
    void whatDoesNotWork_isRefusedWithItsReason() {
        assertThatThrownBy(() -> Transport.choose(TransportChoice.IO_URING, ALL))
                .isInstanceOf(IOException.class)
                .hasMessage("transport io_uring does not work here: operation not permitted");
        assertThatThrownBy(() -> Transport.choose(TransportChoice.EPOLL, ALL))
                .isInstanceOf(IOException.class)
                .hasMessage("transport epoll does not work here: not on this system");
    }

    @Test
    void choice_isLoggedWithItsReason() throws IOException {
        Logger logger = (Logger) LoggerFactory.getLogger(Transport.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        try {
            assertThat(Transport.choose(TransportChoice.NIO).name()).isEqualTo("nio");
        } finally {
            logger.detachAppender(log);
        }
        assertThat(log.list).extracting(ILoggingEvent::getFormattedMessage).containsExactly("transport nio (as set)");
    }
}
