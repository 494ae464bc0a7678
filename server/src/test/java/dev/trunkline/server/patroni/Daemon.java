package dev.trunkline.server.patroni;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A program of a run that goes on until it is ended, with its log in a file. */
final class Daemon {
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration END = Duration.ofSeconds(10);

    private final String name;
    private final Address listen;
    private final Path log;
    private final ProcessBuilder builder;
    private volatile Process process;

    /** @param listen where it accepts connections once it has started */
    Daemon(String name, ProcessBuilder builder, Address listen, Path log) {
        this.name = name;
        this.listen = listen;
        this.log = log;
        this.builder = builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    }

    /** Returns when it accepts connections. */
    void start() throws IOException, InterruptedException {
        process = builder.start();
        Await.until(START, this::accepts, () -> name + " accepts no connections; its log:\n" + logTail());
    }

    /** SIGKILL; returns when it is gone. */
    void kill() throws InterruptedException {
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }

    /** SIGTERM, and SIGKILL if that does not help. */
    void stop() throws InterruptedException {
        if (process != null) {
            process.destroy();
            if (!process.waitFor(END)) {
                kill();
            }
        }
    }

    private boolean accepts() throws IOException {
        if (!process.isAlive()) {
            throw new IOException(name + " has ended");
        }
        try (var socket = new Socket(listen.host(), listen.port())) {
            return socket.isConnected();
        }
    }

    private String logTail() {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
        } catch (IOException e) {
            return e.toString();
        }
    }
}
