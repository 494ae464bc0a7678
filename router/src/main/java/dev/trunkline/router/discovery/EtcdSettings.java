package dev.trunkline.router.discovery;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How etcd is asked.
 *
 * @param urls client addresses of some or all members of etcd, {@code http} or {@code https} with a host, at least one; their
 *     paths are ignored
 * @param prefix what the keys of the cluster begin with, as {@code /service/main/}
 * @param nodeLimit after which a member counts as silent and the next one is asked
 * @param maxBody bytes of an answer, or of one message of a watch, beyond which it is refused
 * @param login who asks; null if etcd has no authentication
 * @param tls for {@code https} addresses: whom to believe, and what to show; null for the JVM's own
 */
public record EtcdSettings(
        List<URI> urls,
        String prefix,
        Duration nodeLimit,
        int maxBody,
        @Nullable Login login,
        @Nullable SSLContext tls) {
    /**
     * A user of etcd.
     *
     * @param password in plain text; in no log
     */
    public record Login(String user, String password) {
        @Override
        public String toString() {
            return "Login[" + user + "]";
        }
    }

    public EtcdSettings {
        urls = List.copyOf(urls);
        if (urls.isEmpty()) {
            throw new IllegalArgumentException("no address of etcd is given");
        }
        for (URI url : urls) {
            if (!HttpCalls.isUsable(url)) {
                throw new IllegalArgumentException("\"" + url + "\" is not an address like http://10.0.0.1:2379");
            }
        }
        if (!prefix.endsWith("/")) {
            throw new IllegalArgumentException("the prefix \"" + prefix + "\" does not end with a slash");
        }
        if (nodeLimit.isZero() || nodeLimit.isNegative()) {
            throw new IllegalArgumentException("the time limit of a node must be longer than nothing");
        }
        if (maxBody < 1) {
            throw new IllegalArgumentException("the largest answer must have at least 1 byte");
        }
    }

    /** 1 s for each member; 4 MiB, for the history of a cluster may fill one value of 1.5 MiB, which is sent in base 64. */
    public static EtcdSettings of(List<URI> urls, String prefix, @Nullable Login login, @Nullable SSLContext tls) {
        return new EtcdSettings(urls, prefix, Duration.ofSeconds(1), 4 << 20, login, tls);
    }
}
