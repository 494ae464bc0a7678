package dev.trunkline.server;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.client.SessionTraits;
import dev.trunkline.server.config.Config;
import dev.trunkline.server.config.ListenerConfig;
import dev.trunkline.server.config.PoolMode;
import dev.trunkline.server.config.RouteChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
                listeners: [ { port: 6432 } ]
                clusters: { main: { leader: "10.0.0.1:5432", failover_hold: 7s } }
                databases:
                  app: { cluster: main, pool_size: 3 }
                  report: { cluster: main, route: replica }
                  "*": { cluster: main, read_routing: off }
                users:
                  dba: { pool_mode: session }
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
