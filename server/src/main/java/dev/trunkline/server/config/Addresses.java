package dev.trunkline.server.config;

import dev.trunkline.pooler.backend.UnixSockets;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The forms in which the file names hosts. Names are not resolved here. */
final class Addresses {
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,252}[A-Za-z0-9])?\\.?");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}(%[A-Za-z0-9._-]+)?");
    private static final Pattern HOST_PORT = Pattern.compile("(?:\\[([^\\]]+)\\]|([^:\\[\\]]+)):(\\d{1,5})");
    private static final int MAX_PORT = 65_535;

    private Addresses() {}

    /** Reads an address to listen on: {@code *}, an address or a host name. */
    static String listen(String text) throws BadValue {
        if (!text.equals("*") && !isHost(text)) {
            throw new BadValue("expected * for all addresses, an IP address or a host name");
        }
        return text;
    }

    /** Reads the directory of Unix sockets: absolute, {@code @} and a name, or empty. */
    static String socketDirectory(String text) throws BadValue {
        if (!text.isEmpty() && !isSocketDirectory(text)) {
            throw new BadValue("expected the absolute path of a directory, such as /run/trunkline, or @ and a name");
        }
        try {
            return Path.of(text).toString();
        } catch (InvalidPathException e) {
            throw new BadValue("that is no path here: " + e.getReason());
        }
    }

    /** Reads {@code host:port}, {@code [IPv6]:port} or {@code /directory:port}. */
    static HostPort hostPort(String text) throws BadValue {
        Matcher matcher = HOST_PORT.matcher(text);
        if (!matcher.matches()) {
            throw new BadValue(
                    "expected host:port, such as 10.0.0.1:5432, or /directory:port for a Unix socket, such as"
                            + " /run/postgresql:5432");
        }
        String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
        int port = Integer.parseInt(matcher.group(3));
        if (!isHost(host) && !isSocketDirectory(host)) {
            throw new BadValue(
                    "\"" + host + "\" is neither a host name nor an IP address nor an absolute path of a directory");
        }
        if (port < 1 || port > MAX_PORT) {
            throw new BadValue("port " + port + " is outside 1 to " + MAX_PORT);
        }
        if (isSocketDirectory(host)) {
            checkLength(UnixSockets.path(host, port));
        }
        return new HostPort(host, port);
    }

    /** Refuses the path of a Unix socket that the kernel would not take. */
    static void checkLength(String path) throws BadValue {
        if (!UnixSockets.fits(path)) {
            throw new BadValue("the path of the Unix socket " + path + " is longer than the "
                    + UnixSockets.MAX_PATH_BYTES + " bytes that the kernel allows");
        }
    }

    /** Reads the base address of a Patroni REST API, without a path. */
    static URI restApi(String text) throws BadValue {
        return web(text, "the address of a Patroni REST API, such as http://10.0.0.1:8008");
    }

    /** Reads a client address of etcd, without a path. */
    static URI etcd(String text) throws BadValue {
        return web(text, "a client address of etcd, such as http://10.0.0.1:2379");
    }

    private static URI web(String text, String expected) throws BadValue {
        URI uri = uri(text);
        boolean bare = uri.getPath() == null
                || uri.getPath().isEmpty()
                || uri.getPath().equals("/");
        boolean plain = bare && uri.getQuery() == null && uri.getFragment() == null && uri.getUserInfo() == null;
        boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
        if (!web || uri.getHost() == null || !plain) {
            throw new BadValue("expected " + expected);
        }
        return uri;
    }

    private static URI uri(String text) throws BadValue {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw new BadValue("it is not a URL: " + e.getReason());
        }
    }

    private static boolean isSocketDirectory(String text) {
        return UnixSockets.isDirectory(text) && text.indexOf('\0') < 0 && !text.equals("@");
    }

    private static boolean isHost(String text) {
        return HOST.matcher(text).matches()
                || (text.indexOf(':') >= 0 && IPV6.matcher(text).matches());
    }
}
