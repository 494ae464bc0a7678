package dev.trunkline.server.config;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigLoaderTest {
    static final Path FILE = Path.of("etc", "t.yaml");

    static final String DESIGN_EXAMPLE = """
            listeners:
              - { port: 6432 }
              - { port: 6433, route: replica }
            http: { port: 8404 }
            clusters:
              main:
                patroni: [ "http://10.0.0.1:8008", "http://10.0.0.2:8008", "http://10.0.0.3:8008" ]
                patroni_user: rest
                max_replica_lag: 16MB
                failover_hold: 30s
            databases:
              app:       { cluster: main, pool_mode: transaction, default_pool_size: 20, read_routing: explicit }
              reports:   { cluster: main, dbname: app, route: replica }
            users_file: userlist.txt
            """;

    /** The least that is accepted, to which a test adds lines at the top level. */
    static final String LEAST = """
            listeners: [ { port: 6432 } ]
            clusters: { main: { leader: "localhost:5432" } }
            databases: { "*": { cluster: main } }
            users_file: users.txt
            """;

    static Config loaded(String text) {
        LoadResult result = ConfigLoader.parse(text, FILE);
        assertThat(result).isInstanceOf(LoadResult.Loaded.class);
        return ((LoadResult.Loaded) result).config();
    }

    static List<String> problems(String text) {
        LoadResult result = ConfigLoader.parse(text, FILE);
        assertThat(result).isInstanceOf(LoadResult.Invalid.class);
        return ((LoadResult.Invalid) result)
                .problems().stream()
                        .map(Problem::toString)
                        .map(line -> line.replace(FILE + ":", ""))
                        .toList();
    }

    @Test
    void load_theExampleOfTheManual() {
        Config config = loaded(DESIGN_EXAMPLE);

        assertThat(config.listeners())
                .containsExactly(
                        new ListenerConfig("*", 6432, null, RouteChoice.AUTO),
                        new ListenerConfig("*", 6433, null, RouteChoice.REPLICA));
        assertThat(config.http()).isEqualTo(new HttpConfig("127.0.0.1", 8404));
        assertThat(requireNonNull(config.clusters().get("main")).source())
                .isEqualTo(new ClusterSource.Patroni(
                        List.of(
                                URI.create("http://10.0.0.1:8008"),
                                URI.create("http://10.0.0.2:8008"),
                                URI.create("http://10.0.0.3:8008")),
                        new ApiAccess("patroni", "rest", TlsFiles.NONE)));
        assertThat(requireNonNull(config.clusters().get("main"))
                        .replicas()
                        .lagLimits()
                        .bytes())
                .isEqualTo(16L << 20);
        assertThat(config.databases()).containsOnlyKeys("app", "reports");
        assertThat(config.general().auth().usersFile()).isEqualTo(Path.of("etc", "userlist.txt"));
        assertThat(requireNonNull(config.database("reports")).serverDbname("reports"))
                .isEqualTo("app");
        assertThat(config.database("nowhere")).isNull();
    }

    @Test
    void load_aClusterThatIsFoundByEtcd() {
        String text = LEAST.replace(
                "leader: \"localhost:5432\"",
                "etcd: [ \"https://10.0.0.1:2379\" ], etcd_scope: demo, etcd_namespace: /db/, etcd_user: trunkline,"
                        + " etcd_ca_file: tls/ca.pem, etcd_cert_file: /tls/c.pem, etcd_key_file: k.pem,"
                        + " patroni_user: rest, patroni_verify_host: false");

        assertThat(requireNonNull(loaded(text).clusters().get("main")).source())
                .isEqualTo(new ClusterSource.Etcd(
                        List.of(URI.create("https://10.0.0.1:2379")),
                        "/db/demo/",
                        new ApiAccess(
                                "etcd",
                                "trunkline",
                                new TlsFiles(
                                        Path.of("etc", "tls/ca.pem"),
                                        Path.of("/tls/c.pem"),
                                        Path.of("etc", "k.pem"),
                                        true)),
                        new ApiAccess("patroni", "rest", new TlsFiles(null, null, null, false))));
    }

    @Test
    void load_fiveMistakesArePrintedAsFiveLines() {
        String text = """
                listeners:
                  - { port: 64320 , rout: replica }
                  - { port: 700000 }
                clusters:
                  main: { patroni: [ "http://10.0.0.1:8008" ], failover_hold: 30 seconds }
                databases:
                  app: { cluster: mian, pool_mod: session }
                users_file: userlist.txt
                """;

        assertThat(problems(text))
                .containsExactly(
                        "2:21: unknown setting \"rout\"; did you mean \"route\"?",
                        "3:13: \"port\" is \"700000\"; outside the range 1 to 65535",
                        "5:63: \"failover_hold\" is \"30 seconds\"; \"seconds\" is no unit here; expected a duration: 500ms, 15s, 10m, 1h or a number of seconds",
                        "7:10: there is no cluster \"mian\"; did you mean \"main\"?",
                        "7:25: unknown setting \"pool_mod\"; did you mean \"pool_mode\"?");
    }

    @Test
    void load_anEmptyFileLacksEverythingThatIsRequired() {
        assertThat(problems("# nothing\n"))
                .containsExactlyInAnyOrder(
                        "1:1: \"listeners\" is missing in the top level",
                        "1:1: \"clusters\" is missing in the top level",
                        "1:1: \"databases\" is missing in the top level",
                        "1:1: \"users_file\" is missing; without it nobody can log in by auth_type scram-sha-256");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "pool_mode: fast | 5:12: \"pool_mode\" is \"fast\"; expected one of session, transaction, statement",
                "max_client_conn: many | 5:18: \"max_client_conn\" is \"many\"; expected a whole number",
                "max_client_conn: 0 | 5:18: \"max_client_conn\" is \"0\"; outside the range 1 to 1000000",
                "max_client_conn: [1] | 5:18: \"max_client_conn\" has a list; expected integer",
                "max_client_conn: | 5:17: \"max_client_conn\" has nothing; expected integer",
                "max_client_conn: ~ | 5:18: \"max_client_conn\" has nothing; expected integer",
                "tcp_keepalive: yes | 5:16: \"tcp_keepalive\" is \"yes\"; expected true or false",
                "admin_users: joe | 5:14: \"admin_users\" has a single value; expected a list: [ ..., ... ]",
                "http: 8404 | 5:7: \"http\" has a single value; expected a mapping of settings",
                "http: { port: 6432 } | 5:9: port 6432 is already used in line 1",
                "max_packet_size: 2GB | 5:18: \"max_packet_size\" is \"2GB\"; outside the range 1kB to 1073741823",
                "server_lifetime: -1 | 5:18: \"server_lifetime\" is \"-1\"; expected a duration: 500ms, 15s, 10m, 1h or a number of seconds",
                "min_pool_size: 21 | 5:1: \"min_pool_size\" is 21, more than the default_pool_size of 20",
                "users_file: x | 5:1: \"users_file\" is given twice; first in line 4",
                "read_routing: off | 5:1: unknown setting \"read_routing\" in the top level; it belongs in a database or a user",
                "zzzzzz: 1 | 5:1: unknown setting \"zzzzzz\" in the top level",
                "users: { joe: { pool_size: x } } | 5:28: \"pool_size\" is \"x\"; expected a whole number",
                "workers: &a 1 | 5:10: YAML anchors (&name) are not accepted; write the value out where it is needed",
                "workers: *a | 5:10: YAML aliases (*name) are not accepted; write the value out",
                "workers: !!int 1 | 5:10: YAML tags (!name) are not accepted",
                "[a]: 1 | 5:1: the name of a setting must be a single word",
                "--- | 5:1: a second YAML document begins here; the file must hold one",
            })
    void load_oneMistakeIsOneLine(String line, String problem) {
        assertThat(problems(LEAST + line + "\n")).containsExactly(problem);
    }

    @Test
    void load_aTabIsToldAtItsPlace() {
        assertThat(problems("listeners:\n\t- { port: 1 }\n"))
                .containsExactly("2:1: not valid YAML: a tab cannot be used for indentation; use blanks");
    }

    @Test
    void load_aSyntaxErrorIsToldAtItsPlace() {
        assertThat(problems("workers: 1\nlisteners: [ {port: 1 }\nhttp: {}\n"))
                .singleElement()
                .asString()
                .startsWith("3:1: not valid YAML: ");
        assertThat(problems("workers: \u0001\n"))
                .containsExactly("1:10: not valid YAML: the character U+0001 is not allowed");
    }

    @Test
    void load_deepNestingIsRefusedAndNotRecursedInto() {
        assertThat(problems("a: " + "[".repeat(5_000)))
                .singleElement()
                .asString()
                .contains("nested more than 16");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{} | 1:3: cluster \"c\" needs one of \"patroni\", \"etcd\", \"sql\" and \"leader\"",
                "{ leader: \"a:1\", sql: [\"a:1\"], check_user: u } | 1:23: cluster \"c\" needs one of \"patroni\", \"etcd\", \"sql\" and \"leader\"",
                "{ sql: [\"a:1\"] } | 1:8: \"sql\" needs \"check_user\", who asks the servers",
                "{ patroni: [] } | 1:8: \"patroni\" is empty or has no valid entry",
                "{ patroni: [ \"http://u:p@a:1\" ], sql: [] , check_user: u} | -",
                "{ leader: \"a\" } | 1:16: \"leader\" is \"a\"; expected host:port, such as 10.0.0.1:5432, or /directory:port for a Unix socket, such as /run/postgresql:5432",
                "{ leader: \"a:0\" } | 1:16: \"leader\" is \"a:0\"; port 0 is outside 1 to 65535",
                "{ leader: \"a:1\", patroni_user: u } | 1:23: \"patroni_user\" stands only beside \"patroni\" or \"etcd\"",
                "{ leader: \"a:1\", patroni_verify_host: false } | 1:23: \"patroni_verify_host\" stands only beside \"patroni\" or \"etcd\"",
                "{ patroni: [ \"http://a:1\" ], etcd_user: u } | 1:35: \"etcd_user\" stands only beside \"etcd\"",
                "{ patroni: [ \"http://a:1\" ], etcd_scope: s } | 1:35: \"etcd_scope\" stands only beside \"etcd\"",
                "{ patroni: [ \"https://a:1\" ], patroni_cert_file: c } | 1:36: \"patroni_cert_file\" needs \"patroni_key_file\"",
                "{ patroni: [ \"https://a:1\" ], patroni_key_file: k } | 1:36: \"patroni_key_file\" needs \"patroni_cert_file\"",
                "{ etcd: [ \"http://a:1\" ] } | 1:8: \"etcd\" needs \"etcd_scope\", Patroni's name of the cluster",
                "{ etcd: [], etcd_scope: s } | 1:8: \"etcd\" is empty or has no valid entry",
                "{ etcd: [ \"a:1\" ], etcd_scope: s } | -",
                "{ etcd: [ \"http://a:1\" ], etcd_scope: / } | 1:44: \"etcd_scope\" is \"/\"; expected a name of 1 to 255 characters",
                "{ etcd: [ \"http://a:1\" ], etcd_scope: s, patroni: [ \"http://a:1\" ] } | 1:47: cluster \"c\" needs one of \"patroni\", \"etcd\", \"sql\" and \"leader\"",
                "{ patroni: [ \"http://a:1\" ], patroni_user: \"a:b\" } | 1:35: \"patroni_user\" has a colon, which HTTP's basic authentication does not allow",
                "{ patroni: [ \"http://a:1\" ], replicas: [ \"b:2\" ] } | 1:35: \"replicas\" stands only beside a fixed \"leader\"",
                "{ leader: \"a:1\", suspect_interval: 2s } | 1:23: \"suspect_interval\" is longer than \"poll_interval\"; a suspect cluster is looked at more often",
            })
    void load_aClusterNeedsOneSourceThatIsWhole(String cluster, String problem) {
        String text = "  c: " + cluster + "\n";
        List<String> found = problems("clusters:\n" + text
                + "listeners: [ { port: 1 } ]\ndatabases: { d: { cluster: c } }\nauth_type: trust\n");
        if (problem.equals("-")) {
            assertThat(found).hasSizeGreaterThan(1);
        } else {
            assertThat(found).containsExactly(problem.replaceFirst("^1:(\\d+)", "2:$1"));
        }
    }

    @Test
    void load_listenersClashOnlyOnTheSameAddress() {
        String rest =
                "clusters: { m: { leader: \"[::1]:5432\" } }\ndatabases: { a: { cluster: m } }\nauth_type: trust\n";
        Config config =
                loaded("listeners: [ { address: 127.0.0.1, port: 1 }, { address: \"::1\", port: 1 } ]\n" + rest);
        assertThat(config.listeners()).hasSize(2);
        assertThat(problems("listeners: [ { address: 127.0.0.1, port: 1 }, { port: 1 } ]\n" + rest))
                .containsExactly("1:49: port 1 is already used in line 1");
    }

    @Test
    void load_theNameOfTheConsoleIsReservedAndNamesHaveALimit() {
        String text = LEAST.replace("\"*\":", "pgbouncer: { cluster: main }, \"" + "x".repeat(64) + "\":");
        assertThat(problems(text))
                .hasSize(2)
                .anyMatch(line -> line.contains("\"pgbouncer\" is reserved for the console"))
                .anyMatch(line -> line.contains("expected a name of 1 to 63 bytes"));
    }

    @Test
    void load_aSynonymGivenTwiceIsAMistake() {
        assertThat(problems(LEAST.replace("cluster: main }", "cluster: main, pool_size: 1, default_pool_size: 2 }")))
                .singleElement()
                .asString()
                .contains("\"default_pool_size\" and \"pool_size\" are the same");
    }

    @Test
    void load_anUnusedClusterIsAWarning() {
        LoadResult result = ConfigLoader.parse(LEAST.replace("{ main:", "{ other: { leader: \"h:1\" }, main:"), FILE);
        assertThat(((LoadResult.Loaded) result).warnings())
                .extracting(Problem::message)
                .containsExactly("no database and no listener uses the cluster \"other\"");
    }

    @Test
    void load_sessionConsistencyThatNobodyCanLookAfterIsAWarning() {
        String session = LEAST.replace("cluster: main }", "cluster: main, consistency: session }");
        assertThat(((LoadResult.Loaded) ConfigLoader.parse(session, FILE)).warnings())
                .singleElement()
                .extracting(Problem::message)
                .asString()
                .contains("\"check_user\"", "reads from the leader only");
        String sampled = session.replace("{ main: {", "{ main: { check_user: monitor,");
        assertThat(((LoadResult.Loaded) ConfigLoader.parse(sampled, FILE)).warnings())
                .isEmpty();
    }

    @Test
    void load_aMissingOrUnreadableFileIsOneProblem(@TempDir Path directory) throws IOException {
        assertThat(ConfigLoader.load(directory.resolve("none.yaml")))
                .isEqualTo(new LoadResult.Invalid(
                        List.of(new Problem(directory.resolve("none.yaml"), 1, 1, "there is no such file")), null));
        Path latin = Files.write(directory.resolve("l.yaml"), "a: \u00e9".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(((LoadResult.Invalid) ConfigLoader.load(latin)).problems())
                .extracting(Problem::message)
                .containsExactly("the file is not UTF-8 text");
        assertThat(((LoadResult.Invalid) ConfigLoader.load(directory)).problems())
                .hasSize(1);
    }

    @Test
    void poolSettings_userOverDatabaseOverGeneral() {
        Config config = loaded(
                LEAST.replace(
                                "\"*\": { cluster: main }",
                                "a: { cluster: main, pool_mode: session, pool_size: 5, query_wait_timeout: 7s }, b: { cluster: main }")
                        + "users: { joe: { pool_size: 2, client_idle_timeout: 1h } }\npool_mode: statement\nmax_user_connections: 9\n");

        PoolSettings joeOnA = config.poolSettings("a", "joe");
        assertThat(joeOnA.poolMode()).isEqualTo(PoolMode.SESSION);
        assertThat(joeOnA.poolSize()).isEqualTo(2);
        assertThat(joeOnA.queryWaitTimeout()).isEqualTo(Duration.ofSeconds(7));
        assertThat(joeOnA.clientIdleTimeout()).isEqualTo(Duration.ofHours(1));
        PoolSettings annOnA = config.poolSettings("a", "ann");
        assertThat(annOnA.poolSize()).isEqualTo(5);
        assertThat(annOnA.maxUserConnections()).isEqualTo(9);
        PoolSettings annOnB = config.poolSettings("b", "ann");
        assertThat(annOnB.poolMode()).isEqualTo(PoolMode.STATEMENT);
        assertThat(annOnB.poolSize()).isEqualTo(20);
        assertThat(annOnB.serverLifetime()).isEqualTo(Duration.ofHours(1));
        assertThat(config.poolSettings("unknown", "ann")).isEqualTo(annOnB);
    }

    @Test
    void database_theStarStandsForEveryOtherName() {
        Config config = loaded(LEAST);
        assertThat(requireNonNull(config.database("anything")).serverDbname("anything"))
                .isEqualTo("anything");
    }
}
