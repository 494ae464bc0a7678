package dev.trunkline.server.application;

import static dev.trunkline.server.application.Program.pgbench;
import static dev.trunkline.server.application.Stage.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.demo.TestCluster;
import dev.trunkline.server.testing.TestProxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TPC-B by pgbench: 50 clients on a pool of 10, no error, and no money is lost. */
@Timeout(value = 150, unit = TimeUnit.SECONDS)
class PgBenchTest {
    private static final String DATABASE = "pgbench";
    private static final int SCALE = 5;

    /** The built-in script, its statements sent together. */
    private static final String PIPELINED = """
            \\set aid random(1, 100000 * :scale)
            \\set bid random(1, 1 * :scale)
            \\set tid random(1, 10 * :scale)
            \\set delta random(-5000, 5000)
            \\startpipeline
            BEGIN;
            UPDATE pgbench_accounts SET abalance = abalance + :delta WHERE aid = :aid;
            SELECT abalance FROM pgbench_accounts WHERE aid = :aid;
            UPDATE pgbench_tellers SET tbalance = tbalance + :delta WHERE tid = :tid;
            UPDATE pgbench_branches SET bbalance = bbalance + :delta WHERE bid = :bid;
            INSERT INTO pgbench_history (tid, bid, aid, delta, mtime)
                VALUES (:tid, :bid, :aid, :delta, CURRENT_TIMESTAMP);
            END;
            \\endpipeline
            """;

    private static TestProxy proxy;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() throws Exception {
        Stage.createDatabase(DATABASE);
        Program.run(pgbench(TestCluster.shared().leaderPort(), DATABASE, "-i", "-q", "-s", String.valueOf(SCALE)), "")
                .success();
        proxy = Stage.proxy().database(DATABASE, "pool_size: 10").start();
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended", "prepared", "pipelined"})
    void tpcb_endsWithoutErrorAndTheBalancesAddUp(String form) throws Exception {
        bench(form, 6);
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended", "prepared", "pipelined"})
    void tpcbForAMinute_endsWithoutErrorAndTheBalancesAddUp(String form) throws Exception {
        bench(form, 60);
    }

    private void bench(String form, int seconds) throws Exception {
        Path script = Files.writeString(directory.resolve("tpcb.sql"), PIPELINED, UTF_8);
        List<String> words = form.equals("pipelined")
                ? words(seconds, "-M", "prepared", "-f", script.toString())
                : words(seconds, "-M", form, "-b", "tpcb-like");
        String report = Program.run(words, "").success();
        assertThat(report)
                .contains("number of failed transactions: 0")
                .doesNotContain("ERROR", "FATAL", "aborted")
                .containsPattern("number of transactions actually processed: [1-9]");
        List<String> sums = sums();
        assertThat(sums).as(report).hasSize(4).containsOnly(sums.getFirst());
    }

    private static List<String> words(int seconds, String... form) {
        List<String> words = new ArrayList<>(List.of("-n", "-c", "50", "-j", "2", "-T", String.valueOf(seconds)));
        words.addAll(List.of(form));
        return pgbench(proxy.port(), DATABASE, words.toArray(String[]::new));
    }

    /** Of the accounts, the tellers, the branches and the history. */
    private static List<String> sums() {
        try (Connection connection = TestCluster.shared().superuser(DATABASE)) {
            String sums = text(
                    connection,
                    "SELECT concat_ws(' ', (SELECT sum(abalance) FROM pgbench_accounts),"
                            + " (SELECT sum(tbalance) FROM pgbench_tellers),"
                            + " (SELECT sum(bbalance) FROM pgbench_branches),"
                            + " (SELECT coalesce(sum(delta), 0) FROM pgbench_history))");
            return List.of(sums.split(" ", -1));
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
