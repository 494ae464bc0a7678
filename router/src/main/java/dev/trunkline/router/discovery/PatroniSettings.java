package dev.trunkline.router.discovery;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How Patroni is asked.
 *
 * @param urls the REST addresses of some or all members, {@code http} or {@code https} with a host, at least one; their paths
 *     are ignored
 * @param nodeLimit after which a node counts as silent; the next one is asked before that, see {@link FirstAnswer#PATIENCE}
 * @param maxBody bytes of an answer beyond which it is refused
 * @param login who asks for a switchover; null if nobody has to say so
 * @param tls for {@code https} addresses: whom to believe, and what to show; null for the JVM's own
 */
public record PatroniSettings(
        List<URI> urls,
        Duration nodeLimit,
        int maxBody,
        @Nullable Login login,
        @Nullable SSLContext tls) {
    /**
     * Who asks for what changes something (Patroni's {@code restapi.authentication}, basic authentication of RFC 7617).
     *
     * @param password in plain text; in no log
     */
    public record Login(String user, String password) {
        public Login {
            if (user.indexOf(':') >= 0) {
                throw new IllegalArgumentException("the name of a user of Patroni's API has no colon");
            }
        }

        String header() {
            byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
            return "Basic " + Base64.getEncoder().encodeToString(pair);
        }

        @Override
        public String toString() {
            return "Login[" + user + "]";
        }
    }

    public PatroniSettings {
        urls = List.copyOf(urls);
        if (urls.isEmpty()) {
            throw new IllegalArgumentException("no address of Patroni is given");
        }
        urls.forEach(PatroniSettings::requireUsable);
        if (nodeLimit.isZero() || nodeLimit.isNegative()) {
            throw new IllegalArgumentException("the time limit of a node must be longer than nothing");
        }
        if (maxBody < 1) {
            throw new IllegalArgumentException("the largest answer must have at least 1 byte");
        }
    }

    /** 1 s for each node, 1 MiB. */
    public static PatroniSettings of(List<URI> urls, @Nullable Login login, @Nullable SSLContext tls) {
        return new PatroniSettings(urls, Duration.ofSeconds(1), 1 << 20, login, tls);
    }

    private static void requireUsable(URI url) {
        if (!HttpCalls.isUsable(url)) {
            throw new IllegalArgumentException("\"" + url + "\" is not an address like http://10.0.0.1:8008");
        }
    }
}
