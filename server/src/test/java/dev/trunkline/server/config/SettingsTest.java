package dev.trunkline.server.config;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Pins every name and every default: a change of either is a change that users see. */
class SettingsTest {
    private static final List<String> PINNED = """
            GLOBAL listeners required
            GLOBAL unix_socket_dir `""`
            GLOBAL unix_socket_mode `0777`
            GLOBAL unix_socket_group `""`
            GLOBAL http no HTTP endpoint
            GLOBAL clusters required
            GLOBAL databases required
            GLOBAL users no exceptions
            GLOBAL users_file required unless `auth_type` is `trust`
            GLOBAL auth_type `scram-sha-256`
            GLOBAL admin_users `[]`
            GLOBAL stats_users `[]`
            GLOBAL pool_mode `transaction`
            GLOBAL default_pool_size `20`
            GLOBAL min_pool_size `0`
            GLOBAL max_db_connections `0`
            GLOBAL max_user_connections `0`
            GLOBAL max_prepared_statements `200`
            GLOBAL reuse_unnamed_statements `off`
            GLOBAL session_state `replay`
            GLOBAL max_pinned_share `50`
            GLOBAL listen `pin`
            GLOBAL listen_gap_notice `false`
            GLOBAL max_notification_queue `1MB`
            GLOBAL server_lifetime `1h`
            GLOBAL server_idle_timeout `10m`
            GLOBAL server_check_delay `30s`
            GLOBAL server_connect_timeout `15s`
            GLOBAL server_login_retry `1s`
            GLOBAL server_round_robin `false`
            GLOBAL server_reset_query `DISCARD ALL`
            GLOBAL server_allow_cleartext_password `false`
            GLOBAL server_max_protocol_version `3.2`
            GLOBAL catalog_refresh `1m`
            GLOBAL max_client_conn `10000`
            GLOBAL max_replication_connections `10`
            GLOBAL max_tcp_connections `100`
            GLOBAL client_login_timeout `1m`
            GLOBAL client_idle_timeout `0`
            GLOBAL idle_transaction_timeout `0`
            GLOBAL query_wait_timeout `2m`
            GLOBAL cancel_wait_timeout `10s`
            GLOBAL ignore_startup_parameters `[]`
            GLOBAL max_packet_size `1073741823`
            GLOBAL max_client_prepared_bytes `64MB`
            GLOBAL prepared_cache_size `16MB`
            GLOBAL workers `0`
            GLOBAL pool_slice_size `20`
            GLOBAL transport `auto`
            GLOBAL shutdown_timeout `1m`
            GLOBAL pause_wait `1m`
            GLOBAL listen_backlog `1024`
            GLOBAL tcp_keepalive `true`
            GLOBAL log_connections `true`
            GLOBAL log_disconnections `true`
            LISTENER address `"*"`
            LISTENER port required
            LISTENER route `auto`
            LISTENER include_leader `false`
            LISTENER mode `pool`
            LISTENER cluster the only cluster; required if there are several
            HTTP address `"127.0.0.1"`
            HTTP port required
            CLUSTER patroni one of `patroni`, `etcd`, `sql` and `leader` is required
            CLUSTER patroni_user nobody; an API with `restapi.authentication` then refuses a `SWITCHOVER`
            CLUSTER patroni_ca_file the JVM's own list
            CLUSTER patroni_cert_file none is shown
            CLUSTER patroni_key_file required beside `patroni_cert_file`
            CLUSTER patroni_verify_host `true`
            CLUSTER etcd one of `patroni`, `etcd`, `sql` and `leader` is required
            CLUSTER etcd_scope required beside `etcd`
            CLUSTER etcd_namespace `/service`
            CLUSTER etcd_user nobody; an etcd with authentication then refuses
            CLUSTER etcd_ca_file the JVM's own list
            CLUSTER etcd_cert_file none is shown
            CLUSTER etcd_key_file required beside `etcd_cert_file`
            CLUSTER etcd_verify_host `true`
            CLUSTER sql one of `patroni`, `etcd`, `sql` and `leader` is required
            CLUSTER leader one of `patroni`, `etcd`, `sql` and `leader` is required
            CLUSTER replicas none
            CLUSTER max_replica_lag `16MB`
            CLUSTER max_replica_lag_time `0`
            CLUSTER replica_choice `least`
            CLUSTER replica_weights each member's tag `trunkline_weight`, or 1
            CLUSTER prefer_tag `[]`
            CLUSTER prefer_sync `false`
            CLUSTER replica_ramp `10s`
            CLUSTER failover_hold `30s`
            CLUSTER max_held_clients `0`
            CLUSTER switchover_wait `10s`
            CLUSTER poll_interval `1s`
            CLUSTER suspect_interval `50ms`
            CLUSTER wal_sample_interval `10ms`
            CLUSTER check_user nobody asks; what a server reports at a login counts
            CLUSTER check_dbname `postgres`
            DATABASE cluster required
            DATABASE dbname the name that the client asked for
            DATABASE user the client's own user
            DATABASE route `auto`
            DATABASE read_routing `explicit`
            DATABASE include_leader `false`
            DATABASE no_replica `wait` where `route` is `replica`, `leader` elsewhere and with `include_leader`
            DATABASE consistency `session` with `read_routing: auto`, else `eventual`
            DATABASE pool_mode the general value
            DATABASE pool_size the general `default_pool_size`
            DATABASE default_pool_size `pool_size`
            DATABASE min_pool_size the general value
            DATABASE max_db_connections the general value
            DATABASE query_wait_timeout the general value
            DATABASE server_lifetime the general value
            DATABASE max_prepared_statements the general value
            DATABASE reuse_unnamed_statements the general value
            DATABASE session_state the general value
            DATABASE max_pinned_share the general value
            DATABASE listen the general value
            DATABASE listen_gap_notice the general value
            USER pool_mode the database's value
            USER pool_size the database's value
            USER max_user_connections the general value
            USER query_wait_timeout the database's value
            USER idle_transaction_timeout the general value
            USER client_idle_timeout the general value
            USER no_replica the database's value
            USER session_state the database's value
            USER max_pinned_share the database's value
            USER listen the database's value
            USER read_routing the database's value
            USER consistency the database's value
            """.lines().toList();

