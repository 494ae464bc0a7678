package dev.trunkline.server.config;

import static dev.trunkline.server.config.ConfigLoaderTest.loaded;
import static dev.trunkline.server.config.ConfigLoaderTest.problems;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.router.Balancer;
import dev.trunkline.router.LagLimits;
import dev.trunkline.router.ReplicaPolicy;
import dev.trunkline.router.Tag;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplicaConfigTest {
    private static String with(String listener, String cluster, String database) {
        return """
                listeners: [ { port: 6432 %s } ]
                clusters: { main: { leader: "localhost:5432" %s } }
                databases: { app: { cluster: main %s } }
                users: { reader: { no_replica: error } }
                auth_type: trust
                """.formatted(listener, cluster, database);
    }

    private static ReplicaRules rules(String cluster) {
        return requireNonNull(loaded(with("", cluster, "")).clusters().get("main"))
                .replicas();
    }

    @Test
    void replicas_ofWhichNothingIsSaid_areChosenByTheirLoad() {
        assertThat(rules(""))
                .isEqualTo(new ReplicaRules(LagLimits.ofBytes(16L << 20), ReplicaPolicy.PLAIN, Duration.ofSeconds(10)));
    }

    @Test
    void replicas_ofWhichAllIsSaid() {
        String all = ", check_user: app, max_replica_lag: 1MB, max_replica_lag_time: 5s, replica_ramp: 0,"
                + " replica_choice: weighted, replica_weights: { node1: 0, \"10.0.0.2:5432\": 3 },"
                + " prefer_tag: [ zone=a, zone=b=c ], prefer_sync: true";
        assertThat(rules(all))
                .isEqualTo(new ReplicaRules(
                        new LagLimits(1L << 20, Duration.ofSeconds(5)),
                        new ReplicaPolicy(
                                Balancer.Strategy.WEIGHTED,
                                Map.of("node1", 0, "10.0.0.2:5432", 3),
                                List.of(new Tag("zone", "a"), new Tag("zone", "b=c")),
                                true),
                        Duration.ZERO));
    }

    @Test
    void preferTag_mayBeOneWithoutAList() {
        assertThat(rules(", prefer_tag: zone=a").policy().preferTags()).containsExactly(new Tag("zone", "a"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                ", prefer_tag: zone | \"prefer_tag\" is \"zone\"; expected a tag and its value, such as zone=a",
                ", prefer_tag: [ =a ] | \"prefer_tag\" is \"=a\"; expected a tag and its value, such as zone=a",
                ", replica_choice: best | \"replica_choice\" is \"best\"; expected one of least, round_robin, weighted",
                ", replica_weights: 3 | \"replica_weights\" has a single value; expected mapping of names to weights",
                ", replica_choice: weighted, replica_weights: { a: -1 } | \"replica_weights.a\" is \"-1\"; outside the range 0 to 1000",
                ", max_replica_lag_time: 5s | \"max_replica_lag_time\" needs \"check_user\", who asks the servers where they are"
            })
    void cluster_thatIsWrong_isRefused(String cluster, String problem) {
        assertThat(problems(with("", cluster, ""))).singleElement().asString().contains(problem);
    }

    @Test
    void weights_thatDoNotCount_areWorthAWarning() {
        LoadResult result = ConfigLoader.parse(with("", ", replica_weights: { a: 1 }", ""), ConfigLoaderTest.FILE);
        assertThat(String.valueOf(((LoadResult.Loaded) result).warnings()))
                .contains("\"replica_weights\" counts only with \"replica_choice: weighted\"");
    }

    @Test
    void includeLeader_standsBesideRouteReplica() {
        Config config =
                loaded(with(", route: replica, include_leader: true", "", ", route: replica, include_leader: true"));
        assertThat(config.listeners().getFirst().includeLeader()).isTrue();
        assertThat(requireNonNull(config.database("app")).replicas()).isEqualTo(new ReplicaUse(null, true, null));
    }

    @Test
    void includeLeader_withoutRouteReplica_isRefused() {
        assertThat(problems(with(", include_leader: true", "", ", include_leader: true, route: leader")))
                .hasSize(2)
                .allSatisfy(problem ->
                        assertThat(problem).contains("\"include_leader\" stands only beside \"route: replica\""));
        assertThat(problems(with(", mode: tcp, route: replica, include_leader: true", "", "")))
                .singleElement()
                .asString()
                .contains("\"include_leader\" is not for \"mode: tcp\"");
    }

    @Test
    void noReplica_ofTheUserCountsBeforeTheDatabases() {
        Config config = loaded(with("", "", ", no_replica: wait"));
        DatabaseConfig app = requireNonNull(config.database("app"));
        assertThat(config.noReplica(app, "other")).isEqualTo(NoReplica.WAIT);
        assertThat(config.noReplica(app, "reader")).isEqualTo(NoReplica.ERROR);
        assertThat(loaded(with("", "", ""))
                        .noReplica(requireNonNull(loaded(with("", "", "")).database("app")), "other"))
                .isNull();
    }
}
