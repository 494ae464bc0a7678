package dev.trunkline.server.hazard;

import static dev.trunkline.server.testing.Frames.bind;
import static dev.trunkline.server.testing.Frames.execute;
import static dev.trunkline.server.testing.Frames.extended;
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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * No rows are kept here; but prepared statements are shared by clients of one pool, whatever role and {@code search_path} each has. The
 * plan of one must not show its rows to another.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class RowsOfRolesTest {
    private static final List<String> ROLES = List.of("rows_alice", "rows_bob");
    private static final String TEXT = "SELECT note FROM notes";

    private final String database = TestPostgres.get().createDatabase("roles");
    private TestProxy proxy;

    /** How a client comes to a statement that others share. */
    enum Way {
        NAMED {
            @Override
            void prepare(RawClient client) {
                client.send(parse("s", TEXT), sync());
                client.readToReady();
            }

            @Override
            List<Message> run(RawClient client) {
                client.send(bind("", "s", new String[0]), execute("", 0), sync());
                return client.readToReady();
            }
        },
        UNNAMED {
            @Override
            List<Message> run(RawClient client) {
                client.send(extended(TEXT));
                return client.readToReady();
            }
        },
        SQL {
            @Override
            void prepare(RawClient client) {
                client.query("PREPARE s AS " + TEXT);
            }

            @Override
            List<Message> run(RawClient client) {
                client.send(query("EXECUTE s"));
                return client.readToReady();
            }
        };

        void prepare(RawClient client) {}

        abstract List<Message> run(RawClient client);
    }

    @BeforeAll
    void start() {
        TestPostgres postgres = TestPostgres.get();
        postgres.execute(
                database,
                "CREATE TABLE notes (owner text, note text); ALTER TABLE notes ENABLE ROW LEVEL SECURITY;"
                        + " CREATE POLICY own ON notes USING (owner = current_user)");
        for (String role : ROLES) {
            postgres.execute(
                    database,
                    "DO $$ BEGIN CREATE ROLE %1$s; EXCEPTION WHEN duplicate_object THEN NULL; END $$; GRANT %1$s TO app;"
                                    .formatted(role)
                            + " GRANT SELECT ON notes TO %1$s; INSERT INTO notes VALUES ('%1$s', 'of %1$s');"
                                    .formatted(role)
                            + " CREATE SCHEMA s_%1$s; CREATE TABLE s_%1$s.notes AS SELECT 'in s_%1$s' AS note;"
                                    .formatted(role)
                            + " GRANT USAGE ON SCHEMA s_%1$s TO app; GRANT SELECT ON s_%1$s.notes TO app"
                                    .formatted(role));
        }
        proxy = TestProxy.before(postgres, database)
                .database(database, "pool_size: 1, reuse_unnamed_statements: all")
                .start();
    }

    @AfterAll
    void stop() {
        proxy.close();
    }

    // Hazard S11
    @ParameterizedTest
    @EnumSource
    void sharedStatement_showsEachRoleItsOwnRows(Way way) {
        try (RawClient alice = proxy.rawClient(database);
                RawClient bob = proxy.rawClient(database)) {
            alice.query("SET ROLE rows_alice");
            bob.query("SET ROLE rows_bob");
            takeTurns(way, alice, "of rows_alice", bob, "of rows_bob");
        }
    }

    // Hazard S11
    @ParameterizedTest
    @EnumSource
    void sharedStatement_readsTheTableOfEachSearchPath(Way way) {
        try (RawClient alice = proxy.rawClient(database);
                RawClient bob = proxy.rawClient(database)) {
            alice.query("SET search_path = s_rows_alice");
            bob.query("SET search_path = s_rows_bob");
            takeTurns(way, alice, "in s_rows_alice", bob, "in s_rows_bob");
        }
    }

    private static void takeTurns(Way way, RawClient one, String ofOne, RawClient two, String ofTwo) {
        way.prepare(one);
        way.prepare(two);
        // More often than PostgreSQL plans anew for each time.
        for (int turn = 0; turn < 8; turn++) {
            assertThat(Message.firstColumns(way.run(one))).containsExactly(ofOne);
            assertThat(Message.firstColumns(way.run(two))).containsExactly(ofTwo);
        }
        assertThat(one.value("SELECT pg_backend_pid()"))
                .as("they share it")
                .isEqualTo(two.value("SELECT pg_backend_pid()"));
    }
}