    private static <T> String describe(Setting<T> setting) {
        return setting.scope() + " " + setting.name() + " " + setting.absence().describe(setting.type());
    }

    @Test
    void table_namesAndDefaultsAreThese() {
        assertThat(Settings.ALL.stream().map(SettingsTest::describe)).containsExactlyElementsOf(PINNED);
    }

    @Test
    void table_holdsEveryDeclaredSetting() throws IllegalAccessException {
        List<Object> declared = new ArrayList<>();
        for (Class<?> owner : List.of(
                GlobalSettings.class,
                ListenerSettings.class,
                HttpSettings.class,
                ClusterSettings.class,
                DatabaseSettings.class,
                UserSettings.class)) {
            for (Field field : owner.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) && field.getType() == Setting.class) {
                    declared.add(field.get(null));
                }
            }
        }
        assertThat(declared).hasSameElementsAs(Settings.ALL).hasSameSizeAs(Settings.ALL);
    }

    @Test
    void table_everyDefaultIsReadAsItIsShown() {
        for (Setting<?> setting : Settings.ALL) {
            if (setting.absence() instanceof Setting.Default<?>) {
                assertThat(rereadDefault(setting)).as(setting.name()).isTrue();
            }
        }
    }

    private static <T> boolean rereadDefault(Setting<T> setting) {
        T value = ((Setting.Default<T>) setting.absence()).value();
        Problems problems = new Problems(ConfigLoaderTest.FILE);
        Node.Mapping line = (Node.Mapping)
                YamlTree.read(setting.name() + ": " + setting.type().format(value), problems);
        Object read = setting.type()
                .read(setting.name(), requireNonNull(line).entries().getFirst().value(), problems);
        assertThat(problems.errors()).isEmpty();
        return value.equals(read);
    }

    @Test
    void spelling_findsTheNearestNameOrNone() {
        List<String> names = Settings.ALL.stream().map(Setting::name).distinct().collect(Collectors.toList());
        assertThat(Spelling.nearest("pool_mod", names)).isEqualTo("pool_mode");
        assertThat(Spelling.nearest("Max-Client-Conn", names)).isEqualTo("max_client_conn");
        assertThat(Spelling.nearest("max_clinet_conns", names)).isEqualTo("max_client_conn");
        assertThat(Spelling.nearest("qqqq", names)).isNull();
        assertThat(Spelling.distance("ab", "ba")).isEqualTo(1);
        assertThat(Spelling.distance("", "abc")).isEqualTo(3);
        assertThat(Spelling.distance("kitten", "sitting")).isEqualTo(3);
    }
}
