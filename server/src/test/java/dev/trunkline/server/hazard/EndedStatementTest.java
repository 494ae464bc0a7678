package dev.trunkline.server.hazard;

import static dev.trunkline.server.testing.Frames.bind;
import static dev.trunkline.server.testing.Frames.concat;
import static dev.trunkline.server.testing.Frames.describe;
import static dev.trunkline.server.testing.Frames.execute;
import static dev.trunkline.server.testing.Frames.parse;
import static dev.trunkline.server.testing.Frames.sync;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * Somebody has ended the statements of a server connection where nobody can see it. The others find theirs all the same. Hazard D5.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class EndedStatementTest {
    private static final byte[] RUN = concat(bind("", "s", new String[0]), execute("", 0), sync());

    private final String database = TestPostgres.get().createDatabase("ended");
    private TestProxy proxy;

    @BeforeAll
    void start() {
        proxy = TestProxy.before(TestPostgres.get(), database)
                .database(database, "pool_size: 1")
                .start();
    }

    @AfterAll
    void stop() {
        proxy.close();
    }

    private RawClient prepared() {
        RawClient client = proxy.rawClient(database);
        client.send(parse("s", "SELECT 42"), sync());
        assertThat(Message.types(client.readToReady())).isEqualTo("1Z");
        return client;
    }

    /** By another client of the same server connection. */
    private void endAll() {
        try (RawClient other = proxy.rawClient(database)) {
            assertThat(other.value("DO $$ BEGIN EXECUTE 'DEALLOCATE ' || 'ALL'; END $$; SELECT 'ended'"))
                    .isEqualTo("ended");
        }
    }

    private static void assertRuns(RawClient client, String types, byte[]... sent) {
        client.send(sent);
        List<Message> answer = client.readToReady();
        assertThat(Message.types(answer)).isEqualTo(types);
        assertThat(answer.stream().filter(each -> each.type() == 'D').map(Message::columns))
                .containsOnly(List.of("42"));
    }

    @Test
    void bind_findsIt() {
        try (RawClient client = prepared()) {
            endAll();
            assertRuns(client, "2DCZ", RUN);
            assertRuns(client, "2DCZ", RUN);
        }
    }

    @Test
    void bindBehindAParse_findsIt() {
        try (RawClient client = prepared()) {
            endAll();
            assertRuns(client, "12DCZ", parse("other", "SELECT 43"), RUN);
        }
    }

    @Test
    void describe_findsIt() {
        try (RawClient client = prepared()) {
            endAll();
            assertRuns(client, "tT2DCZ", describe('S', "s"), RUN);
        }
    }

    @Test
    void describeBehindAParse_findsIt() {
        try (RawClient client = prepared()) {
            endAll();
            assertRuns(client, "1tT2DCZ", parse("other", "SELECT 43"), describe('S', "s"), RUN);
        }
    }

    @Test
    void executeOfSql_findsIt() {
        try (RawClient client = proxy.rawClient(database)) {
            client.query("PREPARE x AS SELECT 42");
            endAll();
            assertThat(client.value("EXECUTE x")).isEqualTo("42");
        }
    }

    @Test
    void inATransaction_isToldOnce_andFindsItAfterwards() {
        try (RawClient client = prepared()) {
            endAll();
            client.query("BEGIN");
            client.send(RUN);
            List<Message> answer = client.readToReady();
            assertThat(Message.error(answer).fields())
                    .containsEntry('C', "26000")
                    .containsEntry('M', "prepared statement \"s\" does not exist");
            client.query("ROLLBACK");
            assertRuns(client, "2DCZ", RUN);
        }
    }

    @Test
    void nameThatTheClientHasNot_isNotThere() {
        try (RawClient client = prepared()) {
            client.send(bind("", "unknown", new String[0]), sync());
            assertThat(Message.error(client.readToReady()).fields()).containsEntry('C', "26000");
            client.send(bind("", "__trunkline_0", new String[0]), sync());
            assertThat(Message.error(client.readToReady()).fields()).containsEntry('C', "26000");
            client.query("DEALLOCATE ALL");
            client.send(RUN);
            assertThat(Message.error(client.readToReady()).fields()).containsEntry('C', "26000");
        }
    }
}
