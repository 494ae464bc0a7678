package dev.trunkline.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.joran.spi.JoranException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

class LoggingTest {
    private static ConsoleAppender<ILoggingEvent> appender(LoggerContext context) throws JoranException {
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(LoggingTest.class.getResource("/logback.xml"));
        return (ConsoleAppender<ILoggingEvent>)
                context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("STDERR");
    }

    private static String line(String message, @Nullable Throwable failure) throws JoranException {
        LoggerContext context = new LoggerContext();
        ConsoleAppender<ILoggingEvent> appender = appender(context);
        ILoggingEvent event =
                new LoggingEvent("x", context.getLogger("dev.trunkline.Some"), Level.INFO, message, failure, null);
        String line = new String(appender.getEncoder().encode(event), UTF_8);
        context.stop();
        return line;
    }

    @Test
    void logback_writesToStandardError() throws JoranException {
        LoggerContext context = new LoggerContext();
        assertThat(appender(context).getTarget()).isEqualTo("System.err");
        context.stop();
    }

    @Test
    void logback_anEventIsOneLineWithAnIsoTime() throws JoranException {
        assertThat(line("hello", null))
                .matches(
                        "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}(Z|[+-]\\d\\d:\\d\\d) INFO  \\[[^]]+] Some: hello\n");
    }

    @Test
    void logback_aMessageCannotForgeALine() throws JoranException {
        assertThat(line("user \"a\n2026-01-01T00:00:00.000Z INFO  [x] Some: b\"", null)
                        .lines())
                .hasSize(1);
    }

    @Test
    void logback_aFailureStaysOnTheLine() throws JoranException {
        assertThat(line("failed", new IllegalStateException("why\nand how")).lines())
                .singleElement()
                .asString()
                .doesNotEndWith(" ")
                .contains("failed java.lang.IllegalStateException: why | and how | at ");
    }
}
