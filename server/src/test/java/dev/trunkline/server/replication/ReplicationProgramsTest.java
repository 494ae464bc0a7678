package dev.trunkline.server.replication;

import static dev.trunkline.server.testing.InstalledPostgres.through;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.InstalledPostgres;
import dev.trunkline.server.testing.PostgresPrograms;
import dev.trunkline.server.testing.TestProxy;
import dev.trunkline.server.testing.Until;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.PGConnection;
import org.postgresql.replication.PGReplicationStream;

/** PostgreSQL's own programs for replication, a standby, and PgJDBC, through the proxy. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ReplicationProgramsTest {
    private static InstalledPostgres leader;
    private static TestProxy proxy;

    @BeforeAll
    static void start() throws Exception {
        leader = InstalledPostgres.leader();
        proxy = TestProxy.before("{ leader: \"127.0.0.1:" + leader.port() + "\" }")
                .database("postgres", "")
                .user(InstalledPostgres.REPLICATOR, InstalledPostgres.REPLICATOR)
                .start();
    }

    @AfterAll
    static void stop() throws Exception {
        proxy.close();
        leader.close();
    }

    /** pg_basebackup makes two connections, one for the files and one for the log that is written meanwhile. */
    @Test
    void baseBackup_becomesAStandbyThatStreamsThroughTheProxy() throws Exception {
        leader.run("CREATE TABLE backed_up AS SELECT i, repeat('x', 500) FROM generate_series(1, 20000) i");
        Path data = leader.directory().resolve("standby");
        leader.program(
                through(proxy.port(), "pg_basebackup", "-D", data.toString(), "-X", "stream", "-c", "fast", "-R"));
        leader.program(List.of("pg_verifybackup", data.toString()));
        try (InstalledPostgres standby = InstalledPostgres.restored(data)) {
            leader.run("INSERT INTO backed_up VALUES (0, 'behind the backup')");
            Until.holds("the new row on the standby", () -> standby.value("SELECT count(*) FROM backed_up")
                    .equals("20001"));
            assertThat(proxy.console("SHOW CLIENTS")).anySatisfy(row -> assertThat(row)
                    .containsEntry("application_name", "walreceiver")
                    .containsEntry("replication", "physical"));
        }
    }

    @Test
    void receivedLog_isTheServersOwn() throws Exception {
        Path received = Files.createDirectory(leader.directory().resolve("received"));
        PostgresPrograms.own(received);
        String segment = leader.value("SELECT pg_walfile_name(pg_current_wal_insert_lsn())");
        Process program = leader.begin(
                through(proxy.port(), "pg_receivewal", "-D", received.toString(), "--no-loop"),
                leader.directory().resolve("receivewal.out"));
        try {
            Until.holds("the stream", () -> leader.value(
                            "SELECT count(*) FROM pg_stat_replication WHERE application_name = 'pg_receivewal'")
                    .equals("1"));
            leader.run("CREATE TABLE logged AS SELECT i FROM generate_series(1, 50000) i", "SELECT pg_switch_wal()");
            Until.holds("the whole segment", () -> Files.exists(received.resolve(segment)));
        } finally {
            program.destroy();
            program.onExit().join();
        }
        assertThat(Files.mismatch(
                        received.resolve(segment), leader.data("pg_wal").resolve(segment)))
                .isEqualTo(-1);
    }

    @Test
    void decodedChanges_comeByTestDecoding() throws Exception {
        leader.run("CREATE TABLE decoded (i int)");
        leader.program(through(proxy.port(), "pg_recvlogical", "-d", "postgres", "--slot=decoded", "--create-slot"));
        leader.run("INSERT INTO decoded SELECT generate_series(1, 3000)");
        String end = leader.value("SELECT pg_current_wal_insert_lsn()");
        leader.run("INSERT INTO decoded VALUES (-1)");
        String changes = leader.program(through(
                proxy.port(),
                "pg_recvlogical",
                "-d",
                "postgres",
                "--slot=decoded",
                "--start",
                "--no-loop",
                "--endpos=" + end,
                "-f",
                "-"));
        assertThat(changes.lines().filter(line -> line.contains("table public.decoded: INSERT")))
                .hasSize(3000)
                .last()
                .isEqualTo("table public.decoded: INSERT: i[integer]:3000");
        leader.program(through(proxy.port(), "pg_recvlogical", "-d", "postgres", "--slot=decoded", "--drop-slot"));
    }

    /** The server asks for signs of life and gives up without; the driver sends them. */
    @Test
    void streamOfPgJdbc_livesThroughSilenceByItsKeepalives() throws Exception {
        leader.run("CREATE TABLE watched (i int)");
        Properties properties = new Properties();
        properties.putAll(Map.of("user", InstalledPostgres.REPLICATOR, "password", InstalledPostgres.REPLICATOR));
        properties.putAll(Map.of("replication", "database", "preferQueryMode", "simple"));
        properties.putAll(Map.of("assumeMinServerVersion", "15", "options", "-c wal_sender_timeout=1s"));
        try (Connection connection = DriverManager.getConnection(proxy.jdbcUrl("postgres", ""), properties)) {
            PGConnection replication = connection.unwrap(PGConnection.class);
            replication
                    .getReplicationAPI()
                    .createReplicationSlot()
                    .logical()
                    .withSlotName("watched")
                    .withOutputPlugin("test_decoding")
                    .withTemporaryOption()
                    .make();
            try (PGReplicationStream stream = replication
                    .getReplicationAPI()
                    .replicationStream()
                    .logical()
                    .withSlotName("watched")
                    .withStatusInterval(200, TimeUnit.MILLISECONDS)
                    .start()) {
                long silence = System.nanoTime() + TimeUnit.SECONDS.toNanos(3);
                Until.holds("three seconds of silence", () -> {
                    assertThat(stream.readPending()).isNull();
                    return System.nanoTime() > silence;
                });
                leader.run("INSERT INTO watched VALUES (42)");
                assertThat(text(stream.read())).startsWith("BEGIN");
                assertThat(text(stream.read())).isEqualTo("table public.watched: INSERT: i[integer]:42");
                stream.setFlushedLSN(stream.getLastReceiveLSN());
                stream.forceUpdateStatus();
                Until.holds("what was confirmed", () -> leader.value("SELECT confirmed_flush_lsn >= '"
                                + stream.getLastReceiveLSN().asString()
                                + "' FROM pg_replication_slots WHERE slot_name = 'watched'")
                        .equals("t"));
            }
        }
    }

    private static String text(ByteBuffer message) {
        return UTF_8.decode(message).toString();
    }
}
