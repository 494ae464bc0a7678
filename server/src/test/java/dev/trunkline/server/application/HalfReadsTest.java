package dev.trunkline.server.application;

import static dev.trunkline.server.application.Program.pgbench;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.InstalledPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** pgbench with a read and a writing transaction by turns, on a leader and two replicas: no error, the sums are right, the reads leave. */
@Timeout(value = 150, unit = TimeUnit.SECONDS)
class HalfReadsTest {
    private static final String DATABASE = "postgres";
    private static final String SCALE = "2";

    private static final String SCRIPT = """
            \\set aid random(1, 100000 * :scale)
            \\set bid random(1, 1 * :scale)
            \\set tid random(1, 10 * :scale)
            \\set delta random(-5000, 5000)
            SELECT abalance FROM pgbench_accounts WHERE aid = :aid;
            BEGIN;
            UPDATE pgbench_accounts SET abalance = abalance + :delta WHERE aid = :aid;
            UPDATE pgbench_tellers SET tbalance = tbalance + :delta WHERE tid = :tid;
            UPDATE pgbench_branches SET bbalance = bbalance + :delta WHERE bid = :bid;
            INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (:tid, :bid, :aid, :delta, CURRENT_TIMESTAMP);
            END;
            """;

    private static final List<InstalledPostgres> SERVERS = new ArrayList<>();
    private static TestProxy proxy;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() throws Exception {
        InstalledPostgres leader = InstalledPostgres.leader("max_wal_senders = 8", "max_connections = 100");
        SERVERS.add(leader);
        leader.run("GRANT CREATE ON SCHEMA public TO app");
        Program.run(pgbench(leader.port(), DATABASE, "-i", "-q", "-s", SCALE), "")
                .success();
        for (String copy : List.of("first", "second")) {
            Path data = leader.directory().resolve(copy);
            leader.program(InstalledPostgres.through(
                    leader.port(), "pg_basebackup", "-D", data.toString(), "-c", "fast", "-R"));
            SERVERS.add(InstalledPostgres.restored(data));
        }
        proxy = TestProxy.before("{ leader: \"127.0.0.1:%d\", replicas: [ \"127.0.0.1:%d\", \"127.0.0.1:%d\" ] }"
                        .formatted(
                                leader.port(),
                                SERVERS.get(1).port(),
                                SERVERS.get(2).port()))
                .database(DATABASE, "read_routing: auto, consistency: eventual, pool_size: 10")
                .start();
        Program.run(Program.psql(proxy.port(), DATABASE, "-c", "SELECT 1"), "").success();
        Stage.await("what the functions do", () -> proxy.console(
                        "EXPLAIN ROUTE SELECT abalance FROM pgbench_accounts WHERE aid = 1")
                .getFirst()
                .get("route")
                .equals("replica"));
    }

    @AfterAll
    static void stop() throws Exception {
        proxy.close();
        // The leader ends when those have who stream from it.
        Collections.reverse(SERVERS);
        for (InstalledPostgres server : SERVERS) {
            server.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended", "prepared"})
    void halfReads_leaveTheLeaderAndTheBalancesAddUp(String form) throws Exception {
        bench(form, 4);
    }

    @Tag("long")
    @Test
    void halfReadsForAMinute_leaveTheLeaderAndTheBalancesAddUp() throws Exception {
        bench("prepared", 60);
    }

    private void bench(String form, int seconds) throws Exception {
        Path script = Files.writeString(directory.resolve("half.sql"), SCRIPT, UTF_8);
        long done = transactions();
        long left = readsOnReplicas();
        String report = Program.run(
                        pgbench(
                                proxy.port(),
                                DATABASE,
                                "-n",
                                "-c",
                                "20",
                                "-j",
                                "2",
                                "-T",
                                String.valueOf(seconds),
                                "-M",
                                form,
                                "-s",
                                SCALE,
                                "-f",
                                script.toString()),
                        "")
                .success();
        assertThat(report)
                .contains("number of failed transactions: 0")
                .doesNotContain("ERROR", "FATAL", "aborted")
                .containsPattern("number of transactions actually processed: [1-9]");
        List<String> sums = sums();
        assertThat(sums).as(report).hasSize(4).containsOnly(sums.getFirst());
        long reads = transactions() - done;
        assertThat((readsOnReplicas() - left) / (double) reads)
                .as("of %d reads", reads)
                .isGreaterThan(0.9);
        assertThat(proxy.console("SHOW TARGETS"))
                .as("both replicas")
                .filteredOn("role", "replica")
                .hasSize(2);
    }

    private static long transactions() throws Exception {
        return Long.parseLong(SERVERS.getFirst().value("SELECT count(*) FROM pgbench_history"));
    }

    private static long readsOnReplicas() {
        return proxy.console("SHOW ROUTES").stream()
                .filter(row ->
                        row.get("route").equals("replica") && row.get("reason").equals("proven"))
                .mapToLong(row -> Long.parseLong(row.get("transactions")))
                .sum();
    }

    /** Of the accounts, the tellers, the branches and the history. */
    private static List<String> sums() throws Exception {
        return List.of(SERVERS.getFirst()
                .value("SELECT concat_ws(' ', (SELECT sum(abalance) FROM pgbench_accounts),"
                        + " (SELECT sum(tbalance) FROM pgbench_tellers),"
                        + " (SELECT sum(bbalance) FROM pgbench_branches),"
                        + " (SELECT coalesce(sum(delta), 0) FROM pgbench_history))")
                .split(" ", -1));
    }
}
