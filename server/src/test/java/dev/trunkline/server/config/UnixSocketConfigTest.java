package dev.trunkline.server.config;

import static dev.trunkline.server.config.ConfigLoaderTest.LEAST;
import static dev.trunkline.server.config.ConfigLoaderTest.loaded;
import static dev.trunkline.server.config.ConfigLoaderTest.problems;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnixSocketConfigTest {
    /** Without the dot and the number this is 98 bytes, so that a port of four digits is the longest that fits. */
    private static final String LONG = "/" + "x".repeat(92);

    private static String with(String listeners, String more) {
        return "listeners: [ " + listeners + " ]\n" + more + """
                clusters: { main: { leader: "localhost:5432" } }
                databases: { "*": { cluster: main } }
                auth_type: trust
                """;
    }

    private static String warnings(String text) {
        LoadResult.Loaded result = (LoadResult.Loaded) ConfigLoader.parse(text, ConfigLoaderTest.FILE);
        return String.valueOf(result.warnings());
    }

    @Test
    void unixSockets_areOffUnlessTheyHaveADirectory() {
        Config config = loaded(LEAST);
        assertThat(config.general().unixSockets()).isEqualTo(new UnixSocketSettings("", 0777, ""));
        assertThat(config.general().unixSockets().areOn()).isFalse();
        assertThat(config.listeners()).extracting(ListenerConfig::unixSocket).containsOnlyNulls();
    }

    @Test
    void everyPort_hasASocketInTheDirectory() {
        Config config = loaded(with(
                "{ port: 6432 }, { port: 6433 }",
                "unix_socket_dir: /run/trunkline/\nunix_socket_mode: 0660\nunix_socket_group: dba\n"));
        assertThat(config.general().unixSockets()).isEqualTo(new UnixSocketSettings("/run/trunkline", 0660, "dba"));
        assertThat(config.listeners())
                .extracting(ListenerConfig::unixSocket)
                .containsExactly("/run/trunkline/.s.PGSQL.6432", "/run/trunkline/.s.PGSQL.6433");
    }

    @Test
    void portOnTwoAddresses_givesItsSocketToTheFirst() {
        Config config = loaded(with(
                "{ address: 127.0.0.1, port: 6432 }, { address: \"::1\", port: 6432 }", "unix_socket_dir: /run\n"));
        assertThat(config.listeners())
                .extracting(ListenerConfig::unixSocket)
                .containsExactly("/run/.s.PGSQL.6432", null);
    }

    @Test
    void listenerWithoutAnAddress_hasTheUnixSocketAlone() {
        Config config = loaded(with("{ address: \"\", port: 6432 }", "unix_socket_dir: \"@app\"\n"));
        assertThat(config.listeners())
                .containsExactly(new ListenerConfig("", 6432, "@app/.s.PGSQL.6432", RouteChoice.AUTO));
        assertThat(config.listeners().getFirst().isTcp()).isFalse();
    }

    @Test
    void listenerWithNothing_isAProblem() {
        assertThat(problems(with("{ address: \"\", port: 6432 }", "")))
                .containsExactly(
                        "1:16: \"address\" is empty, and there is no \"unix_socket_dir\"; nobody could connect");
        assertThat(problems(with("{ port: 6432 }, { address: \"\", port: 6432 }", "unix_socket_dir: /run\n")))
                .containsExactly("1:45: the Unix socket of port 6432 is already used in line 1");
    }

    @Test
    void pathThatTheKernelDoesNotTake_isAProblem() {
        assertThat(loaded(with("{ port: 6432 }", "unix_socket_dir: " + LONG + "\n"))
                        .listeners())
                .hasSize(1);
        assertThat(problems(with("{ port: 16432 }", "unix_socket_dir: " + LONG + "\n")))
                .containsExactly("1:16: the path of the Unix socket " + LONG
                        + "/.s.PGSQL.16432 is longer than the 107 bytes that the kernel allows");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            unix_socket_dir: run          | "unix_socket_dir" is "run"; expected the absolute path of a directory, such as /run/trunkline, or @ and a name
            unix_socket_dir: "@"          | "unix_socket_dir" is "@"; expected the absolute path of a directory, such as /run/trunkline, or @ and a name
            unix_socket_mode: 0999        | "unix_socket_mode" is "0999"; expected permissions as an octal number of three digits, such as 0770
            unix_socket_mode: 7           | "unix_socket_mode" is "7"; expected permissions as an octal number of three digits, such as 0770
            unix_socket_mod: 0777         | unknown setting "unix_socket_mod"; did you mean "unix_socket_mode"?
            """)
    void wrongValue_isAProblem(String line, String problem) {
        assertThat(problems(LEAST + line)).singleElement().asString().endsWith(problem);
    }

    @Test
    void permissionsWithoutAFile_areWarnedOf() {
        assertThat(warnings(LEAST + "unix_socket_mode: 0770\n"))
                .contains("\"unix_socket_mode\" has no effect, as \"unix_socket_dir\" names no directory");
        assertThat(warnings(LEAST + "unix_socket_dir: \"@app\"\nunix_socket_group: dba\n"))
                .contains("\"unix_socket_group\" has no effect");
        assertThat(warnings(LEAST + "unix_socket_dir: /run\nunix_socket_group: dba\n"))
                .isEqualTo("[]");
    }

    @Test
    void server_mayBeOnAUnixSocket() {
        String text = LEAST.replace("localhost:5432", "/run/postgresql:5432");
        assertThat(requireNonNull(loaded(text).clusters().get("main")).source())
                .isInstanceOfSatisfying(ClusterSource.Static.class, fixed -> assertThat(fixed.leader())
                        .isEqualTo(new HostPort("/run/postgresql", 5432))
                        .hasToString("/run/postgresql:5432"));
    }

    @Test
    void serverOnAWrongPath_isAProblem() {
        assertThat(problems(LEAST.replace("localhost:5432", "run/postgresql:5432")))
                .singleElement()
                .asString()
                .endsWith("\"run/postgresql\" is neither a host name nor an IP address nor an absolute path of a"
                        + " directory");
        assertThat(problems(LEAST.replace("localhost:5432", LONG + ":15432")))
                .singleElement()
                .asString()
                .endsWith("is longer than the 107 bytes that the kernel allows");
        assertThat(problems(LEAST.replace("localhost:5432", "/run/postgresql")))
                .singleElement()
                .asString()
                .contains("or /directory:port for a Unix socket, such as /run/postgresql:5432");
    }
}
