package dev.trunkline.server.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Excluded;
import dev.trunkline.router.Ineligible;
import dev.trunkline.router.Member;
import dev.trunkline.router.Role;
import dev.trunkline.router.Topology;
import dev.trunkline.server.config.PoolMode;
import dev.trunkline.server.state.Route;
import dev.trunkline.server.state.RouteReason;
import dev.trunkline.server.state.RouteTotals;
import dev.trunkline.server.testing.Frames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads that were not asked to go to a replica, message by message. ReadRoutingTest has real servers. */
class ProvenReadTest {
    private static final byte[] READ = Frames.query("SELECT 1 FROM t");
    private static final byte[] WRITE = Frames.query("INSERT INTO t VALUES (1)");
    private static final byte[] ROWS = Frames.frame('T', Frames.int16(0));
    private static final byte[] ROW = Frames.frame('D', Frames.int16(0));

    private final FakeHome home = new FakeHome();
    private @Nullable FakeClient made;

    @BeforeEach
    void haveAReplica() {
        Member replica = new Member("two", new Endpoint("127.0.0.1", 5433), Role.REPLICA, true, 1, 0, true);
        home.pools().apply(new Topology(2, 1, FakeHome.FIRST, List.of(replica), List.of()));
        home.drain();
    }

    @AfterEach
    void close() {
        if (made != null) {
            made.close();
        }
    }

    private FakeClient client() {
        return client(SessionTraits.Destination.BY_STATEMENT, Parameters.NONE);
    }

    private FakeClient client(SessionTraits.Destination destination, Parameters parameters) {
        FakeClient client = new FakeClient(home, PoolMode.TRANSACTION, parameters, destination);
        made = client;
        return client;
    }

    private static byte[] batch(String name, String sql) {
        return Frames.concat(
                Frames.parse(name, sql),
                Frames.bind("", name, new String[0]),
                Frames.describe('P', ""),
                Frames.execute("", 0),
                Frames.sync());
    }

    private static byte[] done() {
        return Frames.concat(FakeClient.complete("SELECT 1"), FakeClient.ready('I'));
    }

    private long routed(Route route, RouteReason reason) {
        RouteTotals routes = home.counters().snapshot().routes();
        return routes.count(route, reason);
    }

    @Test
    void query_goesToTheReplicaAndTheNextWriteToTheLeader() {
        FakeClient one = client();
        one.sends(READ);
        assertThat(one.serverGot()).isEqualTo("Q");
        one.serverSends(ROWS, ROW, done());
        assertThat(one.got()).isEqualTo("TDCZ");
        one.sends(WRITE);
        assertThat(home.servers).hasSize(2);
        assertThat(routed(Route.REPLICA, RouteReason.PROVEN)).isOne();
        assertThat(routed(Route.LEADER, RouteReason.UNPROVEN)).isOne();
    }

    // Hazard R3
    @Test
    void writeBehindAReadInOnePacket_waitsAndGoesToTheLeader() {
        FakeClient one = client();
        one.sends(READ, WRITE);
        assertThat(home.servers).hasSize(1);
        assertThat(one.serverGot()).isEqualTo("Q");
        one.serverSends(ROWS, ROW, done());
        assertThat(home.servers).hasSize(2);
        assertThat(one.serverGot()).isEqualTo("Q");
        assertThat(routed(Route.LEADER, RouteReason.UNPROVEN)).isOne();
        one.serverSends(FakeClient.complete("INSERT 0 1"), FakeClient.ready('I'));
        assertThat(one.got()).isEqualTo("TDCZCZ");
    }

