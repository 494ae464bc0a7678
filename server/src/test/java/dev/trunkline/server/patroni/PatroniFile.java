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

    /** @param clients from where others come, in CIDR notation */
    static String of(PatroniNode.Place place, String clients, Path postgres) {
        return """
                scope: %s
                name: %s
                restapi:
                  listen: %s
                  connect_address: %s
                  authentication: { username: %s, password: %s }
                etcd3:
                  host: %s
                """.formatted(SCOPE, place.name(), place.api(), place.publishedRest(), REST_USER, PASSWORD, place.etcd())
                + DYNAMIC
                + postgresql(place, clients, postgres);
    }

    private static String postgresql(PatroniNode.Place place, String clients, Path postgres) {
        return """
                postgresql:
                  listen: %1$s
                  connect_address: %1$s
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
                    - host replication replicator %6$s scram-sha-256
                    - host all all %6$s scram-sha-256
                  parameters:
                    unix_socket_directories: %2$s
                    password_encryption: scram-sha-256
                    shared_buffers: 32MB
                    fsync: "off"
                    jit: "off"
                """.formatted(place.postgres(), place.directory(), postgres, SUPERUSER, PASSWORD, clients);
    }
}
