package dev.trunkline.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.state.ProxySnapshot;
import dev.trunkline.server.state.SampleState;
import dev.trunkline.wire.Column;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdminConsoleTest {
    private static final AdminUser ADMIN = new AdminUser("root", ConsoleAccess.ADMIN);
    private static final AdminUser STATS = new AdminUser("watcher", ConsoleAccess.STATS);

    private final SampleState state = new SampleState();
    private final List<String> switchovers = new ArrayList<>();
    private final FakePools pools = new FakePools();
    private PgError answer = PgError.notice("switched over");
    private final ClusterControl control = (cluster, member) -> {
        switchovers.add(cluster + " to " + member);
        return CompletableFuture.completedFuture(answer);
    };
    private final AdminConsole console =
            new AdminConsole(state, powers(), "0.1.0", Runnable::run, Duration.ofSeconds(5));

    private AdminConsole.Powers powers() {
        return new AdminConsole.Powers(control, pools, AdminConsoleTest::explain);
    }

    /** Names, order and types as in PgBouncer 1.25.2's source; what it does not have stands behind. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    POOLS | ssiiiiiiiiiiiiiss | database,user,cl_active,cl_waiting,cl_active_cancel_req,cl_waiting_cancel_req,sv_active,sv_active_cancel,sv_being_canceled,sv_idle,sv_used,sv_tested,sv_login,maxwait,maxwait_us,pool_mode,load_balance_hosts
                    CLIENTS | ssssssisissiiississiisq | type,user,database,replication,state,addr,port,local_addr,local_port,connect_time,request_time,wait,wait_us,close_needed,ptr,link,remote_pid,tls,application_name,prepared_statements,id,pinned,pinned_seconds
                    SERVERS | ssssssisissiiississii | type,user,database,replication,state,addr,port,local_addr,local_port,connect_time,request_time,wait,wait_us,close_needed,ptr,link,remote_pid,tls,application_name,prepared_statements,id
                    DATABASES | ssissiiiissiiiiii | name,host,port,database,force_user,pool_size,min_pool_size,reserve_pool_size,server_lifetime,pool_mode,load_balance_hosts,max_connections,current_connections,max_client_connections,current_client_connections,paused,disabled
                    VERSION | s | version
                    """)
    void show_hasPgBouncersColumns(String what, String types, String names) {
        AdminResult.Rows rows = rows("SHOW " + what);

        assertThat(rows.columns().stream().map(Column::name)).containsExactly(names.split(","));
        assertThat(rows.columns().stream().map(AdminConsoleTest::letter).collect(Collectors.joining()))
                .isEqualTo(types);
        assertThat(rows.tag()).isEqualTo("SHOW");
        assertThat(rows.rows()).isNotEmpty().allSatisfy(row -> assertThat(row).hasSameSizeAs(rows.columns()));
    }

    @Test
    void showPools_hasOneRowForLeaderAndReplicasTogether() {
        assertThat(rows("SHOW POOLS").rows())
                .containsExactly(Arrays.asList(
                        "app",
                        "joe",
                        "6",
                        "2",
                        "0",
                        "0",
                        "2",
                        "0",
                        "0",
                        "4",
                        "0",
                        "0",
                        "0",
                        "1",
                        "500000",
                        "transaction",
                        null));
    }

    @Test
    void showTargets_hasOneRowForEachServerOfAPool() {
        assertThat(rows("SHOW TARGETS").rows())
                .containsExactly(
                        List.of(
                                "app",
                                "joe",
                                "10.0.0.1",
                                "5432",
                                "leader",
                                "2",
                                "2",
                                "0",
                                "0",
                                "2",
                                "0",
                                "0",
                                "0",
                                "20",
                                "1",
                                "500000",
                                "82"),
                        List.of(
                                "app",
                                "joe",
                                "10.0.0.2",
                                "5432",
                                "replica",
                                "0",
                                "0",
                                "0",
                                "0",
                                "2",
                                "0",
                                "0",
                                "0",
                                "20",
                                "0",
                                "0",
                                "18"));
    }

    @Test
    void showClients_tellsStateTimesAndWaitInPgBouncersForm() {
        assertThat(rows("SHOW CLIENTS").rows().getFirst())
                .containsExactly(
                        "C",
                        "joe",
                        "app",
                        "none",
                        "waiting",
                        "192.168.1.9",
                        "40000",
                        "192.168.1.1",
                        "6432",
                        "2026-01-02 03:03:05 UTC",
                        "2026-01-02 03:04:04 UTC",
                        "1",
                        "500000",
                        "0",
                        "0x64",
                        "",
                        "0",
                        "",
                        "psql",
                        "2",
                        "100",
                        "LISTEN, temporary objects",
                        "7");
    }

    @Test
    void showServers_linksEachToItsClientByPointer() {
        assertThat(rows("SHOW SERVERS").rows().getFirst())
                .startsWith("S", "joe", "app", "none", "active")
                .endsWith("1", "0xc8", "0x64", "4711", "", "psql", "3", "200");
    }

    @Test
    void showDatabases_tellsTheLeaderAsHost() {
        assertThat(rows("SHOW DATABASES").rows())
                .containsExactly(Arrays.asList(
                        "app",
                        "10.0.0.1",
                        "5432",
                        "app",
                        null,
                        "20",
                        "1",
                        "0",
                        "3600",
                        "transaction",
                        null,
                        "50",
                        "6",
                        "0",
                        "8",
                        "0",
                        "0"));
    }

    @Test
    void showClusters_tellsForEachMemberWhetherItGetsTransactionsAndElseWhyNot() {
        assertThat(rows("SHOW CLUSTERS").rows())
                .containsExactly(
                        List.of("main", "node1", "10.0.0.1", "5432", "leader", "running", "7", "0", "1", "2", "", "1"),
                        List.of(
                                "main",
                                "node2",
                                "10.0.0.2",
                                "5432",
                                "replica",
                                "streaming",
                                "7",
                                "512",
                                "0",
                                "2",
                                "",
                                "1"),
                        Arrays.asList(
                                "main",
                                "node3",
                                "10.0.0.3",
                                "5432",
                                "replica",
                                "streaming",
                                "6",
                                null,
                                "0",
                                "2",
                                "lag is unknown",
                                "1"));
    }

    @Test
    void showTopology_tellsWhyEachMemberGetsWhatItGets() {
        assertThat(rows("SHOW TOPOLOGY").rows())
                .containsExactly(
                        Arrays.asList(
                                "main",
                                "node1",
                                "10.0.0.1",
                                "5432",
                                "leader",
                                "running",
                                "7",
                                "0",
                                "not in recovery, timeline 7",
                                "30",
                                "leader",
                                "named and proven",
                                "named and proven",
                                "http://10.0.0.2:8008",
                                "250",
                                "",
                                "2",
                                null,
                                "",
                                "0",
                                "1",
                                "100",
                                null),
                        List.of(
                                "main",
                                "node2",
                                "10.0.0.2",
                                "5432",
                                "replica",
                                "streaming",
                                "7",
                                "512",
                                "in recovery, timeline 7",
                                "40",
                                "replica",
                                "",
                                "named and proven",
                                "http://10.0.0.2:8008",
                                "250",
                                "",
                                "2",
                                "1500",
                                "disk=ssd,zone=a",
                                "1",
                                "3",
                                "50",
                                "12"),
                        Arrays.asList(
                                "main",
                                "node3",
                                "10.0.0.3",
                                "5432",
                                "replica",
                                "streaming",
                                "6",
                                null,
                                null,
                                null,
                                "excluded",
                                "lag is unknown",
                                "named and proven",
                                "http://10.0.0.2:8008",
                                "250",
                                "",
                                "2",
                                null,
                                "",
                                "0",
                                "1",
                                "100",
                                null));
    }

    @Test
    void showVersion_beginsWithThePgBouncerWhoseConsoleItIs() {
        assertThat(rows("SHOW VERSION").rows()).containsExactly(List.of("PgBouncer 1.25.2 (Trunkline 0.1.0)"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"show pools", "SELECT pools", "  sHoW\n\"pools\" ", "show pools;", "show pools ; ;"})
    void execute_takesWhatPgBouncerTakesForShow(String query) {
        assertThat(rows(query).columns().getFirst().name()).isEqualTo("database");
    }

    @Test
    void showHelp_isANoticeThatListsEveryShow() {
        AdminResult.Notice help = (AdminResult.Notice) one("SHOW HELP", STATS);

        assertThat(help.tag()).isEqualTo("SHOW");
        assertThat(help.notice().message()).isEqualTo("Console usage");
        assertThat(help.notice().code()).isEqualTo("00000");
        assertThat(help.notice().detail())
                .contains(
                        "HELP",
                        "POOLS",
                        "CLIENTS",
                        "SERVERS",
                        "DATABASES",
                        "VERSION",
                        "TARGETS",
                        "CLUSTERS",
                        "LISTENERS");
    }

    @Test
    void execute_runsSeveralStatementsInOrderAndStopsBehindTheFirstFailure() {
        List<AdminResult> results = all("SHOW VERSION; SHOW \"a;b\"; SHOW POOLS", ADMIN);

        assertThat(results).hasSize(2);
        assertThat(results.getFirst()).isInstanceOf(AdminResult.Rows.class);
        assertThat(failure(results.getLast()).message()).isEqualTo("invalid command 'SHOW \"a;b\"', use SHOW HELP;");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  \n", ";", " ; ;"})
    void execute_answersAQueryWithoutStatementsAsEmpty(String query) {
        assertThat(all(query, STATS)).containsExactly(new AdminResult.Empty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "FOO",
                "SHOW",
                "SHOW NOTHING",
                "SELECT 1",
                "SELECT 1 + 1",
                "SHOW POOLS WHERE x",
                "'",
                "SHOW 'pools'",
                "SHOW \"pools"
            })
    void execute_refusesWhatItDoesNotKnowInPgBouncersWords(String query) {
        PgError error = failure(one(query, STATS));

        assertThat(error.code()).isEqualTo("42601");
        assertThat(error.severity()).isEqualTo(PgError.Severity.ERROR);
        assertThat(error.message()).isEqualTo("invalid command '" + query + "', use SHOW HELP;");
    }

    @ParameterizedTest
    @CsvSource({
        "client_encoding, UTF-8",
        "default_transaction_isolation, read committed",
        "standard_conforming_strings, on",
        "DateStyle, ISO",
        "timezone, GMT",
        "extra_float_digits, 2"
    })
    void showAndSet_ofASettingThatDriversTouchAreHarmless(String name, String value) {
        assertThat(rows("SHOW " + name).rows()).containsExactly(List.of(value));
        for (String set : List.of("SET %s = 'x y'", "set %s to x", "SET \"%s\"=2", "SET %s = \"ISO\"")) {
            assertThat(one(set.formatted(name), STATS))
                    .isEqualTo(new AdminResult.Notice(PgError.notice("SET ignored"), "SET"));
        }
    }

    /** Hazard S4: what changes something is closed to everybody but admins, whether it exists already or not. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "DISABLE app",
                "ENABLE app",
                "KILL",
                "KILL app",
                "KILL_CLIENT 100",
                "kill_client \"100\"",
                "RECONNECT",
                "RELOAD",
                "SET max_client_conn = 1",
                "SET max_client_conn TO '1'",
                "SHUTDOWN",
                "SHUTDOWN WAIT_FOR_CLIENTS",
                "SUSPEND",
                "WAIT_CLOSE"
            })
    void execute_refusesEveryChangeOfAStatsUser(String query) {
        PgError error = failure(one(query, STATS));

        assertThat(error.code()).isEqualTo("42501");
        assertThat(error.message()).isEqualTo("admin access needed");
        assertThat(failure(one(query, ADMIN)).code())
                .as("unknown yet, even to an admin")
                .isEqualTo("42601");
        assertThat(state.asked()).isZero();
    }

    /** Hazard S4. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "POOLS",
                "TARGETS",
                "CLIENTS",
                "SERVERS",
                "DATABASES",
                "CLUSTERS",
                "LISTENERS",
                "PREPARED",
                "VERSION",
                "HELP"
            })
    void execute_letsAStatsUserSeeWhatAnAdminSees(String what) {
        assertThat(one("SHOW " + what, STATS)).isEqualTo(one("SHOW " + what, ADMIN));
    }

    private static AdminResult explain(@Nullable String database, String text) {
        return new AdminResult.Notice(PgError.notice(database + ": " + text), "EXPLAIN");
    }

    @Test
    void showRoutes_hasARowForEachRouteAndReason() {
        assertThat(rows("SHOW ROUTES").rows())
                .containsExactly(List.of("app", "leader", "unproven", "2"), List.of("app", "replica", "proven", "4"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    EXPLAIN ROUTE SELECT 1 | null: SELECT 1
                    explain route in app SELECT 1; SELECT ';' | app: SELECT 1; SELECT ';'
                    Explain Route In "my db" TABLE t | my db: TABLE t
                    EXPLAIN ROUTE IN pg-1.x /* c */ SELECT 1; | pg-1.x: /* c */ SELECT 1;
                    """)
    void explainRoute_isAskedOfTheWholeRest(String text, String asked) {
        assertThat(one(text, STATS)).isEqualTo(new AdminResult.Notice(PgError.notice(asked), "EXPLAIN"));
    }

    @Test
    void explainRoute_ofNothingIsInvalid() {
        assertThat(failure(one("EXPLAIN ROUTE", ADMIN)).code()).isEqualTo("42601");
    }

    /** Hazard S4: a plain user has no access at all, so that there is no AdminUser to run a command as. */
    @Test
    void access_ofAPlainUserIsNone() {
        Set<String> admins = Set.of("root");
        Set<String> watchers = Set.of("watcher", "root");

        assertThat(ConsoleAccess.of("root", admins, watchers)).isEqualTo(ConsoleAccess.ADMIN);
        assertThat(ConsoleAccess.of("watcher", admins, watchers)).isEqualTo(ConsoleAccess.STATS);
        assertThat(ConsoleAccess.of("joe", admins, watchers)).isNull();
        assertThat(ConsoleAccess.of("ROOT", admins, watchers)).isNull();
        assertThat(ConsoleAccess.of("", Set.of(), Set.of())).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "PAUSE, pause null, PAUSE",
        "pause app, pause app, PAUSE",
        "Pause \"My-App\", pause My-App, PAUSE",
        "RESUME, resume null, RESUME",
        "resume app, resume app, RESUME",
    })
    void pauseAndResume_ofAnAdmin_arePassedOn(String text, String asked, String tag) {
        assertThat(one(text, ADMIN)).isEqualTo(new AdminResult.Done(tag));
        assertThat(pools.asked).containsExactly(asked);
    }

    @Test
    void pause_thatFails_isAnErrorAndEndsTheQuery() {
        PgError error = PgError.error(SqlState.OBJECT_IN_USE, "running transactions did not end in time");
        pools.answer = error;

        assertThat(console.execute("PAUSE; RESUME", ADMIN).toCompletableFuture().join())
                .containsExactly(new AdminResult.Failed(error));
        assertThat(pools.asked).containsExactly("pause null");
    }

    /** Hazard S4. */
    @ParameterizedTest
    @ValueSource(strings = {"PAUSE", "PAUSE app", "RESUME", "RESUME app"})
    void pauseAndResume_ofAStatsUser_areRefused(String text) {
        assertThat(failure(one(text, STATS)).code()).isEqualTo("42501");
        assertThat(pools.asked).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    SWITCHOVER | null to null
                    switchover main | main to null
                    Switchover to node2 | null to node2
                    SWITCHOVER main TO node2 | main to node2
                    SWITCHOVER main TO "a b" | main to a b
                    SWITCHOVER pg-1.eu  to  pg-2.eu | pg-1.eu to pg-2.eu
                    SWITCHOVER "to" TO "To" | to to To
                    SWITCHOVER "a ""b"" " TO c | a "b"  to c
                    """)
    void switchover_ofAnAdmin_isPassedOn(String text, String asked) {
        assertThat(one(text, ADMIN)).isEqualTo(new AdminResult.Notice(answer, "SWITCHOVER"));
        assertThat(switchovers).containsExactly(asked);
    }

    @Test
    void switchover_thatFails_isAnErrorAndEndsTheQuery() {
        answer = PgError.error(SqlState.OBJECT_IN_USE, "running transactions did not end in time");

        assertThat(console.execute("SWITCHOVER; SHOW VERSION", ADMIN)
                        .toCompletableFuture()
                        .join())
                .containsExactly(new AdminResult.Failed(answer));
    }

    @Test
    void switchover_ofAStatsUser_isRefused() {
        PgError error = failure(one("SWITCHOVER", STATS));

        assertThat(error.code()).isEqualTo("42501");
        assertThat(error.message()).isEqualTo("admin access needed");
        assertThat(switchovers).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"SWITCHOVER TO", "SWITCHOVER a b", "SWITCHOVER a TO b c", "SWITCHOVERTO b", "SWITCHOVER 'a'"})
    void switchover_thatIsMisspelt_isInvalid(String text) {
        assertThat(failure(one(text, ADMIN)).message()).isEqualTo("invalid command '" + text + "', use SHOW HELP;");
        assertThat(switchovers).isEmpty();
    }

    @Test
    void execute_failsInTimeWhenAWorkerHangs() {
        state.answer(new CompletableFuture<ProxySnapshot>());
        AdminConsole hasty = new AdminConsole(state, powers(), "0.1.0", Runnable::run, Duration.ofMillis(20));

        PgError error = failure(
                hasty.execute("SHOW POOLS", STATS).toCompletableFuture().join().getFirst());
        assertThat(error.code()).isEqualTo("XX000");
        assertThat(error.message()).isEqualTo("the workers did not answer within 20 ms");
    }

    @Test
    void execute_failsAloneWhenTheSnapshotFails() {
        state.answer(CompletableFuture.failedFuture(new IllegalStateException("boom")));

        PgError error = failure(one("SHOW POOLS", STATS));
        assertThat(error.message()).isEqualTo("the workers failed to answer");
    }

    private static String letter(Column column) {
        return switch (column.typeOid()) {
            case 25 -> "s";
            case 23 -> "i";
            case 20 -> "q";
            default -> "?";
        };
    }

    private AdminResult.Rows rows(String query) {
        return (AdminResult.Rows) one(query, STATS);
    }

    private AdminResult one(String query, AdminUser user) {
        List<AdminResult> results = all(query, user);
        assertThat(results).hasSize(1);
        return results.getFirst();
    }

    private List<AdminResult> all(String query, AdminUser user) {
        return console.execute(query, user).toCompletableFuture().join();
    }

    private static PgError failure(AdminResult result) {
        assertThat(result).isInstanceOf(AdminResult.Failed.class);
        return ((AdminResult.Failed) result).error();
    }
}
