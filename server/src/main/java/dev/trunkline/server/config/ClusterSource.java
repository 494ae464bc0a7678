package dev.trunkline.server.config;

import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who tells which server of a cluster is the leader. */
public sealed interface ClusterSource {
    /**
     * Patroni's REST API.
     *
     * @param urls base addresses of one or more members, each with a scheme and a host, without a path
     * @param user who asks it for a switchover; null if it needs no password for that
     */
    record Patroni(List<URI> urls, @Nullable String user) implements ClusterSource {
        public Patroni {
            urls = List.copyOf(urls);
        }
    }

    /**
     * The servers themselves, asked by SQL.
     *
     * @param servers one or more
     */
    record Sql(List<HostPort> servers) implements ClusterSource {
        public Sql {
            servers = List.copyOf(servers);
        }
    }

    /**
     * Nobody: it stands in the file.
     *
     * @param replicas may be empty
     */
    record Static(HostPort leader, List<HostPort> replicas) implements ClusterSource {
        public Static {
            replicas = List.copyOf(replicas);
        }
    }
}
