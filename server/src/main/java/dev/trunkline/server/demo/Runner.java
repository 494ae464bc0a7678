package dev.trunkline.server.demo;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs PostgreSQL's programs, which refuse to be run by root. For root they run in a user namespace of their own, where root's
 * files are still theirs, or, where that is forbidden, as user 65534.
 *
 * @param prefix what stands before each command
 * @param owner the numeric user who must own the data; null if that is who runs this program
 */
record Runner(List<String> prefix, @Nullable String owner) {
    private static final String NOBODY = "65534";
    private static final Runner DIRECT = new Runner(List.of(), null);
    private static final Runner NAMESPACE = new Runner(List.of("unshare", "--user"), null);
    private static final Runner OTHER_USER =
            new Runner(List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"), NOBODY);
    private static final int LOG_LINES = 12;

    /** The way that works for who runs this program. */
    static Runner find() throws DemoException, InterruptedException {
        if (new UnixSystem().getUid() != 0) {
            return DIRECT;
        }
        if (NAMESPACE.works()) {
            return NAMESPACE;
        }
        if (OTHER_USER.works()) {
            return OTHER_USER;
        }
        throw new DemoException("PostgreSQL does not run as root, and neither unshare --user nor setpriv works here;"
                + " start the demo as another user");
    }

    private boolean works() throws InterruptedException {
        List<String> words = new ArrayList<>(prefix);
        words.add("true");
        try {
            Process process = new ProcessBuilder(words)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor() == 0;
        } catch (IOException e) {
            // There is no such program.
            return false;
        }
    }

    /** Lets PostgreSQL own {@code directory}, if it runs as another user. */
    void own(Path directory) throws IOException {
        if (owner != null) {
            FileTrees.give(
                    directory,
                    directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(owner));
        }
    }

    /**
     * Runs {@code command} and returns when it has ended. An interrupt is obeyed only then: a program that is killed half-way
     * could leave a server behind that nobody knows.
     *
     * @throws DemoException if it fails or takes too long, with the last lines of its log
     */
    void run(Command command) throws DemoException, IOException, InterruptedException {
        Process process = start(command);
        int status = waitFor(process, command);
        if (status != 0) {
            throw new DemoException(command.program() + " ended with " + status + ":\n" + tail(command.log()));
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    private Process start(Command command) throws IOException {
        List<String> words = new ArrayList<>(prefix);
        words.addAll(command.words());
        ProcessBuilder builder = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(command.log().toFile()));
        // The user's own settings for PostgreSQL are for other servers; messages are matched, so they must be English.
        builder.environment().keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LC_"));
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        try (OutputStream input = process.getOutputStream()) {
            input.write(command.input().getBytes(StandardCharsets.UTF_8));
        }
        return process;
    }

    private static int waitFor(Process process, Command command) throws DemoException {
        try {
            // join(), unlike waitFor(), does not end with an interrupt.
            return process.onExit()
                    .orTimeout(command.limit().toMillis(), TimeUnit.MILLISECONDS)
                    .join()
                    .exitValue();
        } catch (CompletionException e) {
            process.destroyForcibly();
            throw new DemoException(
                    command.program() + " took longer than " + command.limit().toSeconds() + " s", e);
        }
    }

    private static String tail(Path log) throws IOException {
        List<String> lines = Files.readAllLines(log);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
    }
}
