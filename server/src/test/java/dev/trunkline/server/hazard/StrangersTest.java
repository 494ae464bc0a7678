package dev.trunkline.server.hazard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who must not come in by way of somebody else: by a database's own user, or by the console. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class StrangersTest {
    private static final String OWNER = "owner_of_all";

    private final String database = TestPostgres.get().createDatabase("strangers");

    private TestProxy proxy(String authType) {
        TestPostgres postgres = TestPostgres.get();
        return TestProxy.before("{ sql: [ \"127.0.0.1:" + postgres.port() + "\" ], check_user: " + OWNER + " }")
                .database(database, "user: " + OWNER)
                .database("\"*\"", "user: " + OWNER)
                .user(OWNER, "secret")
                .user("no_secret", "")
                .global("auth_type: " + authType)
                .start();
    }

    // Hazard S8: the server would take whoever comes, as the database's user
    @ParameterizedTest
    @ValueSource(strings = {"scram-sha-256", "md5"})
    void unknownUser_doesNotBecomeTheUserOfTheDatabase(String authType) throws SQLException {
        createOwner();
        try (TestProxy proxy = proxy(authType)) {
            for (String name : List.of(database, "template1")) {
                for (String user : List.of("nobody", "no_secret", "", OWNER + " ")) {
                    for (String password : List.of("secret", TestPostgres.PASSWORD, "x")) {
                        isRefused(proxy, user, name, password);
                    }
                }
            }
            assertThat(Leftovers.of(proxy, "SHOW SERVERS", database)).isEmpty();
            try (Connection known = proxy.connect(database);
                    ResultSet rows = known.createStatement().executeQuery("SELECT current_user")) {
                rows.next();
                assertThat(rows.getString(1)).as("who a known user becomes").isEqualTo(OWNER);
            }
        }
    }

    // Hazard S8
    @Test
    void unknownUser_isRefusedAlsoWhereNobodyIsAskedForAProof() {
        createOwner();
        try (TestProxy proxy = proxy("trust");
                RawClient client = proxy.rawClient()) {
            assertThat(Message.error(client.login(Map.of("user", "nobody", "database", database), "x"))
                            .fields())
                    .containsEntry('C', "28P01");
            assertThat(Leftovers.of(proxy, "SHOW SERVERS", database)).isEmpty();
        }
    }

    // Hazard S13
    @ParameterizedTest
    @CsvSource({"scram-sha-256,app", "scram-sha-256,nobody", "scram-sha-256,no_secret", "md5,app", "md5,nobody"})
    void console_asksForThePassword(String authType, String user) {
        createOwner();
        try (TestProxy proxy = proxy(authType)) {
            isRefused(proxy, user, "pgbouncer", "wrong");
            isRefused(proxy, user, "pgbouncer", "");
        }
    }

    // Hazard S13: nobody is asked for a password then, so that the name alone counts
    @Test
    void console_isForItsAdminsAloneWhereNobodyIsAskedForAProof() {
        createOwner();
        try (TestProxy proxy = proxy("trust")) {
            for (String user : List.of(OWNER, "no_secret", "nobody")) {
                try (RawClient client = proxy.rawClient()) {
                    Message error = Message.error(client.login(Map.of("user", user, "database", "pgbouncer"), "x"));
                    assertThat(error.fields()).as(user).containsEntry('S', "FATAL");
                }
            }
            proxy.rawClient("pgbouncer").close();
        }
    }

    private static void createOwner() {
        TestPostgres.get()
                .execute(
                        "postgres",
                        "DO $$ BEGIN CREATE ROLE " + OWNER + " LOGIN SUPERUSER PASSWORD 'secret';"
                                + " EXCEPTION WHEN duplicate_object THEN NULL; END $$");
    }

    /** By PgJDBC, which answers whatever it is asked for. */
    private static void isRefused(TestProxy proxy, String user, String database, String password) {
        String url = proxy.jdbcUrl(database, "preferQueryMode=simple&assumeMinServerVersion=9.6");
        try (Connection _ = DriverManager.getConnection(url, user, password)) {
            throw new AssertionError(user + " came in to " + database + " with " + password);
        } catch (SQLException e) {
            assertThat(e.getSQLState()).as(user + " " + e.getMessage()).isIn("28P01", "28000", "08004");
        }
    }
}
