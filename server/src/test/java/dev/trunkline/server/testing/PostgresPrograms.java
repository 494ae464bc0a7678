package dev.trunkline.server.testing;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * PostgreSQL's programs as they are installed, and the user that they run as: the server refuses to be root.
 *
 * @param directory where they are
 */
public record PostgresPrograms(Path directory) {
    private static final String SERVER_USER = "postgres";
    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");

    /** Finds them; a test that needs them must not be skipped, so it is an error if they are missing. */
    public static PostgresPrograms find() {
        List<String> missing = new ArrayList<>();
        PostgresPrograms found = find(missing);
        if (!missing.isEmpty()) {
            throw new AssertionError("these are needed and are not here: " + String.join(", ", missing)
                    + "; bin/verify installs them (on Debian: apt-get install postgresql)");
        }
        return found;
    }

    /** The newest of Debian's, else the ones on the path; adds to {@code missing} what is not there. */
    public static PostgresPrograms find(List<String> missing) {
        if (isRoot() && !Files.isExecutable(Path.of("/usr/bin/setpriv"))) {
            missing.add("setpriv (Debian: util-linux)");
        }
        return new PostgresPrograms(newest(missing));
    }

    /** A process builder for {@code words} that runs them as an ordinary user, in {@code directory}. */
    public ProcessBuilder command(Path workingDirectory, List<String> words) {
        List<String> all = new ArrayList<>();
        if (isRoot()) {
            all.addAll(List.of("setpriv", "--reuid", SERVER_USER, "--regid", SERVER_USER, "--init-groups"));
        }
        all.addAll(words);
        ProcessBuilder builder = new ProcessBuilder(all).directory(workingDirectory.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LC_"));
        builder.environment().put("HOME", workingDirectory.toString());
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().put("PATH", directory + ":/usr/bin:/bin");
        return builder;
    }

    /** Gives {@code file} to the user that the programs run as. */
    public static void own(Path file) throws IOException {
        if (isRoot()) {
            Files.setOwner(
                    file, file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(SERVER_USER));
        }
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static Path newest(List<String> missing) {
        if (Files.isDirectory(DEBIAN)) {
            try (Stream<Path> versions = Files.list(DEBIAN)) {
                Path newest = versions.map(version -> version.resolve("bin"))
                        .filter(bin -> Files.isExecutable(bin.resolve("postgres")))
                        .max(Comparator.comparingDouble(bin -> version(bin)))
                        .orElse(null);
                if (newest != null) {
                    return newest;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return onPath(missing);
    }

    private static Path onPath(List<String> missing) {
        for (String directory : System.getenv("PATH").split(":", -1)) {
            if (Files.isExecutable(Path.of(directory, "postgres"))) {
                return Path.of(directory);
            }
        }
        missing.add("postgres");
        return Path.of("/");
    }

    private static double version(Path bin) {
        return Double.parseDouble(requireNonNull(bin.getParent()).getFileName().toString());
    }
}
