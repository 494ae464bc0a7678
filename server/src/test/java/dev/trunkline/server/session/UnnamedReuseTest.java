package dev.trunkline.server.session;

import static dev.trunkline.server.testing.Frames.bind;
import static dev.trunkline.server.testing.Frames.concat;
import static dev.trunkline.server.testing.Frames.describe;
import static dev.trunkline.server.testing.Frames.execute;
import static dev.trunkline.server.testing.Frames.parse;
import static dev.trunkline.server.testing.Frames.query;
import static dev.trunkline.server.testing.Frames.sync;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Unnamed statements that are prepared once for all: who has sent them sees no difference, and the server is seen to have them
 * under the proxy's name.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class UnnamedReuseTest {
    private static final String SHARED = "SELECT statement FROM pg_prepared_statements ORDER BY 1";

    private final String database = TestPostgres.get().createDatabase("unnamed");

    private TestProxy proxy(String reuse) {
        return TestProxy.before(TestPostgres.get(), database)
                .database(database, "pool_size: 1, reuse_unnamed_statements: " + reuse)
                .start();
    }

    private static List<List<String>> run(RawClient client, String text, String... values) {
        client.send(concat(parse("", text), bind("", "", values), describe('P', ""), execute("", 0), sync()));
        List<Message> answer = client.readToReady();
        assertThat(Message.types(answer)).startsWith("12T").endsWith("CZ");
        return rows(answer);
    }

    private static List<List<String>> rows(List<Message> messages) {
        return messages.stream()
                .filter(each -> each.type() == 'D')
                .map(Message::columns)
                .toList();
    }

    private static List<List<String>> shared(RawClient client) {
        client.send(query(SHARED));
        return rows(client.readToReady());
    }

    @Test
    void textThatComesAgain_isPreparedOnce() {
        try (TestProxy proxy = proxy("all");
                RawClient client = proxy.rawClient(database)) {
            for (int i = 0; i < 10; i++) {
                assertThat(run(client, "SELECT $1::int + 1", "" + i)).containsExactly(List.of("" + (i + 1)));
                assertThat(run(client, "SELECT " + i)).containsExactly(List.of("" + i));
            }
            assertThat(shared(client)).containsExactly(List.of("SELECT $1::int + 1"));
        }
    }

    @Test
    void withoutParameters_leavesThoseThatHaveThem() {
        try (TestProxy proxy = proxy("without_parameters");
                RawClient client = proxy.rawClient(database)) {
            for (int i = 0; i < 4; i++) {
                assertThat(run(client, "SELECT $1::int", "7")).containsExactly(List.of("7"));
                assertThat(run(client, "SELECT 8")).containsExactly(List.of("8"));
            }
            assertThat(shared(client)).containsExactly(List.of("SELECT 8"));
        }
    }

    @Test
    void off_preparesNothing() {
        try (TestProxy proxy = proxy("off");
                RawClient client = proxy.rawClient(database)) {
            for (int i = 0; i < 4; i++) {
                assertThat(run(client, "SELECT 8")).containsExactly(List.of("8"));
            }
            assertThat(shared(client)).isEmpty();
        }
    }

    @Test
    void changedTable_isSeenAtOnce() {
        TestPostgres.get()
                .execute(database, "CREATE TABLE t (a int); INSERT INTO t VALUES (1); GRANT ALL ON t TO PUBLIC");
        try (TestProxy proxy = proxy("all");
                RawClient client = proxy.rawClient(database)) {
            for (int i = 0; i < 4; i++) {
                assertThat(run(client, "SELECT * FROM t")).containsExactly(List.of("1"));
            }
            assertThat(shared(client)).containsExactly(List.of("SELECT * FROM t"));
            TestPostgres.get().execute(database, "ALTER TABLE t ADD b int DEFAULT 2");
            assertThat(run(client, "SELECT * FROM t")).containsExactly(List.of("1", "2"));
        }
    }

    @Test
    void temporaryTable_hidesTheOtherAtOnce() {
        TestPostgres.get()
                .execute(database, "CREATE TABLE t (a int); INSERT INTO t VALUES (1); GRANT ALL ON t TO PUBLIC");
        try (TestProxy proxy = proxy("all");
                RawClient client = proxy.rawClient(database)) {
            for (int i = 0; i < 4; i++) {
                assertThat(run(client, "SELECT * FROM t")).containsExactly(List.of("1"));
            }
            client.send(query("CREATE TEMP TABLE t AS SELECT 'temporary'::text"));
            client.readToReady();
            assertThat(run(client, "SELECT * FROM t")).containsExactly(List.of("temporary"));
        }
    }

    @Test
    void boundInLaterBatches_itIsStillThere() {
        try (TestProxy proxy = proxy("all");
                RawClient client = proxy.rawClient(database);
                RawClient other = proxy.rawClient(database)) {
            for (int i = 0; i < 3; i++) {
                run(client, "SELECT 1");
            }
            run(other, "SELECT 'of another'");
            client.send(concat(bind("", "", new String[0]), execute("", 0), sync()));
            assertThat(rows(client.readToReady())).containsExactly(List.of("1"));
            client.send(query("SELECT 2"));
            client.readToReady();
            client.send(concat(bind("", "", new String[0]), sync()));
            List<Message> answer = client.readToReady();
            assertThat(Message.types(answer)).isEqualTo("EZ");
            assertThat(answer.getFirst().fields()).containsEntry('M', "unnamed prepared statement does not exist");
        }
    }
}
