package dev.trunkline.server;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.server.client.SessionTraits;
import dev.trunkline.server.config.Config;
import dev.trunkline.server.config.Consistency;
import dev.trunkline.server.config.ListenerConfig;
import dev.trunkline.server.config.NoReplica;
import dev.trunkline.server.config.PoolMode;
import dev.trunkline.server.config.RouteChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraitsTableTest {
    @TempDir
    private Path directory;

    private Config config;

    @BeforeEach
    void load() throws IOException {
        Path file = Files.writeString(directory.resolve("trunkline.yaml"), """
                auth_type: trust
                listeners: [ { port: 6431, route: replica }, { port: 6432 }, { port: 6433, route: leader } ]
                clusters: { main: { leader: "10.0.0.1:5432", failover_hold: 7s } }
                databases:
                  app: { cluster: main, pool_size: 3 }
                  fresh: { cluster: main, consistency: session }
                  report: { cluster: main, route: replica }
                  both: { cluster: main, route: replica, include_leader: true }
                  strict: { cluster: main, no_replica: error }
                  "*": { cluster: main, read_routing: off }
                users:
                  dba: { pool_mode: session }
                  patient: { no_replica: wait }
                  reader: { read_routing: auto }
                  writer: { read_routing: off }
                  demanding: { consistency: leader }
                """);
        config = ((SetupResult.Ready) SetupLoader.load(file)).setup().config();
    }

    private SessionTraits traits(TraitsTable table, String database, String user) {
        return table.of(requireNonNull(config.database(database)), user);
    }

    private TraitsTable table(RouteChoice route) {
        return new TraitsTable(new ListenerConfig("*", 6432, null, route), config);
    }

    @Test
    void usersWithoutSettings_shareThem() {
        TraitsTable table = table(RouteChoice.AUTO);
        SessionTraits one = traits(table, "app", "one");
        assertThat(one.pool()).isEqualTo(config.poolSettings("app", "one"));
        assertThat(one.failoverHoldNanos()).isEqualTo(7_000_000_000L);
        assertThat(traits(table, "app", "other")).isSameAs(one);
    }

    @Test
    void usersWithSettings_haveTheirOwn() {
        TraitsTable table = table(RouteChoice.AUTO);
        assertThat(traits(table, "app", "dba").pool().poolMode()).isEqualTo(PoolMode.SESSION);
        assertThat(traits(table, "app", "dba")).isSameAs(traits(table, "app", "dba"));
        assertThat(traits(table, "app", "one").pool().poolMode()).isEqualTo(PoolMode.TRANSACTION);
    }

    @Test
    void databasesThatAreNotNamed_shareTheirs() {
        TraitsTable table = table(RouteChoice.AUTO);
        assertThat(traits(table, "made up", "one")).isSameAs(traits(table, "another", "two"));
        assertThat(traits(table, "app", "one").pool().poolSize()).isEqualTo(3);
    }

    @Test
    void withoutAReplica_aTransactionGoesToTheLeaderAndARouteWaits() {
        TraitsTable auto = table(RouteChoice.AUTO);
        assertThat(traits(auto, "app", "one").reads().noReplica()).isEqualTo(NoReplica.LEADER);
        assertThat(traits(auto, "report", "one").reads().noReplica()).isEqualTo(NoReplica.WAIT);
        assertThat(traits(auto, "both", "one").reads().noReplica()).isEqualTo(NoReplica.LEADER);
        assertThat(traits(table(RouteChoice.REPLICA), "app", "one").reads().noReplica())
                .isEqualTo(NoReplica.WAIT);
        assertThat(traits(auto, "strict", "one").reads().noReplica()).isEqualTo(NoReplica.ERROR);
        assertThat(traits(auto, "strict", "patient").reads().noReplica()).isEqualTo(NoReplica.WAIT);
    }

    @Test
    void theLeaderIsIncluded_whereTheOneWhoRoutesSaysSo() {
        assertThat(traits(table(RouteChoice.AUTO), "both", "one").reads().includeLeader())
                .isTrue();
        assertThat(traits(table(RouteChoice.REPLICA), "both", "one").reads().includeLeader())
                .isFalse();
        assertThat(traits(table(RouteChoice.LEADER), "both", "one").reads().includeLeader())
                .isFalse();
        TraitsTable including =
                new TraitsTable(new ListenerConfig("*", 6434, null, RouteChoice.REPLICA, true, null), config);
        assertThat(traits(including, "app", "one").reads().includeLeader()).isTrue();
        assertThat(traits(including, "report", "one").reads().includeLeader()).isTrue();
    }

    @Test
    void whoWritesWhereAllIsForReplicas_isToldOfAPortThatLeads() {
        assertThat(traits(table(RouteChoice.REPLICA), "app", "one").reads().writeAdvice())
                .isEqualTo("Connect to port 6432 to write.");
        assertThat(traits(table(RouteChoice.AUTO), "report", "one").reads().writeAdvice())
                .isEqualTo("Connect to port 6433 to write.");
        assertThat(traits(table(RouteChoice.AUTO), "app", "one").reads().writeAdvice())
                .isNull();
    }

    @Test
    void sessionThatMayComeToTheLeader_readsOnlyByDefault() {
        SessionTraits both = traits(table(RouteChoice.AUTO), "both", "one");
        Parameters asked = Parameters.of(Map.of("application_name", "x"));
        assertThat(both.startup(asked).get("default_transaction_read_only")).isEqualTo("on");
        Parameters writing = Parameters.of(Map.of("default_transaction_read_only", "off"));
        assertThat(both.startup(writing)).isSameAs(writing);
        assertThat(traits(table(RouteChoice.AUTO), "report", "one").startup(asked))
                .isSameAs(asked);
        assertThat(traits(table(RouteChoice.AUTO), "app", "one").startup(asked)).isSameAs(asked);
    }

    @Test
    void readRoutingOfAUser_countsBeforeTheDatabases() {
        TraitsTable table = table(RouteChoice.AUTO);
        assertThat(traits(table, "app", "reader").destination()).isEqualTo(SessionTraits.Destination.BY_STATEMENT);
        assertThat(traits(table, "made up", "reader").destination()).isEqualTo(SessionTraits.Destination.BY_STATEMENT);
        assertThat(traits(table, "app", "writer").destination()).isEqualTo(SessionTraits.Destination.LEADER);
        assertThat(traits(table, "report", "reader").destination()).isEqualTo(SessionTraits.Destination.REPLICA);
    }

    @Test
    void consistency_isTheUsersElseTheDatabasesElseThatOfTheRouting() {
        TraitsTable table = table(RouteChoice.AUTO);
        assertThat(traits(table, "fresh", "demanding").reads().consistency()).isEqualTo(Consistency.LEADER);
        assertThat(traits(table, "fresh", "one").reads().consistency()).isEqualTo(Consistency.SESSION);
        assertThat(traits(table, "app", "one").reads().consistency()).isEqualTo(Consistency.EVENTUAL);
        assertThat(traits(table, "app", "reader").reads().consistency()).isEqualTo(Consistency.SESSION);
    }

    @Test
    void theListenersWord_countsBeforeTheDatabases() {
        assertThat(traits(table(RouteChoice.AUTO), "app", "one").destination())
                .isEqualTo(SessionTraits.Destination.BY_TRANSACTION);
        assertThat(traits(table(RouteChoice.AUTO), "report", "one").destination())
                .isEqualTo(SessionTraits.Destination.REPLICA);
        assertThat(traits(table(RouteChoice.AUTO), "made up", "one").destination())
                .isEqualTo(SessionTraits.Destination.LEADER);
        assertThat(traits(table(RouteChoice.LEADER), "report", "one").destination())
                .isEqualTo(SessionTraits.Destination.LEADER);
    }
}