    @Test
    void pipelinedReads_areAnsweredInOrder() {
        FakeClient one = client();
        one.sends(batch("", "SELECT 1 FROM t"), batch("", "SELECT 2 FROM t"));
        assertThat(one.serverGot()).isEqualTo("PBDES");
        one.serverSends(Frames.frame('1'), Frames.frame('2'), ROWS, done());
        assertThat(one.serverGot()).isEqualTo("PBDES");
        one.serverSends(Frames.frame('1'), Frames.frame('2'), ROWS, done());
        assertThat(one.got()).isEqualTo("12TCZ12TCZ");
        assertThat(routed(Route.REPLICA, RouteReason.PROVEN)).isEqualTo(2);
    }

    // Hazard R3
    @Test
    void batchWithAWrite_goesToTheLeader() {
        FakeClient one = client();
        one.sends(
                Frames.parse("", "SELECT 1 FROM t"),
                Frames.bind("", "", new String[0]),
                Frames.execute("", 0),
                batch("", "DELETE FROM t"));
        assertThat(routed(Route.LEADER, RouteReason.UNPROVEN)).isOne();
        assertThat(routed(Route.REPLICA, RouteReason.PROVEN)).isZero();
    }

    // Hazard R3
    @Test
    void batchOfWhichTheEndHasNotCome_goesToTheLeader() {
        FakeClient one = client();
        one.sends(Frames.parse("", "SELECT 1 FROM t"), Frames.bind("", "", new String[0]));
        assertThat(routed(Route.LEADER, RouteReason.UNPROVEN)).isOne();
    }

    @Test
    void batchWithAFlush_goesToTheLeader() {
        FakeClient one = client();
        one.sends(
                Frames.parse("", "SELECT 1 FROM t"),
                Frames.bind("", "", new String[0]),
                Frames.frame('H'),
                Frames.execute("", 0),
                Frames.sync());
        assertThat(routed(Route.LEADER, RouteReason.UNPROVEN)).isOne();
    }

    @Test
    void namedStatement_countsByItsText() {
        FakeClient one = client();
        one.sends(batch("s", "SELECT 1 FROM t"));
        one.serverSends(Frames.frame('1'), Frames.frame('2'), ROWS, ROW, done());
        one.sends(Frames.bind("", "s", new String[0]), Frames.execute("", 0), Frames.sync());
        assertThat(one.serverGot()).isEqualTo("PBDESBES");
        one.serverSends(Frames.frame('2'), ROW, done());
        assertThat(one.got()).isEqualTo("12TDCZ2DCZ");
        assertThat(routed(Route.REPLICA, RouteReason.PROVEN)).isEqualTo(2);
        one.sends(batch("w", "DELETE FROM t"));
        one.serverSends(Frames.frame('1'), Frames.frame('2'), Frames.frame('n'), done());
        one.sends(Frames.bind("", "w", new String[0]), Frames.execute("", 0), Frames.sync());
        assertThat(routed(Route.LEADER, RouteReason.UNPROVEN)).isEqualTo(2);
    }

