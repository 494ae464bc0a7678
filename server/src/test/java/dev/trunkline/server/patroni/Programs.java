package dev.trunkline.server.patroni;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The programs of a cluster, and the user that they run as: PostgreSQL refuses to be root.
 *
 * @param patroni Patroni's program
 * @param etcd etcd's program
 * @param postgres the directory with PostgreSQL's programs
 */
record Programs(Path patroni, Path etcd, Path postgres) {
    private static final String SERVER_USER = "postgres";
    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");

    /** Finds them; a test that needs them must not be skipped, so what is missing is an error that tells what to install. */
    static Programs find() {
        List<String> missing = new ArrayList<>();
        Path patroni = onPath("patroni", missing);
        Path etcd = onPath("etcd", missing);
        Path postgres = postgresDirectory(missing);
        if (isRoot() && !Files.isExecutable(Path.of("/usr/bin/setpriv"))) {
            missing.add("setpriv (Debian: util-linux)");
        }
        if (!missing.isEmpty()) {
            throw new AssertionError("these are needed and are not here: " + String.join(", ", missing)
                    + "; bin/verify installs them (on Debian: apt-get install patroni etcd-server postgresql)");
        }
        return new Programs(patroni, etcd, postgres);
    }

    /** A process builder for {@code words} that runs them as an ordinary user, in {@code directory}. */
    ProcessBuilder command(Path directory, List<String> words) {
        List<String> all = new ArrayList<>();
        if (isRoot()) {
            all.addAll(List.of("setpriv", "--reuid", SERVER_USER, "--regid", SERVER_USER, "--init-groups"));
        }
        all.addAll(words);
        ProcessBuilder builder = new ProcessBuilder(all).directory(directory.toFile());
        builder.environment().put("HOME", directory.toString());
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().put("PATH", postgres + ":/usr/bin:/bin");
        return builder;
    }

    /** Gives {@code file} to the user that the programs run as. */
    static void own(Path file) throws IOException {
        if (isRoot()) {
            Files.setOwner(
                    file, file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(SERVER_USER));
        }
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
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

    /** The newest of Debian's, else the one on the path. */
    private static Path postgresDirectory(List<String> missing) {
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
        return onPath("postgres", missing).toAbsolutePath().getParent();
    }

    private static double version(Path bin) {
        return Double.parseDouble(bin.getParent().getFileName().toString());
    }
}
