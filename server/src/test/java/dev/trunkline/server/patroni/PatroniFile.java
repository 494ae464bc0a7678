package dev.trunkline.server.patroni;

import dev.trunkline.server.testing.TestPostgres;
import java.nio.file.Path;

/** The text of a node's patroni.yml. */
final class PatroniFile {
    static final String SCOPE = "drill";
    static final String SUPERUSER = "postgres";
    /** Of all users. */
    static final String PASSWORD = TestPostgres.PASSWORD;
    /** Who may ask the REST API for what changes something. */
    static final String REST_USER = "rest";

    /** As fast as Patroni 3.0 and 3.1 allow. From 3.2 on Patroni itself lifts the ttl to 20. */
    private static final String DYNAMIC = """
            bootstrap:
              dcs:
                ttl: 10
                loop_wait: 2
                retry_timeout: 3
                maximum_lag_on_failover: 1048576
                postgresql:
                  use_pg_rewind: true
                  use_slots: true
                  parameters:
                    max_connections: 100
                    wal_level: replica
                    hot_standby: "on"
                    wal_log_hints: "on"
                    wal_keep_size: 256MB
              initdb: [ {encoding: UTF8}, {locale: C}, data-checksums, no-sync ]
            """;

    private PatroniFile() {}

    /** @param restPort what Patroni listens on, which is not what it publishes */
    static String of(PatroniNode.Place place, int restPort, Path postgres) {
        return """
                scope: %s
                name: %s
                restapi:
                  listen: 127.0.0.1:%d
                  connect_address: 127.0.0.1:%d
                  authentication: { username: %s, password: %s }
                etcd3:
                  host: 127.0.0.1:%d
                """.formatted(
                        SCOPE, place.name(), restPort, place.publishedRestPort(), REST_USER, PASSWORD, place.etcdPort())
                + DYNAMIC
                + postgresql(place, postgres);
    }

    private static String postgresql(PatroniNode.Place place, Path postgres) {
        return """
                postgresql:
                  listen: 127.0.0.1:%1$d
                  connect_address: 127.0.0.1:%1$d
                  data_dir: %2$s/data
                  bin_dir: %3$s
                  pgpass: %2$s/pgpass
                  authentication:
                    superuser: {username: %4$s, password: %5$s}
                    replication: {username: replicator, password: %5$s}
                    rewind: {username: rewinder, password: %5$s}
                  basebackup: [ {checkpoint: fast}, no-sync ]
                  pg_hba:
                    - local all all trust
                    - host replication replicator 127.0.0.1/32 scram-sha-256
                    - host all all 127.0.0.1/32 scram-sha-256
                  parameters:
                    unix_socket_directories: %2$s
                    password_encryption: scram-sha-256
                    shared_buffers: 32MB
                    fsync: "off"
                    jit: "off"
                """.formatted(place.postgresPort(), place.directory(), postgres, SUPERUSER, PASSWORD);
    }
}
