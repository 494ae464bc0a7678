package dev.trunkline.server.config;

import java.net.URI;
import java.util.List;

/** Who tells which server of a cluster is the leader. */
public sealed interface ClusterSource {
    /** The HTTP APIs that are asked on the way. */
    default List<ApiAccess> apis() {
        return List.of();
    }

    /**
     * Patroni's REST API.
     *
     * @param urls base addresses of one or more members, each with a scheme and a host, without a path
     * @param access its user is who asks for a switchover
     */
    record Patroni(List<URI> urls, ApiAccess access) implements ClusterSource {
        public Patroni {
            urls = List.copyOf(urls);
        }

        @Override
        public List<ApiAccess> apis() {
            return List.of(access);
        }
    }

    /**
     * The etcd in which Patroni keeps its state.
     *
     * @param urls base addresses of one or more members of etcd, each with a scheme and a host, without a path
     * @param prefix what the keys of the cluster begin with: {@code /namespace/scope/}
     * @param access to etcd
     * @param patroniApi to Patroni's REST API, which is asked for a switchover
     */
    record Etcd(List<URI> urls, String prefix, ApiAccess access, ApiAccess patroniApi) implements ClusterSource {
        public Etcd {
            urls = List.copyOf(urls);
        }

        @Override
        public List<ApiAccess> apis() {
            return List.of(access, patroniApi);
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