    // Hazard R3
    @Test
    void refusalByTheReplica_isNotToldAndTheTextIsRemembered() {
        FakeClient one = client();
        one.sends(READ);
        one.serverSends(FakeClient.error("25006"), FakeClient.ready('I'));
        assertThat(one.got()).isEmpty();
        assertThat(home.servers).hasSize(2);
        assertThat(one.serverGot()).isEqualTo("Q");
        one.serverSends(FakeClient.complete("INSERT 0 1"), FakeClient.ready('I'));
        assertThat(one.got()).isEqualTo("CZ");
        assertThat(routed(Route.LEADER, RouteReason.RETRIED)).isOne();

        one.sends(READ);
        assertThat(routed(Route.LEADER, RouteReason.UNPROVEN)).isOne();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0A000", "40001", "40P01", "55000", "42P01", "42703", "42883", "42704", "3F000", "42501"})
    void whatAReplicaCannotDoOrHasNotReplayed_isRunOnTheLeader(String code) {
        FakeClient one = client();
        one.sends(READ);
        one.serverSends(FakeClient.error(code), FakeClient.ready('I'));
        assertThat(one.got()).isEmpty();
        assertThat(one.serverGot()).isEqualTo("Q");
        one.serverSends(FakeClient.error(code), FakeClient.ready('I'));
        assertThat(one.got()).as("what the leader says counts").isEqualTo("EZ");
        one.sends(READ);
        assertThat(routed(Route.REPLICA, RouteReason.PROVEN)).isEqualTo(2);
    }

    @Test
    void errorOfTheStatementItself_isTold() {
        FakeClient one = client();
        one.sends(READ);
        one.serverSends(FakeClient.error("22012"), FakeClient.ready('I'));
        assertThat(one.got()).isEqualTo("EZ");
        assertThat(home.servers).hasSize(1);
    }

    @Test
    void descriptionThatCameBeforeTheError_isNotToldTwice() {
        FakeClient one = client();
        one.sends(batch("s", "SELECT 1 FROM t"));
        one.serverSends(Frames.frame('1'), Frames.frame('2'), ROWS);
        assertThat(one.got()).isEmpty();
        one.serverSends(FakeClient.error("40001"), FakeClient.ready('I'));
        assertThat(one.got()).isEmpty();
        assertThat(one.serverGot()).isEqualTo("PBDES");
        one.serverSends(Frames.frame('1'), Frames.frame('2'), ROWS, ROW, done());
        assertThat(one.got()).isEqualTo("12TDCZ");
        assertThat(one.session().preparedStatements()).isOne();
    }

    @Test
    void errorBehindARow_isTold() {
        FakeClient one = client();
        one.sends(READ);
        one.serverSends(ROWS, ROW);
        assertThat(one.got()).isEqualTo("TD");
        one.serverSends(FakeClient.error("40001"), FakeClient.ready('I'));
        assertThat(one.got()).isEqualTo("EZ");
        assertThat(home.servers).hasSize(1);
    }

    @Test
    void descriptionInAReadOfItsOwn_isToldWithTheFirstRow() {
        FakeClient one = client();
        one.sends(READ);
        one.serverSends(ROWS);
        assertThat(one.got()).isEmpty();
        one.serverSends(ROW);
        assertThat(one.got()).isEqualTo("TD");
        one.serverSends(done());
        assertThat(one.got()).isEqualTo("CZ");
    }

    @Test
    void whatComesBehindAReadThatIsRunAgain_waitsForItsAnswer() {
        FakeClient one = client();
        one.sends(READ, WRITE);
        one.serverSends(FakeClient.error("25006"), FakeClient.ready('I'));
        assertThat(one.serverGot()).startsWith("Q");
        one.serverSends(FakeClient.complete("SELECT 1"), FakeClient.ready('I'));
        one.serverSends(FakeClient.complete("INSERT 0 1"), FakeClient.ready('I'));
        assertThat(one.got()).isEqualTo("CZCZ");
    }

    @Test
    void replicaThatVanishesBeforeTheFirstRow_isMadeGood() {
        FakeClient one = client();
        one.sends(READ);
        one.serverSends(ROWS);
        EmbeddedChannel lost = one.server();
        home.pools().apply(new Topology(3, 1, FakeHome.FIRST, List.of(), List.of()));
        lost.close();
        one.sends();
        assertThat(home.servers).hasSize(2);
        assertThat(one.serverGot()).isEqualTo("Q");
        one.serverSends(ROWS, ROW, done());
        assertThat(one.got()).isEqualTo("TDCZ");
    }

    // Hazard R16
    @Test
    void replicaThatDoesNotAnswerBehindTheDescription_isLeftForTheLeaderWhereItIsTheOnlyOne() {
        FakeClient one = client();
        one.sends(READ);
        one.serverSends(ROWS);
        Member replica = new Member("two", new Endpoint("127.0.0.1", 5433), Role.REPLICA, true, 1, 0, true);
        List<Excluded> excluded = List.of(new Excluded(replica, Ineligible.UNREACHABLE));
        home.pools().apply(new Topology(3, 1, FakeHome.FIRST, List.of(), excluded));
        one.session().followPools();
        one.sends();
        assertThat(home.servers).hasSize(2);
        assertThat(one.serverGot()).isEqualTo("Q");
        one.serverSends(ROWS, ROW, done());
        assertThat(one.got()).isEqualTo("TDCZ");
    }

    @Test
    void replicaThatVanishesBehindARow_isToldAsPostgresWould() {
        FakeClient one = client();
        one.sends(READ);
        one.serverSends(ROWS, ROW);
        one.server().close();
        one.sends();
        assertThat(one.lastError()).contains("08006");
        assertThat(one.channel.isOpen()).isFalse();
    }

    @Test
    void replicaThatVanishesBeforeItsErrorHasEnded_isMadeGood() {
        FakeClient one = client();
        one.sends(READ);
        one.serverSends(FakeClient.error("25006"));
        assertThat(home.servers).hasSize(1);
        one.server().close();
        one.sends();
        assertThat(home.servers).hasSize(2);
        one.serverSends(done());
        assertThat(one.got()).isEqualTo("CZ");
        assertThat(routed(Route.LEADER, RouteReason.RETRIED)).isOne();
    }

    @Test
    void clientThatLeavesWhileItsReadIsRunAgain_leavesNothingBehind() {
        FakeClient one = client();
        one.sends(READ);
        one.serverSends(ROWS, FakeClient.error("25006"));
        one.dies();
        home.servers.getFirst().pipeline().fireChannelRead(Unpooled.wrappedBuffer(FakeClient.ready('I')));
        home.drain();
        assertThat(home.servers).hasSize(1);
    }

    @Test
    void explicitTransaction_isNotRunAgain() {
        FakeClient one = client();
        one.sends(Frames.query("BEGIN READ ONLY"));
        assertThat(routed(Route.REPLICA, RouteReason.EXPLICIT)).isOne();
        one.serverSends(FakeClient.complete("BEGIN"), FakeClient.ready('T'));
        one.sends(WRITE);
        one.serverSends(FakeClient.error("25006"), FakeClient.ready('E'));
        assertThat(one.got()).isEqualTo("CZEZ");
        assertThat(home.servers).hasSize(1);
    }

    // Hazard R3
    @Test
    void writeBehindATransactionThatLeftSomethingOnAReplica_waitsForTheProxysQuestion() {
        FakeClient one = client();
        one.sends(Frames.query("BEGIN READ ONLY"));
        one.serverSends(FakeClient.complete("BEGIN"), FakeClient.ready('T'));
        one.sends(Frames.query("SET work_mem = '1MB'"));
        one.serverSends(FakeClient.complete("SET"), FakeClient.ready('T'));
        one.sends(Frames.query("COMMIT"));
        one.serverSends(FakeClient.complete("COMMIT"), FakeClient.ready('I'));
        assertThat(one.serverGot()).as("the question behind it").isEqualTo("QQQQ");
        one.sends(WRITE);
        assertThat(one.serverGot()).isEmpty();
        one.serverSends(ROWS, Frames.frame('D', Frames.int16(1), Frames.int32(-1)), done());
        assertThat(home.servers).hasSize(2);
        assertThat(one.serverGot()).endsWith("Q");
        assertThat(routed(Route.LEADER, RouteReason.UNPROVEN)).isOne();
    }

    @ParameterizedTest
    @CsvSource({
        "/* trunkline:leader */ SELECT 1 FROM t,BY_STATEMENT,LEADER,HINT",
        "SELECT 1 FROM t /* trunkline:leader */,BY_STATEMENT,LEADER,HINT",
        "/* trunkline:replica */ SELECT f(),BY_STATEMENT,REPLICA,HINT",
        "/* trunkline:replica */ SELECT f(),BY_TRANSACTION,REPLICA,HINT",
        "SELECT f() /* trunkline:replica */,BY_TRANSACTION,REPLICA,HINT",
        "BEGIN /* trunkline:replica */,BY_TRANSACTION,REPLICA,HINT",
        "BEGIN READ ONLY /* trunkline:leader */,BY_TRANSACTION,LEADER,HINT",
        "/* trunkline:replica */ INSERT INTO t VALUES (1),BY_STATEMENT,REPLICA,HINT",
        "/* trunkline:replica */ SELECT 1,LEADER,LEADER,CONFIGURED",
        "/* trunkline:leader */ SELECT 1,REPLICA,REPLICA,CONFIGURED",
        "SELECT 1 FROM t,BY_TRANSACTION,LEADER,UNPROVEN",
        "SELECT 1 FROM t FOR UPDATE,BY_STATEMENT,LEADER,UNPROVEN",
        "SELECT f(),BY_STATEMENT,LEADER,UNPROVEN"
    })
    void hint_choosesInEitherProtocol(
            String sql, SessionTraits.Destination destination, Route route, RouteReason reason) {
        FakeClient one = client(destination, Parameters.NONE);
        one.sends(Frames.query(sql));
        assertThat(routed(route, reason)).isOne();
        one.serverSends(done());
        one.sends(batch("s", sql));
        assertThat(routed(route, reason)).isEqualTo(2);
        one.serverSends(Frames.frame('1'), Frames.frame('2'), Frames.frame('n'), done());
        one.sends(Frames.bind("", "s", new String[0]), Frames.execute("", 0), Frames.sync());
        assertThat(routed(route, reason)).as("prepared").isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"BY_STATEMENT", "BY_TRANSACTION"})
    void unknownHint_isRefusedWithTheValidOnes(SessionTraits.Destination destination) {
        FakeClient one = client(destination, Parameters.NONE);
        one.sends(Frames.query("/* trunkline:master */ SELECT 1"));
        assertThat(home.servers).isEmpty();
        assertThat(text(one))
                .contains("C22023", "invalid hint: \"trunkline:master\"", "trunkline:leader, trunkline:replica");
        one.sends(batch("", "/* trunkline:master */ SELECT 1"));
        assertThat(one.got()).isEqualTo("EZ");
        one.sends(READ);
        assertThat(home.servers).hasSize(1);
    }

