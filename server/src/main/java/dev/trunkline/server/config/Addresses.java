package dev.trunkline.server.config;

import java.net.URI;
import java.net.URISyntaxException;
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

    /** Reads {@code host:port} or {@code [IPv6]:port}. */
    static HostPort hostPort(String text) throws BadValue {
        Matcher matcher = HOST_PORT.matcher(text);
        if (!matcher.matches()) {
            throw new BadValue("expected host:port, such as 10.0.0.1:5432");
        }
        String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
        int port = Integer.parseInt(matcher.group(3));
        if (!isHost(host)) {
            throw new BadValue("\"" + host + "\" is neither a host name nor an IP address");
        }
        if (port < 1 || port > MAX_PORT) {
            throw new BadValue("port " + port + " is outside 1 to " + MAX_PORT);
        }
        return new HostPort(host, port);
    }

    /** Reads the base address of a Patroni REST API, without a path. */
    static URI restApi(String text) throws BadValue {
        URI uri = uri(text);
        boolean bare = uri.getPath() == null
                || uri.getPath().isEmpty()
                || uri.getPath().equals("/");
        boolean plain = bare && uri.getQuery() == null && uri.getFragment() == null && uri.getUserInfo() == null;
        boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
        if (!web || uri.getHost() == null || !plain) {
            throw new BadValue("expected the address of a Patroni REST API, such as http://10.0.0.1:8008");
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

    private static boolean isHost(String text) {
        return HOST.matcher(text).matches()
                || (text.indexOf(':') >= 0 && IPV6.matcher(text).matches());
    }
}
