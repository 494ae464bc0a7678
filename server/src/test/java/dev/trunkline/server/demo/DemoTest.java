package dev.trunkline.server.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.config.ClusterSource;
import dev.trunkline.server.config.ConfigLoader;
import dev.trunkline.server.config.HostPort;
import dev.trunkline.server.config.LoadResult;
import dev.trunkline.server.testing.Until;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real servers, and a proxy that is only pretended. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class DemoTest {
    /** Shared by the tests, so that PostgreSQL is unpacked once in the life of a build directory. */
    private static final Path CACHE = Path.of("target", "demo-cache-test").toAbsolutePath();

    private final Output output = new Output();
    private DemoOptions options = new DemoOptions(1, 1, CACHE);

    /** What the demo says. Does something, once, as soon as it has said a certain thing. */
    private static final class Output extends ByteArrayOutputStream {
        private String awaited = "";
        private Callable<?> reaction = () -> "";

        void when(String said, Callable<?> then) {
            awaited = said;
            reaction = then;
        }

        @Override
        public synchronized void write(byte[] bytes, int from, int length) {
            super.write(bytes, from, length);
            if (!awaited.isEmpty() && toString(UTF_8).contains(awaited)) {
                awaited = "";
                try {
                    reaction.call();
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            }
        }
    }

    @BeforeEach
    void choosePorts() throws IOException {
        options = new DemoOptions(freePair(), Ports.free()[0], CACHE);
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        assertThat(postgresProcesses()).isEmpty();
        if (Files.exists(CACHE.resolve("runs"))) {
            assertThat(CACHE.resolve("runs")).isEmptyDirectory();
        }
    }

    @Test
    void run_startsALeaderAndAReplicaThatStreamsFromIt() {
        CompletableFuture<String> seen = new CompletableFuture<>();
        int status = run(configuration -> {
            List<HostPort> servers = servers(configuration);
            seen.complete(
                    writeAndRead(servers.getFirst().port(), servers.getLast().port()));
            // What a signal does.
            Thread.currentThread().interrupt();
            return () -> {};
        });
        assertThat(status).as(output()).isZero();
        assertThat(seen).isCompletedWithValue("written on the leader, read in recovery");
        assertThat(output())
                .contains("replica is streaming")
                .contains("psql \"postgresql://app:app@127.0.0.1:" + options.port() + "/app\"")
                .contains("stopped, and its data deleted");
    }

    @Test
    void run_withABusyPort_saysSoInOneLineAndStartsNothing() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            options = new DemoOptions(other.getLocalPort(), options.httpPort(), CACHE);
            assertThat(run(configuration -> () -> {})).isEqualTo(1);
            assertThat(output())
                    .isEqualToIgnoringNewLines(
                            "trunkline: port " + other.getLocalPort() + " is in use; choose another with --port N");
        }
    }

    @Test
    void run_whenTheProxyDoesNotStart_stopsTheServersAndTellsWhy() {
        int status = run(configuration -> {
            assertThat(postgresProcesses()).isNotEmpty();
            throw new IOException("no luck");
        });
        assertThat(status).isEqualTo(1);
        assertThat(output()).contains("the proxy does not start: java.io.IOException: no luck");
    }

    @Test
    void run_interruptedBeforeItHasBegun_leavesNothing() {
        Thread.currentThread().interrupt();
        assertThat(run(configuration -> () -> {})).as(output()).isZero();
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void sigterm_endsTheProcessAndLeavesNothing() throws Exception {
        Process demo = startProcess();
        awaitReady(demo);
        demo.destroy();
        assertThat(demo.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void sigkill_isCleanedUpByTheNextStart() throws Exception {
        Process demo = startProcess();
        awaitReady(demo);
        demo.destroyForcibly().waitFor();
        assertThat(postgresProcesses()).isNotEmpty();
        int status = run(configuration -> {
            throw new IOException("enough");
        });
        assertThat(status).isEqualTo(1);
        assertThat(output()).contains("cleaning up after a demo that was killed");
    }

    @Test
    void sigkill_isCleanedUpAlsoWhileTheDeadProcessIsStillListed() throws Exception {
        // What becomes the parent never asks for its children, so that the dead one stays a zombie.
        Process parent = start(Stream.concat(Stream.of("sh", "-c", "\"$@\" & exec sleep 600", "sh"), demoCommand()));
        try {
            awaitReady(parent);
            ProcessHandle demo = parent.children().findFirst().orElseThrow();
            demo.destroyForcibly();
            Until.holds("the death", () -> demo.info().command().isEmpty());
            assertThat(demo.isAlive()).as("still listed").isTrue();
            assertThat(run(configuration -> {
                        throw new IOException("enough");
                    }))
                    .isEqualTo(1);
            assertThat(output()).contains("cleaning up after a demo that was killed");
        } finally {
            parent.destroyForcibly().waitFor();
        }
    }

    @Test
    void demoThatDiesWhileTheNextOneStarts_isCleanedUp() throws Exception {
        Process demo = startProcess();
        awaitReady(demo);
        options = new DemoOptions(freePair(), Ports.free()[0], CACHE);
        output.when("leader is up", () -> demo.destroyForcibly().waitFor());
        assertThat(run(configuration -> {
                    throw new IOException("enough");
                }))
                .isEqualTo(1);
        assertThat(output()).containsSubsequence("leader is up", "cleaning up after a demo that was killed");
    }

    @Test
    void demoThatRuns_isLeftAloneByTheNextOne() throws Exception {
        Process demo = startProcess();
        awaitReady(demo);
        options = new DemoOptions(freePair(), Ports.free()[0], CACHE);
        assertThat(run(configuration -> {
                    throw new IOException("enough");
                }))
                .isEqualTo(1);
        assertThat(output()).doesNotContain("cleaning up");
        assertThat(postgresProcesses()).isNotEmpty();
        demo.destroy();
        assertThat(demo.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    private int run(ProxyLauncher launcher) {
        return Demo.run(options, launcher, new PrintStream(output, true, UTF_8), System::nanoTime);
    }

    private String output() {
        return output.toString(UTF_8);
    }

    private Process startProcess() throws IOException {
        return start(demoCommand());
    }

    private static Process start(Stream<String> command) throws IOException {
        return new ProcessBuilder(command.toList()).redirectErrorStream(true).start();
    }

    private Stream<String> demoCommand() {
        return Stream.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                DemoProcess.class.getName(),
                Integer.toString(options.port()),
                Integer.toString(options.httpPort()),
                CACHE.toString());
    }

    private static void awaitReady(Process demo) throws IOException {
        BufferedReader lines = demo.inputReader(UTF_8);
        StringBuilder seen = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            seen.append(line).append('\n');
            if (line.startsWith("Ctrl-C")) {
                return;
            }
        }
        throw new AssertionError("the demo ended early:\n" + seen);
    }

    /** What the configuration file says, which must be one that the proxy accepts. */
    private static List<HostPort> servers(Path configuration) {
        LoadResult result = ConfigLoader.load(configuration);
        assertThat(result).isInstanceOf(LoadResult.Loaded.class);
        LoadResult.Loaded loaded = (LoadResult.Loaded) result;
        assertThat(loaded.warnings()).isEmpty();
        ClusterSource source =
                loaded.config().clusters().values().iterator().next().source();
        return ((ClusterSource.Sql) source).servers();
    }

    private static String writeAndRead(int leaderPort, int replicaPort) throws SQLException, InterruptedException {
        try (Connection leader = connect(leaderPort);
                Connection replica = connect(replicaPort)) {
            String table = "CREATE TABLE t AS SELECT 'written on the leader'::text AS v";
            try (Statement statement = leader.createStatement()) {
                statement.execute(table);
            }
            awaitReplay(replica, "SELECT to_regclass('t') IS NOT NULL");
            return text(
                    replica, "SELECT v || CASE WHEN pg_is_in_recovery() THEN ', read in recovery' ELSE '' END FROM t");
        }
    }

    private static void awaitReplay(Connection replica, String condition) throws SQLException, InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        for (int looks = 0; !text(replica, condition).equals("t"); looks++) {
            assertThat(looks).as("looks at the replica, one each 10 ms").isLessThan(1_000);
            never.await(10, TimeUnit.MILLISECONDS);
        }
    }

    private static Connection connect(int port) throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/app", "app", "app");
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }

    private static List<ProcessHandle> postgresProcesses() {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().command().orElse("").startsWith(CACHE.toString()))
                .toList();
    }

    private static int freePair() throws IOException {
        while (true) {
            int port = Ports.free()[0];
            if (port < 0xffff && isFree(port + 1)) {
                return port;
            }
        }
    }

    private static boolean isFree(int port) {
        try {
            Ports.requireFree(port, "");
            return true;
        } catch (DemoException e) {
            return false;
        }
    }
}
