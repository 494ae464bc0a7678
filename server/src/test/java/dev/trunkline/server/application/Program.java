package dev.trunkline.server.application;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.TestPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** PostgreSQL's own programs, psql and pgbench, as {@code app}. */
final class Program {
    private static final long LIMIT_SECONDS = 100;

    private Program() {}

    /** How a program has ended, with all that it has printed. */
    record End(int status, String output) {
        /** What it printed, if it has succeeded. */
        String success() {
            assertThat(status).as(output).isZero();
            return output;
        }
    }

    /** psql without its start-up file, quiet, with bare rows; stops at the first error. */
    static List<String> psql(int port, String database, String... arguments) {
        return psql("127.0.0.1", port, database, arguments);
    }

    /** @param host may be the directory of a Unix socket */
    static List<String> psql(String host, int port, String database, String... arguments) {
        List<String> words = new ArrayList<>(List.of("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"));
        words.addAll(List.of("-h", host, "-p", String.valueOf(port), "-U", TestPostgres.USER, "-d", database));
        words.addAll(List.of(arguments));
        return words;
    }

    static List<String> pgbench(int port, String database, String... arguments) {
        return pgbench("127.0.0.1", port, database, arguments);
    }

    /** @param host may be the directory of a Unix socket */
    static List<String> pgbench(String host, int port, String database, String... arguments) {
        List<String> words = new ArrayList<>(List.of("pgbench", "-h", host, "-p", String.valueOf(port)));
        words.addAll(List.of("-U", TestPostgres.USER));
        words.addAll(List.of(arguments));
        words.add(database);
        return words;
    }

    static End run(List<String> words, String input) throws IOException, InterruptedException {
        Path in = Files.createTempFile("trunkline-test", ".in");
        Path out = Files.createTempFile("trunkline-test", ".out");
        try {
            Files.writeString(in, input, UTF_8);
            Process process = builder(words)
                    .redirectInput(in.toFile())
                    .redirectOutput(out.toFile())
                    .start();
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(words + " does not end; it printed\n" + Files.readString(out, UTF_8));
            }
            return new End(process.exitValue(), Files.readString(out, UTF_8));
        } finally {
            Files.delete(in);
            Files.delete(out);
        }
    }

    private static ProcessBuilder builder(List<String> words) {
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LC_"));
        builder.environment().put("PGPASSWORD", TestPostgres.PASSWORD);
        builder.environment().put("LC_ALL", "C.UTF-8");
        return builder;
    }

    /** A program that is talked to line by line. */
    static final class Dialogue implements AutoCloseable {
        private final Process process;
        private final BufferedReader out;
        private final OutputStream in;

        Dialogue(List<String> words) throws IOException {
            process = builder(words).start();
            out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
            in = process.getOutputStream();
        }

        void say(String line) throws IOException {
            in.write((line + "\n").getBytes(UTF_8));
            in.flush();
        }

        /** The next line that it prints; null at the end. */
        String hear() throws IOException {
            return out.readLine();
        }

        String ask(String line) throws IOException {
            say(line);
            return hear();
        }

        /** What Ctrl-C does. */
        void interrupt() throws IOException, InterruptedException {
            new ProcessBuilder("kill", "-INT", String.valueOf(process.pid()))
                    .start()
                    .waitFor();
        }

        @Override
        public void close() throws IOException {
            in.close();
            process.destroy();
            process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
        }
    }
}
