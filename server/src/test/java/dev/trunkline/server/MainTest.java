package dev.trunkline.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class MainTest {
    private static final String GOOD = """
            listeners: [ { port: 6432 } ]
            clusters: { main: { leader: "localhost:5432", check_user: monitor } }
            databases: { app: { cluster: main, user: app } }
            users_file: users.txt
            admin_users: [ app ]
            """;

    @TempDir
    Path directory;

    private final List<String> events = new ArrayList<>();
    private final List<Runnable> hooks = new ArrayList<>();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    /** A proxy that ends by itself and tells what happened to it. */
    private final class FakeProxy implements RunningProxy {
        @Override
        public void awaitEnd() {
            events.add("awaited");
        }

        @Override
        public void close() {
            events.add("closed");
        }
    }

    private int execute(Launcher launcher, String... args) {
        CommandLine line = Main.commandLine(launcher, hooks::add);
        return line.setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }

    private int execute(String... args) {
        return execute(
                setup -> {
                    events.add("launched " + setup.config().databases().keySet());
                    return new FakeProxy();
                },
                args);
    }

    private String conf(String text, String users) throws IOException {
        Path file = Files.writeString(directory.resolve("users.txt"), users);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return Files.writeString(directory.resolve("t.yaml"), text).toString();
    }

    @Test
    void check_aGoodFileIsOk() throws IOException {
        String conf = conf(GOOD, "\"app\" \"secret\"\n\"monitor\" \"secret\"\n");
        assertThat(execute("check", conf)).isZero();
        assertThat(out.toString()).isEqualTo(conf + ": ok\n");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void check_everyProblemOfBothFilesIsALine() throws IOException {
        String conf = conf(
                GOOD.replace("users_file", "pool_mod: x\nusers_file").replace("cluster: main", "cluster: mian"),
                "\"app\" secret\n\"monitor\" \"SCRAM-SHA-256$x\"\nx\n");
        assertThat(execute("check", conf)).isEqualTo(1);
        assertThat(out.toString().lines())
                .containsExactly(
                        conf + ":3:21: there is no cluster \"mian\"; did you mean \"main\"?",
                        conf + ":4:1: unknown setting \"pool_mod\"; did you mean \"pool_mode\"?",
                        directory.resolve("users.txt") + ":1:7: expected a secret in double quotes",
                        directory.resolve("users.txt")
                                + ":2:11: malformed secret of \"monitor\"; expected SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey",
                        directory.resolve("users.txt") + ":3:1: expected a user name in double quotes");
    }

    @Test
    void check_whatIsHardlyMeantIsAWarning() throws IOException {
        String conf = conf(GOOD.replace("[ app ]", "[ boss ]"), "\"monitor\" \"\"\n");
        assertThat(execute("check", conf)).isZero();
        assertThat(out.toString().lines())
                .containsExactly(
                        "warning: " + conf
                                + ": \"monitor\", the check_user of the cluster \"main\", has no password in the users file; the servers must trust it",
                        "warning: " + conf
                                + ": \"app\", the user of the database \"app\", has no password in the users file; the servers must trust it",
                        "warning: " + conf + ": \"boss\" in \"admin_users\" is not in the users file",
                        conf + ": ok");
    }

    @Test
    void check_aUserOfPatroniNeedsThePasswordItself() throws IOException {
        String patroni =
                GOOD.replace("leader: \"localhost:5432\"", "patroni: [ \"http://a:8008\" ], patroni_user: monitor");
        String hashed = conf(patroni, "\"app\" \"x\"\n\"monitor\" \"md5" + "0".repeat(32) + "\"\n");
        assertThat(execute("check", hashed)).isZero();
        assertThat(out.toString().lines())
                .containsExactly(
                        "warning: " + hashed + ": \"monitor\", the patroni_user of the cluster \"main\","
                                + " has no password in plain text in the users file; Patroni is asked without one",
                        hashed + ": ok");
    }

    @Test
    void run_startsWaitsAndLeavesTheClosingToTheSignal() throws IOException {
        String conf = conf(GOOD, "\"app\" \"secret\"\n\"monitor\" \"secret\"\n");
        assertThat(execute("run", conf)).isZero();
        assertThat(events).containsExactly("launched [app]", "awaited");
        hooks.forEach(Runnable::run);
        assertThat(events).endsWith("closed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"run CONF", "run -- CONF", "run", "run --help", "run CONF CONF", "run @CONF"})
    void run_isTheSameWithAndWithoutTheParserOfCommandLines(String line) throws Exception {
        String file = conf(GOOD, "\"app\" \"secret\"\n\"monitor\" \"secret\"\n");
        String[] args = line.replace("CONF", file).split(" ");
        int parsed = execute(args);
        List<String> expected = List.copyOf(events);
        events.clear();
        StringWriter said = new StringWriter();
        int status = Main.execute(
                args,
                setup -> {
                    events.add("launched " + setup.config().databases().keySet());
                    return new FakeProxy();
                },
                hooks::add,
                new PrintWriter(said, true));
        assertThat(status).isEqualTo(parsed);
        assertThat(events).isEqualTo(expected);
        assertThat(said).hasToString(err.toString());
    }

    @Test
    void run_aBrokenFileStartsNothing() throws IOException {
        assertThat(execute("run", conf("", ""))).isEqualTo(1);
        assertThat(err.toString().lines()).hasSize(4);
        assertThat(events).isEmpty();
    }

    @Test
    void run_whatCannotStartIsOneLine() throws IOException {
        String conf = conf(GOOD, "\"app\" \"secret\"\n\"monitor\" \"secret\"\n");
        int status = execute(
                _ -> {
                    throw new IOException("port 6432 is in use");
                },
                "run",
                conf);
        assertThat(status).isEqualTo(1);
        assertThat(err.toString()).isEqualTo("trunkline: port 6432 is in use\n");
        assertThat(hooks).isEmpty();
    }

    @Test
    void execute_wrongUsageIsStatusTwo() {
        assertThat(execute("rum")).isEqualTo(2);
        assertThat(execute("run")).isEqualTo(2);
        assertThat(execute()).isEqualTo(2);
        assertThat(err.toString()).contains("Missing required parameter: 'CONF'");
    }

    @Test
    void execute_versionAndHelp() {
        assertThat(execute("--version")).isZero();
        assertThat(out.toString()).startsWith("Trunkline ");
        assertThat(execute("--help")).isZero();
        assertThat(out.toString()).contains("check", "run", "demo");
    }

    @Test
    void demo_aPortThatCannotBeIsWrongUsage() {
        assertThat(execute("demo", "--port", "65535")).isEqualTo(2);
        assertThat(execute("demo", "--http-port", "0")).isEqualTo(2);
        assertThat(execute("demo", "--port", "x")).isEqualTo(2);
        assertThat(err.toString()).contains("Invalid value for option '--port': expected 1 to 65534");
        assertThat(events).isEmpty();
    }
}