    private static String text(FakeClient client) {
        StringBuilder all = new StringBuilder();
        for (ByteBuf out = client.channel.readOutbound(); out != null; out = client.channel.readOutbound()) {
            all.append(out.toString(UTF_8));
            out.release();
        }
        return all.toString();
    }

    @ParameterizedTest
    @CsvSource({
        "leader,SELECT 1 FROM t,LEADER,HINT",
        "leader,BEGIN READ ONLY,LEADER,HINT",
        "replica,SELECT f(),REPLICA,HINT",
        "replica,BEGIN,REPLICA,HINT",
        "replica,BEGIN READ WRITE,LEADER,EXPLICIT",
        "auto,SELECT 1 FROM t,REPLICA,PROVEN",
        "auto,SELECT f(),LEADER,UNPROVEN",
        "default,SELECT 1 FROM t,LEADER,UNPROVEN",
        "nonsense,SELECT 1 FROM t,LEADER,UNPROVEN"
    })
    void settingOfTheSession_chooses(String value, String sql, Route route, RouteReason reason) {
        FakeClient one =
                client(SessionTraits.Destination.BY_TRANSACTION, Parameters.of(Map.of("trunkline.route", value)));
        one.sends(Frames.query(sql));
        assertThat(routed(route, reason)).isOne();
    }

