package dev.trunkline.server.config;

import java.net.URI;
import java.util.List;

/** Who tells which server of a cluster is the leader. */
public sealed interface ClusterSource {
    /**
     * Patroni's REST API.
     *
     * @param urls base addresses of one or more members, each with a scheme and a host, without a path
     */
    record Patroni(List<URI> urls) implements ClusterSource {
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
