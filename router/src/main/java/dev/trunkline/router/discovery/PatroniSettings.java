package dev.trunkline.router.discovery;

import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * How Patroni is asked.
 *
 * @param urls the REST addresses of some or all members, {@code http} or {@code https} with a host, at least one; their paths
 *     are ignored
 * @param nodeLimit after which a node counts as silent and the next one is asked
 * @param maxBody bytes of an answer beyond which it is refused
 */
public record PatroniSettings(List<URI> urls, Duration nodeLimit, int maxBody) {
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
    public static PatroniSettings of(List<URI> urls) {
        return new PatroniSettings(urls, Duration.ofSeconds(1), 1 << 20);
    }

    /** Whether an address can be asked at all. */
    static boolean isUsable(URI url) {
        boolean http = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
        return http && url.getHost() != null;
    }

    private static void requireUsable(URI url) {
        if (!isUsable(url)) {
            throw new IllegalArgumentException("\"" + url + "\" is not an address like http://10.0.0.1:8008");
        }
    }
}
