package dev.trunkline.server.differential;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the log of the hundreds of proxies that are started here to what is wrong. */
final class Quiet implements AutoCloseable {
    private final Logger logger = (Logger) LoggerFactory.getLogger("dev.trunkline");
    private final Level before = logger.getLevel();

    Quiet() {
        logger.setLevel(Level.ERROR);
    }

    @Override
    public void close() {
        logger.setLevel(before);
    }
}
