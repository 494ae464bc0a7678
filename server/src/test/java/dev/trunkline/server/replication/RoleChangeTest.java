package dev.trunkline.server.replication;

import static dev.trunkline.server.testing.InstalledPostgres.through;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.InstalledPostgres;
import dev.trunkline.server.testing.Message;
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

/** Replication connections before a leader and a standby that changes its role. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class RoleChangeTest {
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
                .start();
    }

    @AfterEach
    void stop() throws Exception {
        proxy.close();
        standby.close();
        leader.close();
    }

    private static RawClient login(int port) {
        RawClient client = RawClient.connect(port);
        List<Message> said = client.login(
                Map.of("user", InstalledPostgres.REPLICATOR, "database", "postgres", "replication", "database"),
                InstalledPostgres.REPLICATOR);
        assertThat(said.getLast().type()).as(said.toString()).isEqualTo('Z');
        return client;
    }

    private static String recovering(RawClient client) {
        return client.value("SELECT pg_is_in_recovery()");
    }

    // Hazard R4
    @Test
    void newLeader_endsTheConnectionsToTheOldOne() throws Exception {
        try (RawClient atLeader = login(proxy.port());
                RawClient atReplica = login(proxy.replicaPort())) {
            assertThat(recovering(atLeader)).isEqualTo("f");
            assertThat(recovering(atReplica)).isEqualTo("t");
            // The old leader stays alive and says that it leads: the timeline tells who is right.
            standby.run("SELECT pg_promote()");
            assertThat(Message.error(atLeader.readToEnd()).fields()).containsEntry('C', "57P01");
            assertThat(Message.error(atReplica.readToEnd()).fields()).containsEntry('C', "57P01");
        }
        try (RawClient again = login(proxy.port())) {
            assertThat(again.value("SELECT inet_server_port()")).isEqualTo(String.valueOf(standby.port()));
        }
    }

    // Hazards R4 and R16: the old leader need not answer any more, and what it would commit is lost
    @Test
    void newLeader_breaksOffTheTransactionsOnTheOldOne() throws Exception {
        try (RawClient client = RawClient.connect(proxy.port())) {
            client.login(
                    Map.of("user", InstalledPostgres.REPLICATOR, "database", "postgres"), InstalledPostgres.REPLICATOR);
            client.send(Frames.query("BEGIN"));
            client.readToReady();
            assertThat(recovering(client)).isEqualTo("f");
            client.send(Frames.query("SELECT pg_sleep(60)"));
            standby.run("SELECT pg_promote()");

            assertThat(Message.error(client.readToEnd()).fields())
                    .containsEntry('C', "08006")
                    .containsEntry('M', "terminating connection because its server is no longer the leader")
                    .containsEntry('D', "It is not known whether the statement was carried out.");
            Until.holds("the end of its connection to the old leader", () -> proxy.console("SHOW SERVERS").stream()
                    .noneMatch(row -> String.valueOf(leader.port()).equals(row.get("port"))));
        }
    }

    // Hazard R8
    @Test
    void leaderThatHasCrashed_isWaitedForUntilThereIsAnother() throws Exception {
        try (RawClient client = login(proxy.port())) {
            client.send(Frames.query("SELECT pg_sleep(60)"));
            leader.crash();
            assertThat(Message.types(client.readToEnd())).doesNotContain("Z");
        }
        Thread promotion = Thread.ofVirtual().start(() -> standby.run("SELECT pg_promote()"));
        try (RawClient next = login(proxy.port())) {
            assertThat(recovering(next)).isEqualTo("f");
        }
        promotion.join();
    }

    @Test
    void baseBackup_isTakenFromTheReplicaByItsPort() throws Exception {
        Path data = standby.directory().resolve("second");
        standby.program(through(proxy.replicaPort(), "pg_basebackup", "-D", data.toString(), "-c", "fast"));
        standby.program(List.of("pg_verifybackup", data.toString()));
        Until.holds("the end of both connections", () -> proxy.console("SHOW SERVERS")
                .isEmpty());
    }
}
