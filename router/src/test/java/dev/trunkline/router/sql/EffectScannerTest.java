package dev.trunkline.router.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.router.sql.SessionEffects.Scope;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EffectScannerTest {
    private final EffectScanner scanner = new EffectScanner();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ";",
                "SELECT 1",
                "SELECT abalance FROM pgbench_accounts WHERE aid = 1",
                "UPDATE t SET work_mem = 1, temp = 2",
                "INSERT INTO t VALUES ('SET work_mem = 1; LISTEN c', $$LOAD 'x'$$)",
                "SELECT temp, temporary FROM sensors",
                "SELECT 1 AS listen",
                "BEGIN; SELECT 1; COMMIT",
                "SET LOCAL work_mem = '1MB'",
                "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
                "SET CONSTRAINTS ALL DEFERRED",
                "SET transaction_isolation = 'serializable'",
                "SET SESSION transaction_read_only = on",
                "RESET transaction_isolation",
                "SELECT set_config('work_mem', '1MB', true)",
                "SELECT pg_catalog.set_config('a.b', current_setting('c.d'), TRUE)",
                "SELECT set_config('a.b', greatest('x', lower('Y')), true)",
                "SET \"transaction_isolation\" = 'serializable'",
                "SELECT set_config, pg_advisory_lock FROM t",
                "SELECT pg_advisory_xact_lock(1), nextval('s')",
                "PREPARE TRANSACTION 'x'",
                "DECLARE c CURSOR FOR WITH hold AS (SELECT 1) SELECT * FROM hold",
                "UPDATE t SET n = 1 FROM pg_settings",
                "SELECT name FROM pg_settings FOR UPDATE",
                "SELECT U&\"\\0041\", u & 1 FROM t",
                "SELECT 'a\\' || 'b'",
                "INSERT INTO temp VALUES (1)",
                "/* SET work_mem = 1 */ SELECT 1 -- LISTEN c",
                "SELECT 'unclosed"
            })
    void text_thatLeavesNothing(String sql) {
        assertThat(of(sql)).isSameAs(SessionEffects.NONE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "SET work_mem = '64MB' | work_mem",
                "set session Work_Mem to 1 | work_mem",
                "SET \"Work_Mem\" TO '1MB' | work_mem",
                "SET search_path = a, \"B\" | search_path",
                "SET my.Own.var = 'x' | my.own.var",
                "SET \"my\".\"own\" = 'x' | my.own",
                "SET TIME ZONE 'UTC' | timezone",
                "SET TIME ZONE INTERVAL '-08:00' HOUR TO MINUTE | timezone",
                "SET NAMES 'LATIN1' | client_encoding",
                "SET SCHEMA 'x' | search_path",
                "SET XML OPTION DOCUMENT | xmloption",
                "SET ROLE reader | role",
                "SET SESSION ROLE 'reader' | role",
                "SET role = reader | role",
                "SET SESSION AUTHORIZATION reader | session_authorization,role",
                "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY | default_transaction_read_only",
                "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED, NOT DEFERRABLE | default_transaction_isolation,default_transaction_deferrable",
                "SELECT set_config('work_mem', $1, false) | work_mem",
                "SELECT set_config('a.b', 'x', $1) | a.b",
                "SELECT \"set_config\"('a.b', (SELECT max(n, 1) FROM t), false) FROM x | a.b",
                "SELECT set_config('a.b', set_config('c.d', 'x', false), true) | c.d",
                "SELECT set_config('a.b', set_config('c.d', 'x', false), false) | a.b,c.d",
                "SELECT (set_config('a.b', 'x'), true) | a.b",
                "SELECT 1; SET a.b = 1; SELECT 2; SET c.d = 2 | a.b,c.d",
                "/* c */ ; SET a.b = 1 | a.b",
                "DO $$ BEGIN SET work_mem = 1; PERFORM set_config('a.b', 'x', false); END $$ | work_mem,a.b",
                "DO 'BEGIN EXECUTE ''SET c.d = 1''; END' | c.d",
                "DO $$ BEGIN EXECUTE format('SET e.f = %L', 1); END $$ | e.f",
                "EXPLAIN ANALYZE SELECT set_config('a.b', 'x', false) | a.b"
            })
    void text_thatSetsSomething(String sql, String names) {
        SessionEffects effects = of(sql);
        assertThat(effects.settings()).containsExactly(names.split(","));
        assertThat(effects.reset()).isEmpty();
        assertThat(effects.leavesState()).isTrue();
        assertThat(effects.soleReset()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "RESET work_mem | work_mem",
                "RESET \"Search_Path\" ; | search_path",
                "SET work_mem TO DEFAULT | work_mem",
                "SET SESSION work_mem = DEFAULT | work_mem",
                "SET TIME ZONE LOCAL | timezone",
                "SET TIME ZONE DEFAULT | timezone",
                "RESET TIME ZONE | timezone",
                "RESET my.var | my.var"
            })
    void text_thatSetsOneThingBack(String sql, String name) {
        SessionEffects effects = of(sql);
        assertThat(effects.reset()).containsExactly(name);
        assertThat(effects.soleReset()).isEqualTo(name);
        assertThat(effects.leavesState()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SET trunkline.route = leader | leader",
                "SET SESSION Trunkline.Route TO 'Replica' | Replica",
                "SET trunkline.route TO \"auto\" | auto",
                "SELECT 1; SET trunkline.route = leader; SET trunkline.route = auto | auto",
                "SET trunkline.route = 1 | ''",
                "SET trunkline.route = DEFAULT | ''",
                "SET trunkline.route = E'a' | ''",
                "SELECT set_config('trunkline.route', 'auto', false) | ''",
                "SET other.route = leader | ''"
            })
    void valueOfASettingOfTheProxy_isSeenWhereTheTextShowsIt(String sql, String value) {
        assertThat(of(sql).own().getOrDefault("trunkline.route", "")).isEqualTo(value);
        assertThat(of("SELECT 1").own()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"SHOW trunkline.route", "show TRUNKLINE.\"route\";", "/* x */ SHOW \"trunkline\" . Route ;; -- x"
            })
    void showOfASettingOfTheProxy_isSeenIfItIsAlone(String sql) {
        SessionEffects effects = of(sql);
        assertThat(effects.scope()).containsExactly(Scope.SHOWS);
        assertThat(effects.what()).isEqualTo("SHOW trunkline.route");
        assertThat(effects.leavesState()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SHOW trunkline",
                "SHOW trunk.route",
                "SHOW trunkline.route x",
                "SHOW trunkline.route; SELECT 1",
                "SELECT 1; SHOW trunkline.route",
                "DO $$ BEGIN EXECUTE 'SHOW trunkline.route'; END $$",
                "EXPLAIN SHOW trunkline.route",
                "SHOW work_mem"
            })
    void showOfAnythingElse_isNot(String sql) {
        assertThat(of(sql).scope()).doesNotContain(Scope.SHOWS);
    }

    @Test
    void create_isWorthALookAtTheSearchPath() {
        assertThat(of("CREATE TABLE temp (n int)").scope()).contains(Scope.CREATES);
        assertThat(of("SELECT 1 INTO t").scope()).contains(Scope.CREATES);
        assertThat(of("CREATE TABLE temp (n int)").leavesState()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE VIEW v AS SELECT 1",
                "CREATE OR REPLACE VIEW v AS SELECT 1",
                "CREATE TABLE temp (n int)",
                "CREATE TEMP TABLE t (n int); CREATE VIEW v AS SELECT 1",
                "ALTER TABLE t SET UNLOGGED",
                "ALTER VIEW v RENAME TO t",
                "DROP FUNCTION f()",
                "SELECT 1 INTO t",
                "EXPLAIN ANALYZE SELECT 1 INTO t",
                "DO $$ BEGIN EXECUTE 'CREATE VIEW v AS SELECT 1'; END $$",
                "COMMIT PREPARED 'x'"
            })
    void textThatMayChangeWhatTheCatalogSays(String sql) {
        assertThat(of(sql).scope()).contains(Scope.CATALOG);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TEMP TABLE t (n int)",
                "CREATE OR REPLACE TEMPORARY VIEW v AS SELECT 1",
                "CREATE LOCAL TEMP TABLE t (n int)",
                "SELECT 1 INTO TEMP t",
                "DROP TABLE t",
                "DO $$ DECLARE n int; BEGIN SELECT 1 INTO n; END $$",
                "INSERT INTO t SELECT 1",
                "COMMIT",
                "COMMIT AND CHAIN"
            })
    void textThatChangesTheCatalogForNobodyElse(String sql) {
        assertThat(of(sql).scope()).doesNotContain(Scope.CATALOG);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE pg_settings SET setting = '1' WHERE name = 'work_mem'",
                "update only pg_catalog.\"pg_settings\" set setting = '1'",
                "WITH x AS (SELECT 1) UPDATE pg_settings SET setting = '1'",
                "DO $$ BEGIN UPDATE pg_settings SET setting = '1'; END $$",
                "SET U&\"work\\005fmem\" = '1MB'",
                "RESET U&\"work\\005fmem\"",
                "DO $$ BEGIN EXECUTE format('SET %I = %L', n, v); END $$",
                "DO $$ BEGIN EXECUTE 'SET ' || n || ' = 1'; END $$",
                "DO $$ BEGIN EXECUTE format('SET app.%s TO %L', n, v); END $$",
                "DO $$ BEGIN EXECUTE 'RESET ' || n; END $$"
            })
    void setting_whoseNameIsNotSeen(String sql) {
        assertThat(of(sql).traces()).containsExactly(Trace.UNKNOWN_SETTING);
    }

    @Test
    void functionWhoseNameIsEscaped_mayBeAny() {
        assertThat(of("SELECT U&\"set\\005fconfig\"('work_mem', '1MB', false)").traces())
                .containsExactly(Trace.UNREAD_TEXT);
    }

    /** Columns of tables are set in the same words. */
    @Test
    void updateThatIsPutTogether_setsNoUnknownSetting() {
        assertThat(of("DO $$ BEGIN EXECUTE format('UPDATE t SET %I = %L', n, v); END $$")
                        .traces())
                .isEmpty();
    }

    /** standard_conforming_strings may be changed by a message in front that is not answered yet. */
    @Test
    void backslashInFrontOfAQuote_isReadBothWays() {
        for (SqlLexer.Backslash meaning : SqlLexer.Backslash.values()) {
            scanner.backslash(meaning);
            assertThat(of("SELECT '\\'', set_config('work_mem', '1MB', false), 'x\\''")
                            .settings())
                    .containsExactly("work_mem");
            assertThat(of("SELECT '\\', set_config('work_mem', '1MB', false) --'")
                            .settings())
                    .containsExactly("work_mem");
        }
    }

    @Test
    void nameThatTheServerCutsOff_isCutOffTheSameWay() {
        String longest = "x".repeat(63);
        assertThat(of("SET my." + longest + "yz = 1").settings()).containsExactly("my." + longest);
        assertThat(of("SET my.\"" + "x".repeat(62) + "\u00e4y\" = 1").settings())
                .containsExactly("my." + "x".repeat(62));
    }

    /** One client must not fill the memory. */
    @Test
    void settingsThatAreTooMany_areNotRemembered() {
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            many.append("SET a.b").append(i).append(" = 1;");
        }
        SessionEffects effects = of(many.toString());
        assertThat(effects.settings()).hasSize(SessionEffects.MAX_SETTINGS);
        assertThat(effects.traces()).containsExactly(Trace.LARGE_SETTINGS);
        SessionEffects more = effects.and(of("SET c.d = 1"));
        assertThat(more.settings()).hasSize(SessionEffects.MAX_SETTINGS);
        assertThat(more.traces()).containsExactly(Trace.LARGE_SETTINGS);
        assertThat(of("SELECT set_config('" + "x".repeat(1000) + "', '1', false)")
                        .traces())
                .containsExactly(Trace.LARGE_SETTINGS);
    }

    @Test
    void backupAndSlots_endWithTheSession() {
        assertThat(of("SELECT pg_backup_start('x')").traces()).containsExactly(Trace.REPLICATION);
        assertThat(of("SELECT pg_create_physical_replication_slot('x', true, true)")
                        .traces())
                .containsExactly(Trace.REPLICATION);
    }

    @Test
    void resetOfTheUser_setsBackTheRoleToo() {
        SessionEffects effects = of("RESET SESSION AUTHORIZATION");
        assertThat(effects.reset()).containsExactly("session_authorization", "role");
        assertThat(effects.leavesState()).isFalse();
        assertThat(of("RESET SESSION")).isSameAs(SessionEffects.NONE);
    }

    @Test
    void textsOfOtherStatements_areMarked() {
        assertThat(of("EXECUTE p").scope()).containsExactly(Scope.EXECUTES);
        for (String what : new String[] {"FUNCTION", "PROCEDURE", "ROUTINE"}) {
            assertThat(of("ALTER " + what + " f() SECURITY DEFINER").scope())
                    .containsExactlyInAnyOrder(Scope.DEFINES, Scope.CATALOG);
        }
        assertThat(of("ALTER TABLE t ADD n int").scope()).containsExactly(Scope.CATALOG);
    }

    @Test
    void resetAmongOthers_isNotTheSoleOne() {
        assertThat(of("RESET work_mem; SELECT 1").soleReset()).isNull();
        assertThat(of("RESET ALL").scope()).containsExactly(Scope.ALL_SETTINGS);
        SessionEffects both = of("RESET work_mem; SET work_mem = 1");
        assertThat(both.settings()).containsExactly("work_mem");
        assertThat(both.reset()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CREATE TEMP TABLE t (n int) | TEMPORARY_OBJECT",
                "CREATE LOCAL TEMPORARY TABLE t (n int) | TEMPORARY_OBJECT",
                "CREATE OR REPLACE TEMP VIEW v AS SELECT 1 | TEMPORARY_OBJECT",
                "CREATE TEMPORARY SEQUENCE s | TEMPORARY_OBJECT",
                "CREATE TABLE pg_temp.t (n int) | TEMPORARY_OBJECT",
                "SELECT 1 AS n INTO TEMP t | TEMPORARY_OBJECT",
                "WITH x AS (SELECT 1) SELECT * INTO LOCAL TEMPORARY TABLE t FROM x | TEMPORARY_OBJECT",
                "EXPLAIN ANALYZE CREATE TEMP TABLE t AS SELECT 1 | TEMPORARY_OBJECT",
                "DECLARE c BINARY NO SCROLL CURSOR WITH HOLD FOR SELECT 1 | HOLD_CURSOR",
                "SELECT pg_advisory_lock(1) | ADVISORY_LOCK",
                "SELECT pg_catalog.pg_try_advisory_lock_shared(1, 2) | ADVISORY_LOCK",
                "SELECT n FROM t WHERE pg_try_advisory_lock (n) | ADVISORY_LOCK",
                "LISTEN c | LISTEN",
                "PREPARE p AS SELECT 1 | PREPARED_STATEMENT",
                "LOAD 'auto_explain' | LIBRARY",
                "SELECT setseed(0.5) | SEED",
                "SET seed = 0.5 | SEED",
                "SELECT lastval() | SEQUENCE",
                "SELECT currval('s'::regclass) | SEQUENCE",
                "SELECT dblink_connect('c', 'dbname=x') | EXTENSION",
                "SELECT set_config($1, $2, false) | UNKNOWN_SETTING",
                "SELECT set_config(concat('a', 'b'), 'c', false) | UNKNOWN_SETTING",
                "SELECT set_config(n, v, false) FROM t | UNKNOWN_SETTING",
                "DO $$ BEGIN CREATE TEMP TABLE t (n int); END $$ | TEMPORARY_OBJECT"
            })
    void text_thatLeavesATrace(String sql, Trace trace) {
        assertThat(of(sql).traces()).containsExactly(trace);
        assertThat(of(sql).what()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DISCARD TEMP",
                "DEALLOCATE p",
                "CLOSE ALL",
                "DROP TABLE t",
                "UNLISTEN c",
                "SELECT pg_advisory_unlock(1)",
                "SELECT 1; SELECT pg_advisory_unlock_all()"
            })
    void text_thatMayEndSomething(String sql) {
        assertThat(of(sql).scope()).containsExactly(Scope.RELEASE);
        assertThat(of(sql).leavesState()).isFalse();
    }

    @Test
    void discardAll_isAboutTheWholeSession() {
        assertThat(of("discard all").scope()).containsExactlyInAnyOrder(Scope.RELEASE, Scope.WHOLE_SESSION);
        assertThat(of("DISCARD ALL").leavesState()).isFalse();
    }

    /** What asyncpg sends when a connection goes back to its pool. */
    @Test
    void resetOfADriver() {
        SessionEffects effects = of("SELECT pg_advisory_unlock_all(); CLOSE ALL; UNLISTEN *; RESET ALL;");
        assertThat(effects.scope()).containsExactlyInAnyOrder(Scope.RELEASE, Scope.ALL_SETTINGS);
        assertThat(effects.traces()).isEmpty();
    }

    @Test
    void function_doesWhatItsBodyShows() {
        SessionEffects body = EffectScanner.ofBody(
                "BEGIN PERFORM set_config('app.tenant', $1, false); PERFORM pg_advisory_lock(1); END".getBytes(UTF_8));
        scanner.hidden(HiddenEffects.of(Map.of("use_tenant", body)));
        SessionEffects effects = of("SELECT app.Use_Tenant('x')");
        assertThat(effects.settings()).containsExactly("app.tenant");
        assertThat(effects.traces()).containsExactly(Trace.ADVISORY_LOCK);
        assertThat(of("SELECT \"use_tenant\"('x')").settings()).containsExactly("app.tenant");
        assertThat(of("SELECT use_tenants('x')")).isSameAs(SessionEffects.NONE);
    }

    @Test
    void definition_leavesNothingItselfAndShowsWhatItsCallWill() {
        SessionEffects effects =
                of("CREATE OR REPLACE FUNCTION app.F() RETURNS void LANGUAGE plpgsql AS 'BEGIN SET work_mem = 1; END'");
        assertThat(effects.leavesState()).isFalse();
        assertThat(effects.scope()).containsExactlyInAnyOrder(Scope.DEFINES, Scope.CREATES, Scope.CATALOG);
        assertThat(effects.defines().keySet()).containsExactly("f");
        assertThat(effects.defines().values().iterator().next().settings()).containsExactly("work_mem");
        assertThat(of("CREATE TRIGGER t AFTER INSERT ON x EXECUTE FUNCTION f()").scope())
                .containsExactlyInAnyOrder(Scope.DEFINES, Scope.CREATES, Scope.CATALOG);
        assertThat(of("DROP FUNCTION f()").scope())
                .containsExactlyInAnyOrder(Scope.RELEASE, Scope.DEFINES, Scope.CATALOG);
    }

    @Test
    void longestText_isRead() {
        String sql = "SET a.b = 1;";
        String padded = sql + " ".repeat(SqlLexer.MAX_TEXT - sql.length() - 1);
        assertThat(of(padded).settings()).containsExactly("a.b");
        assertThat(EffectScanner.ofBody((padded + " ").getBytes(UTF_8)).settings())
                .containsExactly("a.b");
        assertThat(EffectScanner.ofBody((padded + "  ").getBytes(UTF_8))).isSameAs(SessionEffects.UNREAD);
    }

    @Test
    void tooLongAText_isNotRead() {
        assertThat(of("SELECT '" + "x".repeat(SqlLexer.MAX_TEXT) + "'")).isSameAs(SessionEffects.UNREAD);
    }

    @Test
    void wordTable_findsEachOfItsWordsAndNoOther() {
        List<String> words = List.of("a", "b", "ab", "set", "reset", "x".repeat(63), "x".repeat(70));
        WordTable table = new WordTable(words);
        for (int i = 0; i < words.size(); i++) {
            byte[] text = (" " + words.get(i).toUpperCase(java.util.Locale.ROOT) + " ").getBytes(UTF_8);
            assertThat(table.find(text, 1, text.length - 1)).isEqualTo(i);
        }
        for (String other : List.of("c", "ba", "sets", "se", "x".repeat(64))) {
            byte[] text = other.getBytes(UTF_8);
            assertThat(table.find(text, 0, text.length)).isEqualTo(-1);
        }
        assertThat(Arrays.asList(new WordTable().find(new byte[] {'a'}, 0, 1))).containsExactly(-1);
    }

    private SessionEffects of(String sql) {
        ByteBuf text = Unpooled.wrappedBuffer((sql + "\0").getBytes(UTF_8));
        return scanner.of(text, 0, text.readableBytes());
    }
}
