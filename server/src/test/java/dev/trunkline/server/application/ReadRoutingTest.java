package dev.trunkline.server.application;

import static dev.trunkline.server.application.Stage.connect;
import static dev.trunkline.server.application.Stage.run;
import static dev.trunkline.server.application.Stage.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.trunkline.server.demo.TestCluster;
import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestProxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Statements that go to a replica because they are proven to read, before a real leader and its standby. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ReadRoutingTest {
    private static final String DATABASE = "read_routing";
    /** A function that may not write says where it runs. */
    private static final String WHERE = "SELECT here()";

    private static final String HERE = """
            CREATE FUNCTION here() RETURNS text STABLE LANGUAGE sql
                AS $$ SELECT CASE WHEN pg_is_in_recovery() THEN 'replica' ELSE 'leader' END $$""";

    private static TestProxy proxy;

    @BeforeAll
    static void start() throws Exception {
        Stage.createDatabase(DATABASE);
        proxy = Stage.proxy()
                .database(DATABASE, "read_routing: auto, consistency: eventual")
                .database("by_hand", "dbname: " + DATABASE)
                .start();
        try (Connection connection = connect(proxy, DATABASE, "")) {
            run(
                    connection,
                    HERE,
                    "CREATE TABLE accounts (id int PRIMARY KEY, balance int NOT NULL)",
                    "INSERT INTO accounts SELECT i, 0 FROM generate_series(1, 100) i",
                    "CREATE SEQUENCE drawn",
                    "CREATE FUNCTION draws() RETURNS bigint LANGUAGE sql AS $$ SELECT nextval('drawn') $$",
                    "CREATE FUNCTION draws_in_secret() RETURNS bigint STABLE LANGUAGE plpgsql"
                            + " AS $$ BEGIN RETURN nextval('drawn'); END $$",
                    "CREATE FUNCTION fails_at_three(i int) RETURNS int STABLE LANGUAGE plpgsql AS $$ BEGIN"
                            + " IF i = 3 THEN RAISE EXCEPTION 'no three' USING ERRCODE = '40001'; END IF;"
                            + " PERFORM pg_sleep(0.05); RETURN i; END $$");
        }
        TestCluster.shared().awaitReplica();
        Stage.await("what the functions do", () -> route("SELECT fails_at_three(1), here()")
                .equals("replica"));
    }

    /** What another test has made may have to be looked at. */
    @BeforeEach
    void awaitCatalog() throws Exception {
        Stage.await("the catalog", () -> route(WHERE).equals("replica"));
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    private static String route(String statement) {
        return explained(statement).get("route");
    }

    private static Map<String, String> explained(String statement) {
        return proxy.console("EXPLAIN ROUTE IN " + DATABASE + " " + statement).getFirst();
    }

    private static long routed(String route, String reason) {
        return proxy.console("SHOW ROUTES").stream()
                .filter(row -> row.get("database").equals(DATABASE)
                        && row.get("route").equals(route)
                        && row.get("reason").equals(reason))
                .mapToLong(row -> Long.parseLong(row.get("transactions")))
                .sum();
    }

    // Hazard R3
    @ParameterizedTest
    @ValueSource(
            strings = {
                "preferQueryMode=simple",
                "preferQueryMode=extended",
                "preferQueryMode=extendedForPrepared",
                "prepareThreshold=1",
                "prepareThreshold=1&binaryTransfer=true",
                "prepareThreshold=0"
            })
    void halfReadsHalfWrites_eachWhereItBelongs(String mode) throws SQLException {
        try (Connection connection = connect(proxy, DATABASE, mode);
                PreparedStatement where = connection.prepareStatement("SELECT here() WHERE ? = 1");
                PreparedStatement write = connection.prepareStatement(
                        "UPDATE accounts SET balance = balance + ? WHERE id = ? RETURNING here()")) {
            for (int round = 0; round < 10; round++) {
                where.setInt(1, 1);
                assertThat(only(where)).isEqualTo("replica");
                write.setInt(1, 1);
                write.setInt(2, round + 1);
                assertThat(only(write)).isEqualTo("leader");
            }
        }
    }

    private static String only(PreparedStatement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }

    /** A read of what comes from the client must not become as short as what came before: a batch in two pieces is not proven. */
    @Test
    void statementThatIsLongerThanManyBefore_isStillSeenAsOne() throws SQLException {
        try (Connection connection = connect(proxy, DATABASE, "preferQueryMode=simple")) {
            for (int i = 0; i < 200; i++) {
                assertThat(text(connection, WHERE)).isEqualTo("replica");
            }
            String longer = WHERE + " WHERE '" + "x".repeat(7_000) + "' <> ''";
            assertThat(text(connection, longer)).isEqualTo("replica");
        }
    }

    // Hazard R3
    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended"})
    void whoReadsOnReplicas_hasItsTransactionsOnTheLeader(String mode) throws SQLException {
        try (Connection connection = connect(proxy, DATABASE, "preferQueryMode=" + mode)) {
            assertThat(text(connection, WHERE)).isEqualTo("replica");
            connection.setAutoCommit(false);
            assertThat(text(connection, WHERE)).isEqualTo("leader");
            run(connection, "UPDATE accounts SET balance = balance + 1 WHERE id = 50");
            assertThat(text(connection, WHERE)).isEqualTo("leader");
            connection.commit();
            connection.setAutoCommit(true);
            assertThat(text(connection, WHERE)).isEqualTo("replica");
        }
    }

    // Hazard R3
    @Test
    void functionThatMayWrite_isCalledOnTheLeader() throws SQLException {
        try (Connection connection = connect(proxy, DATABASE, "")) {
            long before = Long.parseLong(text(connection, "SELECT draws()"));
            assertThat(text(connection, "SELECT draws()")).isEqualTo(String.valueOf(before + 1));
        }
        assertThat(explained("SELECT draws()")).containsEntry("route", "leader").containsEntry("reason", "unproven");
        assertThat(explained("SELECT draws()").get("detail")).contains("draws");
    }

    // Hazard R3
    @Test
    void functionThatHidesThatItWrites_isRunOnTheLeaderAndRemembered() throws SQLException {
        String hidden = "SELECT draws_in_secret() IS NOT NULL";
        assertThat(route(hidden)).isEqualTo("replica");
        long retried = routed("leader", "retried");
        try (Connection connection = connect(proxy, DATABASE, "prepareThreshold=1")) {
            assertThat(text(connection, hidden)).isEqualTo("t");
            assertThat(routed("leader", "retried")).isEqualTo(retried + 1);
            assertThat(text(connection, hidden)).isEqualTo("t");
            assertThat(routed("leader", "retried")).isEqualTo(retried + 1);
        }
        assertThat(route(hidden)).isEqualTo("leader");
    }

    // Hazard R3
    @Test
    void namedStatementThatWritesInSecret_isKnownOnceOnBothServers() throws SQLException {
        try (Connection connection = connect(proxy, DATABASE, "prepareThreshold=1");
                PreparedStatement hidden = connection.prepareStatement("SELECT draws_in_secret() + ? > 0")) {
            for (int round = 0; round < 3; round++) {
                hidden.setInt(1, round);
                assertThat(only(hidden)).isEqualTo("t");
            }
        }
    }

    @Test
    void tableThatTheReplicaMayNotHave_isReadAllTheSame() throws SQLException {
        try (Connection connection = connect(proxy, DATABASE, "")) {
            for (int round = 0; round < 20; round++) {
                String table = "made_" + round;
                run(connection, "CREATE TABLE " + table + " (id int)");
                assertThat(text(connection, "SELECT count(*) FROM " + table)).isEqualTo("0");
            }
        }
    }

    @Test
    void functionThatBecomesVolatile_isSoonCalledOnTheLeader() throws Exception {
        try (Connection connection = connect(proxy, DATABASE, "")) {
            run(connection, HERE.replace("here()", "turns()"));
            Stage.await(
                    "what the new function does", () -> route("SELECT turns()").equals("replica"));
            assertThat(text(connection, "SELECT turns()")).isEqualTo("replica");
            run(connection, "ALTER FUNCTION turns() VOLATILE");
            Stage.await("what has become of it", () -> route("SELECT turns()").equals("leader"));
            assertThat(text(connection, "SELECT turns()")).isEqualTo("leader");
        }
    }

    // Hazard R3
    @Test
    void viewThatIsReplaced_isReadOnTheLeaderByWhoeverReadsItNext() throws Exception {
        String harmless = "CREATE OR REPLACE VIEW shown AS SELECT here() AS at";
        String local = "CREATE OR REPLACE VIEW shown AS"
                + " SELECT CASE WHEN pg_is_in_recovery() THEN 'replica' ELSE 'leader' END AS at";
        try (Connection connection = connect(proxy, DATABASE, "");
                Connection other = connect(proxy, DATABASE, "")) {
            for (int round = 0; round < 5; round++) {
                run(connection, harmless);
                Stage.await("what the view does", () -> route("TABLE shown").equals("replica"));
                if (round % 2 == 0) {
                    run(connection, local);
                } else {
                    connection.setAutoCommit(false);
                    run(connection, local, "SELECT 1");
                    connection.commit();
                    connection.setAutoCommit(true);
                }
                assertThat(text(other, "TABLE shown")).isEqualTo("leader");
                assertThat(text(connection, "TABLE shown")).isEqualTo("leader");
            }
        }
    }

    // Hazard R3
    @Test
    void viewThatIsReplacedInOnePacketWithItsRead_isReadOnTheLeader() throws Exception {
        try (RawClient client = proxy.rawClient(DATABASE)) {
            client.query("CREATE VIEW packed AS SELECT here() AS at");
            Stage.await("what the view does", () -> route("TABLE packed").equals("replica"));
            client.send(
                    Frames.query("BEGIN"),
                    Frames.query("CREATE OR REPLACE VIEW packed AS"
                            + " SELECT CASE WHEN pg_is_in_recovery() THEN 'replica' ELSE 'leader' END AS at"),
                    Frames.query("COMMIT"),
                    Frames.query("TABLE packed"));
            for (int answer = 0; answer < 3; answer++) {
                client.readToReady();
            }
            assertThat(Message.firstColumns(client.readToReady())).containsExactly("leader");
            assertThat(Message.firstColumns(client.query("TABLE packed"))).containsExactly("leader");
        }
    }

    @Test
    void viewsOfTheInformationSchema_areReadOnReplicas() throws SQLException {
        try (Connection connection = connect(proxy, DATABASE, "");
                Statement statement = connection.createStatement();
                ResultSet views = statement.executeQuery(
                        "SELECT viewname FROM pg_views WHERE schemaname = 'information_schema'")) {
            while (views.next()) {
                assertThat(explained("SELECT * FROM information_schema." + views.getString(1)))
                        .as(views.getString(1))
                        .containsEntry("route", "replica");
            }
        }
    }

    @Test
    void serializableTransactionThatReads_isOnTheLeader() throws SQLException {
        String begin = "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE";
        try (Connection connection = connect(proxy, DATABASE, "")) {
            run(connection, begin);
            assertThat(text(connection, WHERE)).isEqualTo("leader");
            run(connection, "COMMIT", "SET default_transaction_isolation = 'serializable'", "BEGIN READ ONLY");
            assertThat(text(connection, WHERE)).isEqualTo("leader");
            run(connection, "COMMIT", "SET default_transaction_read_only = on");
            assertThat(text(connection, WHERE)).isEqualTo("leader");
            run(connection, "RESET default_transaction_isolation", "BEGIN READ ONLY");
            assertThat(text(connection, WHERE)).isEqualTo("replica");
            run(connection, "COMMIT");
        }
        assertThat(explained(begin)).containsEntry("route", "leader").containsEntry("reason", "explicit");
    }

    @Test
    void temporaryTable_leavesTheCatalogKnown() throws SQLException {
        try (Connection connection = connect(proxy, DATABASE, "")) {
            run(connection, "CREATE TEMP TABLE passing (id int)");
            assertThat(route(WHERE)).isEqualTo("replica");
        }
    }

    // Hazard R3
    @Test
    void readAndWriteInOnePacket_areAnsweredInOrder() {
        try (RawClient client = proxy.rawClient(DATABASE)) {
            client.send(
                    Frames.query(WHERE),
                    Frames.query("UPDATE accounts SET balance = balance + 1 WHERE id = 60 RETURNING here()"),
                    Frames.query(WHERE));
            assertThat(Message.firstColumns(client.readToReady())).containsExactly("replica");
            assertThat(Message.firstColumns(client.readToReady())).containsExactly("leader");
            assertThat(Message.firstColumns(client.readToReady()))
                    .as("behind the write, on its connection")
                    .containsExactly("leader");
        }
    }

    // Hazard R3
    @Test
    void batchThatReadsAndWrites_isRunOnTheLeader() {
        try (RawClient client = proxy.rawClient(DATABASE)) {
            client.send(
                    Frames.parse("", WHERE),
                    Frames.bind("", "", new String[0]),
                    Frames.execute("", 0),
                    Frames.parse("", "UPDATE accounts SET balance = balance + 1 WHERE id = 61 RETURNING here()"),
                    Frames.bind("", "", new String[0]),
                    Frames.execute("", 0),
                    Frames.sync());
            assertThat(Message.firstColumns(client.readToReady())).containsExactly("leader", "leader");
            client.send(
                    Frames.parse("", WHERE),
                    Frames.bind("", "", new String[0]),
                    Frames.execute("", 0),
                    Frames.parse("", "SELECT here() FROM accounts WHERE id < 3"),
                    Frames.bind("p", "", new String[0]),
                    Frames.execute("p", 1),
                    Frames.execute("p", 1),
                    Frames.sync());
            List<Message> answer = client.readToReady();
            assertThat(Message.firstColumns(answer)).containsExactly("replica", "replica", "replica");
            assertThat(Message.types(answer))
                    .as("the portal is left open twice")
                    .isEqualTo("12DC12DsDsZ");
        }
    }

    @Test
    void errorBehindRows_isToldAndTheReadIsNotRunAgain() {
        long retried = routed("leader", "retried");
        try (RawClient client = proxy.rawClient(DATABASE)) {
            // The first rows fill the server's buffer, so that they come before the error does.
            List<Message> answer =
                    client.query("SELECT repeat('x', 20000), fails_at_three(i) FROM generate_series(1, 4) i");
            assertThat(Message.types(answer)).isEqualTo("TDDEZ");
            assertThat(Message.error(answer).fields()).containsEntry('C', "40001");
        }
        assertThat(routed("leader", "retried")).isEqualTo(retried);
    }

    @ParameterizedTest
    @CsvSource({
        "read_routing,SELECT here(),replica",
        "read_routing,/* trunkline:leader */ SELECT here(),leader",
        "read_routing,SELECT here() /* trunkline:leader */;,leader",
        "by_hand,SELECT here(),leader",
        "by_hand,/* trunkline:replica */ SELECT here(),replica"
    })
    void hint_choosesInEitherProtocol(String database, String sql, String where) throws SQLException {
        for (String mode : new String[] {"simple", "extended", "extendedForPrepared"}) {
            try (Connection connection = connect(proxy, database, "prepareThreshold=1&preferQueryMode=" + mode)) {
                assertThat(text(connection, sql)).as(mode).isEqualTo(where);
            }
        }
    }

    @Test
    void hintThatSendsAWriteToAReplica_getsThatServersError() throws SQLException {
        try (Connection connection = connect(proxy, DATABASE, "")) {
            assertThatThrownBy(() -> run(connection, "/* trunkline:replica */ DELETE FROM accounts WHERE id = 0"))
                    .asInstanceOf(type(SQLException.class))
                    .returns("25006", SQLException::getSQLState);
        }
    }

    @Test
    void routeOfTheSession_holdsUntilItIsSetBackAndIsShown() throws SQLException {
        try (Connection connection = connect(proxy, DATABASE, "")) {
            run(connection, "SET trunkline.route = leader");
            assertThat(text(connection, "SHOW trunkline.route")).isEqualTo("leader");
            assertThat(text(connection, WHERE)).isEqualTo("leader");
            run(connection, "SET trunkline.route TO 'replica'");
            assertThat(text(connection, "SELECT pg_is_in_recovery()")).isEqualTo("t");
            run(connection, "RESET trunkline.route");
            assertThat(text(connection, WHERE)).isEqualTo("replica");
            assertThat(text(connection, "SELECT pg_is_in_recovery()")).isEqualTo("f");
            assertThatThrownBy(() -> run(connection, "SET trunkline.route = nowhere"))
                    .asInstanceOf(type(SQLException.class))
                    .returns("22023", SQLException::getSQLState);
            run(connection, "SET trunkline.route = leader", "DISCARD ALL");
            assertThat(text(connection, WHERE)).isEqualTo("replica");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended", "extendedForPrepared"})
    void settingThatNobodyHasSet_isShown(String mode) throws SQLException {
        try (Connection connection = connect(proxy, DATABASE, "prepareThreshold=1&preferQueryMode=" + mode);
                PreparedStatement show = connection.prepareStatement("SHOW trunkline.consistency")) {
            assertThat(text(connection, "SHOW trunkline.route")).isEqualTo("default");
            assertThat(text(connection, "SHOW trunkline.listen_gap_notice")).isEqualTo("off");
            for (String value : new String[] {"session", "leader"}) {
                assertThat(only(show)).isEqualTo("default");
                run(connection, "SET trunkline.consistency = " + value);
                assertThat(only(show)).isEqualTo(value);
                run(connection, "RESET trunkline.consistency");
            }
            connection.setAutoCommit(false);
            assertThat(only(show)).isEqualTo("default");
            connection.commit();
            connection.setAutoCommit(true);
            assertThatThrownBy(() -> text(connection, "SHOW trunkline.nothing"))
                    .asInstanceOf(type(SQLException.class))
                    .returns("42704", SQLException::getSQLState);
        }
    }

    @Test
    void showOfASetting_isAnsweredAsAShow() {
        try (RawClient client = proxy.rawClient(DATABASE)) {
            List<Message> answer = client.query("SHOW trunkline.route");
            assertThat(Message.types(answer)).isEqualTo("TDCZ");
            assertThat(answer.get(2).text()).isEqualTo("SHOW");
        }
    }

    @Test
    void routeOfTheStartupPacket_holdsAndIsChecked() throws SQLException {
        try (Connection connection = connect(proxy, DATABASE, "options=-c%20trunkline.route%3Dleader")) {
            assertThat(text(connection, WHERE)).isEqualTo("leader");
        }
        assertThatThrownBy(() -> connect(proxy, DATABASE, "options=-c%20trunkline.route%3Dnowhere"))
                .asInstanceOf(type(SQLException.class))
                .returns("22023", SQLException::getSQLState);
    }

    @Test
    void autoByTheSession_provesWhereTheConfigurationDoesNot() throws Exception {
        try (Connection connection = connect(proxy, "by_hand", "")) {
            run(connection, "SET trunkline.route = auto");
            Stage.await("a proven read", () -> text(connection, WHERE).equals("replica"));
            run(connection, "UPDATE accounts SET balance = balance WHERE id = 1");
        }
    }

    @Test
    void settingsOfTheSession_holdOnTheReplicaToo() throws Exception {
        try (Connection connection = connect(proxy, DATABASE, "")) {
            run(connection, "SET app.tenant = 'seven'");
            // What comes while the proxy asks what SET has left is sent where that was.
            Stage.await(
                    "a read on the replica", () -> text(connection, "SELECT here() || current_setting('app.tenant')")
                            .equals("replicaseven"));
        }
    }

    // Hazard R3
    @Test
    void whoKeepsItsConnection_readsThere() throws SQLException {
        try (Connection connection = connect(proxy, DATABASE, "")) {
            run(connection, "CREATE TEMP TABLE mine AS SELECT here() AS made_on");
            assertThat(text(connection, "SELECT made_on || here() FROM mine")).isEqualTo("leaderleader");
            run(connection, "DROP TABLE mine");
        }
    }
}
