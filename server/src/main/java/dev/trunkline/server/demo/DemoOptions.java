package dev.trunkline.server.demo;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What the user chose.
 *
 * @param port where every transaction is routed, 1 to 65534; the port after it only reads
 * @param httpPort where metrics and health are, 1 to 65535
 * @param cache the directory for what the next start can use again, and for the data of this one
 */
public record DemoOptions(int port, int httpPort, Path cache) {
    public static final int DEFAULT_PORT = 6432;
    public static final int DEFAULT_HTTP_PORT = 8404;

    /**
     * The place for the cache: inside the tree that was built, so that deleting the tree deletes it, else where the user's
     * caches are ({@code XDG_CACHE_HOME}).
     */
    public static Path defaultCache() {
        String home = System.getProperty("trunkline.home");
        if (home != null && Files.exists(Path.of(home, "server", "pom.xml"))) {
            return Path.of(home, "server", "target", "demo-cache");
        }
        return userCaches().resolve("trunkline-demo");
    }

    private static Path userCaches() {
        @Nullable String caches = System.getenv("XDG_CACHE_HOME");
        return caches != null && !caches.isEmpty()
                ? Path.of(caches)
                : Path.of(System.getProperty("user.home"), ".cache");
    }

    /** Where reads go. */
    int readPort() {
        return port + 1;
    }
}
