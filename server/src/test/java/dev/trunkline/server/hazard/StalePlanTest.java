package dev.trunkline.server.hazard;

import static dev.trunkline.server.testing.Frames.bind;
import static dev.trunkline.server.testing.Frames.concat;
import static dev.trunkline.server.testing.Frames.describe;
import static dev.trunkline.server.testing.Frames.execute;
import static dev.trunkline.server.testing.Frames.flush;
import static dev.trunkline.server.testing.Frames.parse;
import static dev.trunkline.server.testing.Frames.sync;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * "cached plan must not change result type": a client that has prepared its statement after somebody changed a table never gets
 * it from a server of its own, and must not get it because the proxy has shared an older one. Hazard D5.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class StalePlanTest {
    private static final int SERVERS = 4;
    private static final byte[] RUN = concat(bind("", "s", new String[0]), describe('P', ""), execute("", 0), sync());
    private static final byte[] RUN_UNSEEN = concat(bind("", "s", new String[0]), execute("", 0), sync());

    private final String database = TestPostgres.get().createDatabase("stale");
    private TestProxy proxy;
    private TestProxy wide;

    @BeforeAll
    void start() {
        proxy = TestProxy.before(TestPostgres.get(), database)
                .database(database, "pool_size: 1")
                .start();
        wide = TestProxy.before(TestPostgres.get(), database)
                .database(database, "pool_size: " + SERVERS)
                .global("server_round_robin: true")
                .start();
    }

    @BeforeEach
    void createTable() {
        ddl("DROP TABLE IF EXISTS t; CREATE TABLE t (a int); INSERT INTO t VALUES (1); ALTER TABLE t OWNER TO "
                + TestPostgres.USER);
    }

    @AfterAll
    void stop() {
        proxy.close();
        wide.close();
    }

    private void ddl(String sql) {
        TestPostgres.get().execute(database, sql);
    }

    private void addColumn() {
        ddl("ALTER TABLE t ADD b int DEFAULT 2");
    }

    private static RawClient prepared(TestProxy through, String database) {
        RawClient client = through.rawClient(database);
        client.send(parse("s", "SELECT * FROM t"), sync());
        assertThat(Message.types(client.readToReady())).isEqualTo("1Z");
        return client;
    }

    private static List<List<String>> rows(List<Message> messages) {
        return messages.stream()
                .filter(each -> each.type() == 'D')
                .map(Message::columns)
                .toList();
    }

    private static List<List<String>> run(RawClient client) {
        client.send(RUN);
        List<Message> answer = client.readToReady();
        assertThat(Message.types(answer)).isEqualTo("2TDCZ");
        return rows(answer);
    }

    @Test
    void lonelyClient_thatDescribesEachTime_seesTheNewColumn() {
        try (RawClient client = prepared(proxy, database)) {
            assertThat(run(client)).containsExactly(List.of("1"));
            addColumn();
            assertThat(run(client)).containsExactly(List.of("1", "2"));
            assertThat(run(client)).containsExactly(List.of("1", "2"));
        }
    }

    @Test
    void clientsInTurnOverFourServers_seeTheNewColumn() {
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            clients.add(prepared(wide, database));
        }
        for (int turn = 0; turn < 4 * SERVERS; turn++) {
            assertThat(run(clients.get(turn % 3))).containsExactly(List.of("1"));
        }
        addColumn();
        for (int turn = 0; turn < 4 * SERVERS; turn++) {
            assertThat(run(clients.get(turn % 3))).containsExactly(List.of("1", "2"));
        }
        clients.forEach(RawClient::close);
    }

    @Test
    void newClient_whoseParseIsAnswered_describesTheNewColumn() {
        try (RawClient old = prepared(proxy, database);
                RawClient fresh = proxy.rawClient(database)) {
            run(old);
            addColumn();
            fresh.send(parse("n", "SELECT * FROM t"), describe('S', "n"), sync());
            assertThat(Message.types(fresh.readToReady())).isEqualTo("1tTZ");
        }
    }

    /** As asyncpg prepares: with Flush, and Sync only later. */
    @Test
    void newClient_thatOnlyFlushes_describesTheNewColumn() {
        try (RawClient old = prepared(proxy, database);
                RawClient fresh = proxy.rawClient(database)) {
            run(old);
            addColumn();
            fresh.send(parse("n", "SELECT * FROM t"), describe('S', "n"), flush());
            assertThat(fresh.read().type()).isEqualTo('1');
            assertThat(fresh.read().type()).isEqualTo('t');
            assertThat(fresh.read().type()).isEqualTo('T');
            fresh.send(bind("", "n", new String[0]), execute("", 0), sync());
            List<Message> answer = fresh.readToReady();
            assertThat(Message.types(answer)).isEqualTo("2DCZ");
            assertThat(rows(answer)).containsExactly(List.of("1", "2"));
        }
    }

    @Test
    void batchThatBeginsWithAnotherParse_isAnsweredWhole() {
        try (RawClient client = prepared(proxy, database)) {
            run(client);
            addColumn();
            client.send(parse("other", "SELECT 'other'"), RUN);
            List<Message> answer = client.readToReady();
            assertThat(Message.types(answer)).isEqualTo("12TDCZ");
            assertThat(rows(answer)).containsExactly(List.of("1", "2"));
        }
    }

    @Test
    void clientThatKnowsTheOldRows_isToldAsByAServerOfItsOwn() {
        try (RawClient client = prepared(proxy, database)) {
            client.send(describe('S', "s"), sync());
            assertThat(Message.types(client.readToReady())).isEqualTo("tTZ");
            addColumn();
            client.send(RUN_UNSEEN);
            List<Message> answer = client.readToReady();
            assertThat(Message.types(answer)).isEqualTo("EZ");
            assertThat(Message.error(answer).fields())
                    .containsEntry('C', "0A000")
                    .containsEntry('M', "cached plan must not change result type");
            assertThat(client.value("SELECT 'alive'")).isEqualTo("alive");
        }
    }

    @Test
    void clientThatHasDescribedAPortalOnce_isTold() {
        try (RawClient client = prepared(proxy, database)) {
            run(client);
            client.send(RUN_UNSEEN);
            assertThat(Message.types(client.readToReady())).isEqualTo("2DCZ");
            addColumn();
            client.send(RUN_UNSEEN);
            assertThat(Message.types(client.readToReady())).isEqualTo("EZ");
        }
    }

    @Test
    void clientThatKnowsRowsWhichAreTheSameAgain_isServed() {
        try (RawClient first = prepared(proxy, database);
                RawClient second = proxy.rawClient(database)) {
            second.send(parse("s", "SELECT * FROM t"), describe('S', "s"), sync());
            assertThat(Message.types(second.readToReady())).isEqualTo("1tTZ");
            addColumn();
            assertThat(run(first)).containsExactly(List.of("1", "2"));
            ddl("ALTER TABLE t DROP b");
            second.send(RUN_UNSEEN);
            List<Message> answer = second.readToReady();
            assertThat(Message.types(answer)).isEqualTo("2DCZ");
            assertThat(rows(answer)).containsExactly(List.of("1"));
        }
    }

    @Test
    void batchOfSeveralStatements_whoseLastIsStale_isCarriedOutOnce() {
        ddl("DROP TABLE IF EXISTS log; CREATE TABLE log (n int); GRANT ALL ON log TO PUBLIC");
        try (RawClient client = prepared(proxy, database)) {
            client.send(parse("i", "INSERT INTO log VALUES (1)"), sync());
            client.readToReady();
            run(client);
            addColumn();
            client.send(bind("", "i", new String[0]), execute("", 0), RUN);
            List<Message> answer = client.readToReady();
            assertThat(Message.types(answer)).isEqualTo("2C2TDCZ");
            assertThat(client.value("SELECT count(*) FROM log")).isEqualTo("1");
        }
    }

    @Test
    void batchLargerThanOneRead_isSentAgainToItsEnd() {
        String large = "x".repeat(20_000);
        try (RawClient client = proxy.rawClient(database)) {
            client.send(parse("s", "SELECT t.*, length($1) FROM t"), sync());
            client.readToReady();
            byte[] run = concat(bind("", "s", large), describe('P', ""), execute("", 0), sync());
            client.send(run);
            assertThat(rows(client.readToReady())).containsExactly(List.of("1", "20000"));
            addColumn();
            client.send(run);
            assertThat(rows(client.readToReady())).containsExactly(List.of("1", "2", "20000"));
        }
    }

    @Test
    void insideATransaction_theErrorIsToldAndTheStatementPreparedAgain() {
        try (RawClient client = prepared(proxy, database)) {
            run(client);
            addColumn();
            client.query("BEGIN");
            client.send(RUN);
            assertThat(Message.types(client.readToReady())).isEqualTo("EZ");
            client.query("ROLLBACK");
            client.query("BEGIN");
            assertThat(run(client)).containsExactly(List.of("1", "2"));
            client.query("COMMIT");
        }
    }

    @Test
    void parseInsideATransaction_isReallyParsed() {
        try (RawClient old = prepared(proxy, database);
                RawClient fresh = proxy.rawClient(database)) {
            run(old);
            fresh.query("BEGIN; ALTER TABLE t ADD c text DEFAULT 'own'");
            fresh.send(parse("n", "SELECT * FROM t"), describe('S', "n"), sync());
            assertThat(Message.types(fresh.readToReady())).isEqualTo("1tTZ");
            fresh.send(bind("", "n", new String[0]), execute("", 0), sync());
            assertThat(rows(fresh.readToReady())).containsExactly(List.of("1", "own"));
            fresh.query("ROLLBACK");
            assertThat(run(old)).containsExactly(List.of("1"));
        }
    }

    /** What was sent behind the failed batch is answered already: it cannot be sent again in its turn. */
    @Test
    void pipelineOfBatches_isToldAndHealed() {
        try (RawClient client = prepared(proxy, database)) {
            run(client);
            addColumn();
            client.send(concat(RUN, RUN));
            assertThat(Message.types(client.readToReady())).isIn("2TDCZ", "EZ");
            assertThat(Message.types(client.readToReady())).isIn("2TDCZ", "EZ");
            assertThat(run(client)).containsExactly(List.of("1", "2"));
        }
    }
}
