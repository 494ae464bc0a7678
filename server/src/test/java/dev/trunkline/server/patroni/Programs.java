package dev.trunkline.server.patroni;

import dev.trunkline.server.testing.PostgresPrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The programs of a cluster, and the user that they run as: PostgreSQL refuses to be root.
 *
 * @param patroni Patroni's program
 * @param etcd etcd's program
 * @param postgres PostgreSQL's programs
 */
record Programs(Path patroni, Path etcd, PostgresPrograms postgres) {
    private static final int FIRST_THAT_MAY_WAKE = 3_00_03;

    /** Finds them; a test that needs them must not be skipped, so what is missing is an error that tells what to install. */
    static Programs find() {
        List<String> missing = new ArrayList<>();
        Path patroni = Path.of(
                System.getProperty("drill.patroni", onPath("patroni", missing).toString()));
        Path etcd = onPath("etcd", missing);
        PostgresPrograms postgres = PostgresPrograms.find(missing);
        if (!missing.isEmpty()) {
            throw new AssertionError("these are needed and are not here: " + String.join(", ", missing)
                    + "; bin/verify installs them (on Debian: apt-get install patroni etcd-server postgresql)");
        }
        return new Programs(patroni, etcd, postgres);
    }

    /** Patroni's command for operators, which comes with it. */
    Path patronictl() {
        return patroni.resolveSibling("patronictl");
    }

    /** Patroni's, as {@code 3.0.2}. */
    String patroniVersion() throws IOException, InterruptedException {
        String printed = Command.run(new ProcessBuilder(patroni.toString(), "--version"));
        return printed.substring(printed.lastIndexOf(' ') + 1);
    }

    /** False for a Patroni that takes a lock for its own which it has lost while it slept; mended in 3.0.3. */
    boolean mayWake() throws IOException, InterruptedException {
        int number = 0;
        for (String part : patroniVersion().split("\\.", -1)) {
            number = number * 100 + Integer.parseInt(part);
        }
        return number >= FIRST_THAT_MAY_WAKE;
    }

    /** A process builder for {@code words} that runs them as an ordinary user, in {@code directory}. */
    ProcessBuilder command(Path directory, List<String> words) {
        return postgres.command(directory, words);
    }

    /** Gives {@code file} to the user that the programs run as. */
    static void own(Path file) throws IOException {
        PostgresPrograms.own(file);
    }

    private static Path onPath(String program, List<String> missing) {
        for (String directory : System.getenv("PATH").split(":", -1)) {
            Path file = Path.of(directory, program);
            if (Files.isExecutable(file)) {
                return file;
            }
        }
        missing.add(program);
        return Path.of(program);
    }
}
