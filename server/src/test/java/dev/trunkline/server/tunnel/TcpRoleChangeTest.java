package dev.trunkline.server.tunnel;

import static dev.trunkline.server.testing.InstalledPostgres.through;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.InstalledPostgres;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestProxy;
import dev.trunkline.server.testing.Until;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections that are passed through before a leader and a standby that changes its role. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class TcpRoleChangeTest {
    private static final int LEADER = 2;
    private static final int REPLICA = 3;

    private InstalledPostgres leader;
    private InstalledPostgres standby;
    private TestProxy proxy;

    @BeforeEach
    void start() throws Exception {
        leader = InstalledPostgres.leader();
        Path data = leader.directory().resolve("copy");
        leader.program(through(leader.port(), "pg_basebackup", "-D", data.toString(), "-c", "fast", "-R"));
        standby = InstalledPostgres.restored(data);
        proxy = TestProxy.before(("{ sql: [ \"127.0.0.1:%d\", \"127.0.0.1:%d\" ], check_user: rep,"
                                + " poll_interval: 100ms, failover_hold: 20s, max_replica_lag: 1GB }")
                        .formatted(leader.port(), standby.port()))
                .database("postgres", "")
                .user(InstalledPostgres.REPLICATOR, InstalledPostgres.REPLICATOR)
                .listener("mode: tcp")
                .listener("mode: tcp, route: replica")
                .start();
    }

    @AfterEach
    void stop() throws Exception {
        proxy.close();
        standby.close();
        leader.close();
    }

    private RawClient login(int listener) {
        RawClient client = RawClient.connect(proxy.port(listener));
        client.login(
                Map.of("user", InstalledPostgres.REPLICATOR, "database", "postgres"), InstalledPostgres.REPLICATOR);
        return client;
    }

    private static String port(RawClient client) {
        return client.value("SELECT inet_server_port()");
    }

    // Hazard R4
    @Test
    void newLeader_endsTheConnectionsToTheOldOne() throws Exception {
        try (RawClient atLeader = login(LEADER);
                RawClient atReplica = login(REPLICA)) {
            assertThat(port(atLeader)).isEqualTo(String.valueOf(leader.port()));
            assertThat(port(atReplica)).isEqualTo(String.valueOf(standby.port()));
            // The old leader stays alive and says that it leads: the timeline tells who is right.
            standby.run("SELECT pg_promote()");
            assertThat(atLeader.readToEnd()).isEmpty();
            assertThat(atReplica.readToEnd()).isEmpty();
        }
        try (RawClient again = login(LEADER)) {
            assertThat(port(again)).isEqualTo(String.valueOf(standby.port()));
        }
    }

    // Hazard R8
    @Test
    void leaderThatHasCrashed_isWaitedForUntilThereIsAnother() throws Exception {
        try (RawClient client = login(LEADER)) {
            leader.crash();
            // The server may say farewell to those whom it takes along.
            assertThat(client.readToEnd()).allMatch(message -> message.type() == 'N');
        }
        try (RawClient next = RawClient.connect(proxy.port(LEADER))) {
            Until.holds("it waits", () -> proxy.console("SHOW TCP").stream()
                    .anyMatch(row -> "waiting".equals(row.get("state"))));
            standby.run("SELECT pg_promote()");
            next.login(Map.of("user", "rep", "database", "postgres"), "rep");
            assertThat(port(next)).isEqualTo(String.valueOf(standby.port()));
        }
    }

    @Test
    void psql_reachesEither() throws Exception {
        List<String> words = List.of("-X", "-A", "-t", "-d", "postgres", "-c", "SELECT inet_server_port()");
        assertThat(leader.program(through(proxy.port(LEADER), "psql", words.toArray(String[]::new))))
                .isEqualTo(leader.port() + "\n");
        assertThat(leader.program(through(proxy.port(REPLICA), "psql", words.toArray(String[]::new))))
                .isEqualTo(standby.port() + "\n");
    }
}