    @ParameterizedTest
    @CsvSource({"default_transaction_isolation,serializable", "client_encoding,SJIS", "client_encoding,gb18030"})
    void sessionThatNothingIsProvenOf_readsOnTheLeader(String setting, String value) {
        FakeClient one = client(SessionTraits.Destination.BY_STATEMENT, Parameters.of(Map.of(setting, value)));
        one.sends(READ);
        assertThat(routed(Route.LEADER, RouteReason.UNPROVEN)).isOne();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SET trunkline.route = nowhere|22023|leader, replica, auto, default",
                "SET trunkline.route TO 'Nowhere'|22023|leader, replica, auto, default",
                "SET SESSION trunkline.route TO 3; SELECT 1|none|",
                "SET trunkline.rout = leader|42704|trunkline.route",
                "SET trunkline.route = Leader|none|",
                "SET trunkline.route = 'auto'|none|",
                "SET trunkline.route TO DEFAULT|none|",
                "SET LOCAL trunkline.route = nowhere|none|",
                "RESET trunkline.route|none|"
            })
    void setting_isCheckedBeforeItIsSent(String sql, String code, @Nullable String hint) {
        FakeClient one = client();
        one.sends(Frames.query(sql));
        if (code.equals("none")) {
            assertThat(one.serverGot()).isEqualTo("Q");
        } else {
            assertThat(home.servers).isEmpty();
            assertThat(text(one)).contains("C" + code, String.valueOf(hint));
        }
    }

    // Hazard D16: what reads may be run again, as long as the client has seen nothing of it.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void leaderThatVanishesBeforeTheAnswerOfARead_isMadeGoodOnce(boolean saysWhy) {
        home.pools().apply(new Topology(3, 1, FakeHome.FIRST, List.of(), List.of()));
        FakeClient one = client();
        one.sends(READ);
        if (saysWhy) {
            one.serverSends(Frames.frame('E', "SFATAL\0C57P01\0Mgone\0\0".getBytes(UTF_8)));
        }
        one.server().close();
        one.sends();
        assertThat(home.servers).hasSize(2);
        assertThat(one.serverGot()).isEqualTo("Q");
        assertThat(routed(Route.LEADER, RouteReason.RETRIED)).isOne();
        one.server().close();
        one.sends();
        assertThat(one.lastError()).contains("08006");
        assertThat(home.servers).hasSize(2);
    }

    @Test
    void leaderThatVanishes_leavesAReadToTheReplicaThatHasComeSince() {
        home.pools().apply(new Topology(3, 1, FakeHome.FIRST, List.of(), List.of()));
        FakeClient one = client();
        one.sends(READ);
        EmbeddedChannel lost = one.server();
        Member replica = new Member("two", new Endpoint("127.0.0.1", 5433), Role.REPLICA, true, 1, 0, true);
        home.pools().apply(new Topology(4, 1, FakeHome.FIRST, List.of(replica), List.of()));
        lost.close();
        one.sends();
        assertThat(one.serverGot()).isEqualTo("Q");
        assertThat(routed(Route.REPLICA, RouteReason.RETRIED)).isOne();
        one.serverSends(ROWS, ROW, done());
        assertThat(one.got()).isEqualTo("TDCZ");
    }

    @Test
    void leaderThatVanishesBehindTheBeginOfTheAnswerOrUnderAWrite_isToldAsPostgresWould() {
        home.pools().apply(new Topology(3, 1, FakeHome.FIRST, List.of(), List.of()));
        FakeClient one = client();
        one.sends(READ);
        one.serverSends(ROWS);
        one.server().close();
        one.sends();
        assertThat(one.lastError()).contains("08006");

        FakeClient two = client();
        two.sends(READ);
        two.serverSends(ROWS, ROW, done());
        two.sends(WRITE);
        two.server().close();
        two.sends();
        assertThat(two.lastError()).contains("08006");
        one.close();
    }

    @Test
    void replicaWithoutAConnection_isCountedAsTheReason() {
        home.pools().apply(new Topology(3, 1, FakeHome.FIRST, List.of(), List.of()));
        FakeClient one = client();
        one.sends(READ);
        assertThat(routed(Route.LEADER, RouteReason.NO_REPLICA)).isOne();
    }
}
