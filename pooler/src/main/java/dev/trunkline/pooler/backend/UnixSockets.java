package dev.trunkline.pooler.backend;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How PostgreSQL and its clients name Unix sockets: by a directory in the place of a host, and a port.
 *
 * <p>A directory that begins with {@code @} is none: the socket is an abstract one, which Linux keeps outside of the file system
 * under a name that begins with a NUL character, for which the sign stands. Source: PostgreSQL manual, "Parameter Key Words"
 * (host); pqcomm.h (UNIXSOCK_PATH).
 */
public final class UnixSockets {
    /** Longest path in bytes that the kernel takes. Source: unix(7), sun_path, without the NUL character at its end. */
    public static final int MAX_PATH_BYTES = 107;

    private static final String NAME = "/.s.PGSQL.";
    private static final Pattern PATH = Pattern.compile("(.*)/\\.s\\.PGSQL\\.(\\d{1,5})", Pattern.DOTALL);

    private UnixSockets() {}

    /** True if that host is a directory for Unix sockets, or the beginning of an abstract name. */
    public static boolean isDirectory(String host) {
        return host.startsWith("/") || isAbstract(host);
    }

    /** True for a directory or path of abstract sockets. */
    public static boolean isAbstract(String path) {
        return path.startsWith("@");
    }

    /** The path of the socket; {@code @} stands for the NUL character of an abstract one. */
    public static String path(String directory, int port) {
        // The root directory ends with the slash that the others need.
        return (directory.equals("/") ? "" : directory) + NAME + port;
    }

    /** False if the kernel cannot take that path, because it is too long. */
    public static boolean fits(String path) {
        return path.getBytes(StandardCharsets.UTF_8).length <= MAX_PATH_BYTES;
    }

    /** The port in a path that {@link #path} has made, or 0 if it is another. */
    public static int port(String path) {
        Matcher matcher = PATH.matcher(path);
        return matcher.matches() ? Integer.parseInt(matcher.group(2)) : 0;
    }

    /** A path as {@code directory:port}, which is how it is configured; another is left as it is. */
    static String hostAndPort(String path) {
        String shown = path.replace('\0', '@');
        Matcher matcher = PATH.matcher(shown);
        return matcher.matches() ? matcher.group(1) + ":" + matcher.group(2) : shown;
    }
}
