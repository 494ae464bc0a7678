package dev.trunkline.server.patroni;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** A program that runs to its end. */
final class Command {
    private static final int LIMIT_SECONDS = 60;

    private Command() {}

    /**
     * Returns what it has printed.
     *
     * @throws IOException if it does not end well, with what it has printed
     */
    static String run(ProcessBuilder builder) throws IOException, InterruptedException {
        Process process = builder.redirectErrorStream(true).start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", builder.command()) + ": " + printed);
        }
        return printed;
    }

    /** Sends a signal, as {@code STOP}, to all of {@code processes} at once. */
    static void signal(String signal, List<ProcessHandle> processes) throws IOException, InterruptedException {
        LongStream numbers = processes.stream().mapToLong(ProcessHandle::pid);
        run(new ProcessBuilder(Stream.concat(Stream.of("kill", "-" + signal), numbers.mapToObj(Long::toString))
                .toList()));
    }
}
