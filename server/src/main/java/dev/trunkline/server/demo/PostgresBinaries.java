package dev.trunkline.server.demo;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import org.tukaani.xz.XZInputStream;

/**
 * PostgreSQL's programs, unpacked from the archive on the class path (one {@code postgres-SYSTEM-ARCH.txz} with {@code bin},
 * {@code lib} and {@code share}).
 *
 * @param home the directory with {@code bin} in it; its name is that of the jar, so each version has its own
 */
record PostgresBinaries(Path home) {
    /** Unpacks them, unless an earlier start has done so. */
    static PostgresBinaries unpack(Path cache, Progress progress)
            throws DemoException, IOException, InterruptedException {
        URL archive = archive();
        Path home = cache.resolve(jarName(archive));
        if (!Files.isDirectory(home)) {
            progress.step("unpacking " + home.getFileName() + " (first start only)");
            Path half = Files.createTempDirectory(cache, "unpacking-");
            try {
                extract(archive, half);
                // They may have to be run by another user.
                Files.setPosixFilePermissions(half, PosixFilePermissions.fromString("rwxr-xr-x"));
                Files.move(half, home, ATOMIC_MOVE);
            } finally {
                FileTrees.delete(half);
            }
        }
        return new PostgresBinaries(home);
    }

    private static URL archive() throws DemoException {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch");
        String name = "/postgres-" + (system.startsWith("mac") ? "darwin" : system) + "-"
                + (arch.equals("aarch64") ? "arm_64" : "x86_64") + ".txz";
        URL archive = PostgresBinaries.class.getResource(name);
        if (archive == null) {
            throw new DemoException("there is no PostgreSQL for " + system + " on " + arch + " on the class path ("
                    + name + "); the demo runs on Linux and macOS");
        }
        return archive;
    }

    /** {@code jar:file:/x/NAME.jar!/archive} gives NAME. */
    private static String jarName(URL archive) {
        String jar = archive.getPath().replaceFirst("!.*", "");
        return String.valueOf(Path.of(URI.create(jar)).getFileName()).replaceFirst("\\.jar$", "");
    }

    private static void extract(URL archive, Path target) throws DemoException, IOException, InterruptedException {
        // -o: the files belong to who unpacks them.
        Process tar = new ProcessBuilder(List.of("tar", "-x", "-o", "-f", "-", "-C", target.toString()))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (InputStream packed = archive.openStream();
                InputStream unpacked = new XZInputStream(packed);
                OutputStream input = tar.getOutputStream()) {
            unpacked.transferTo(input);
        }
        if (tar.waitFor() != 0) {
            throw new DemoException("tar could not unpack " + archive + " into " + target);
        }
    }

    /** The path of one of {@code initdb}, {@code pg_ctl} and {@code postgres}. */
    String program(String name) {
        return home.resolve("bin").resolve(name).toString();
    }
}
