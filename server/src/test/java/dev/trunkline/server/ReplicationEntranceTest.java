package dev.trunkline.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.Credentials;
import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.server.ReplicationEntrance.Decision;
import dev.trunkline.server.auth.Authenticator;
import dev.trunkline.server.client.Entrant;
import dev.trunkline.server.config.AuthType;
import dev.trunkline.server.config.Config;
import dev.trunkline.server.config.ListenerConfig;
import dev.trunkline.server.config.RouteChoice;
import dev.trunkline.server.replication.Destination;
import dev.trunkline.server.replication.Side;
import dev.trunkline.server.state.Replication;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.ProtocolVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where replication connections lead. */
class ReplicationEntranceTest {
    private static final Parameters REQUESTED =
            Parameters.of(Map.of("replication", "true", "application_name", "copy"));
    private static final String ONE_CLUSTER = """
            clusters: { main: { leader: "10.0.0.1:5432" } }
            """;
    private static final String TWO_CLUSTERS = """
            clusters: { main: { leader: "10.0.0.1:5432" }, other: { leader: "10.0.0.2:5432" } }
            """;

    @TempDir
    private Path directory;

    private Decision decide(String yaml, RouteChoice route, Replication kind, String database) throws IOException {
        Path file = Files.writeString(
                directory.resolve("trunkline.yaml"), "auth_type: trust\nlisteners: [ { port: 6432 } ]\n" + yaml);
        SetupResult.Ready ready = (SetupResult.Ready) SetupLoader.load(file);
        Config config = ready.setup().config();
        Authenticator authenticator = new Authenticator(AuthType.TRUST, null, new SecureRandom(), Runnable::run);
        Entrant entrant =
                new Entrant("rep", database, REQUESTED, kind, new Credentials.Password("secret"), ProtocolVersion.V3_0);
        return new ReplicationEntrance(new ListenerConfig("*", 6432, null, route), config, authenticator)
                .decide(entrant);
    }

    private Destination destination(String yaml, Replication kind, String database) throws IOException {
        return ((Decision.To) decide(yaml, RouteChoice.AUTO, kind, database)).destination();
    }

    private PgError refusal(String yaml, Replication kind, String database) throws IOException {
        return ((Decision.Refused) decide(yaml, RouteChoice.AUTO, kind, database)).error();
    }

    @Test
    void logical_leadsToItsDatabaseAsConfigured() throws IOException {
        String yaml = TWO_CLUSTERS + "databases: { app: { cluster: other, dbname: real, user: owner } }";
        Destination to = destination(yaml, Replication.LOGICAL, "app");
        assertThat(to.cluster()).isEqualTo("other");
        assertThat(to.database()).isEqualTo("real");
        assertThat(to.side()).isEqualTo(Side.LEADER);
        assertThat(to.login().user()).isEqualTo("owner");
        assertThat(to.login().credentials()).isEqualTo(new Credentials.None());
        assertThat(to.login().startup()).isSameAs(REQUESTED);
    }

    @Test
    void logical_toAnUnknownDatabaseIsRefused() throws IOException {
        assertThat(refusal(ONE_CLUSTER + "databases: { app: { cluster: main } }", Replication.LOGICAL, "replication"))
                .hasToString("FATAL 3D000: database \"replication\" does not exist");
    }

    @Test
    void physical_leadsToTheOnlyClusterAsTheClientItself() throws IOException {
        String yaml = ONE_CLUSTER + "databases: { app: { cluster: main, user: owner, route: replica } }";
        Destination to = destination(yaml, Replication.PHYSICAL, "replication");
        assertThat(to.cluster()).isEqualTo("main");
        assertThat(to.side()).isEqualTo(Side.LEADER);
        assertThat(to.login().user()).isEqualTo("rep");
        assertThat(to.login().credentials()).isEqualTo(new Credentials.Password("secret"));
    }

    @Test
    void physical_isToldHowToChooseAmongClusters() throws IOException {
        PgError error =
                refusal(TWO_CLUSTERS + "databases: { app: { cluster: main } }", Replication.PHYSICAL, "replication");
        assertThat(error.code()).isEqualTo("3D000");
        assertThat(error.message()).contains("\"replication\"");
        assertThat(error.hint()).contains("configured database");
    }

    @Test
    void physical_choosesAmongClustersByADatabase() throws IOException {
        String yaml = TWO_CLUSTERS + "databases: { replication: { cluster: other } }";
        assertThat(destination(yaml, Replication.PHYSICAL, "replication").cluster())
                .isEqualTo("other");
    }

    @Test
    void routeOfTheListener_countsBeforeTheDatabases() throws IOException {
        String yaml = ONE_CLUSTER + "databases: { app: { cluster: main, route: replica } }";
        assertThat(destination(yaml, Replication.LOGICAL, "app").side()).isEqualTo(Side.REPLICA);
        Decision byLeader = decide(yaml, RouteChoice.LEADER, Replication.LOGICAL, "app");
        assertThat(((Decision.To) byLeader).destination().side()).isEqualTo(Side.LEADER);
        Decision byReplica = decide(yaml, RouteChoice.REPLICA, Replication.PHYSICAL, "anything");
        assertThat(((Decision.To) byReplica).destination().side()).isEqualTo(Side.REPLICA);
    }
}
