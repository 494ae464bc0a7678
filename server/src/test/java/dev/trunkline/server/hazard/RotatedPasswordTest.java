package dev.trunkline.server.hazard;

import static dev.trunkline.server.testing.Frames.query;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A secret that is changed on the server while its pool is alive. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class RotatedPasswordTest {
    private static final String USER = "rotating";

    private final String database = TestPostgres.get().createDatabase("rotated");

    @AfterEach
    void dropUser() {
        TestPostgres.get().execute(database, "DROP ROLE IF EXISTS " + USER);
    }

    // Hazard R2: the same password has another salt afterwards, so that keys derived before are worth nothing.
    @Test
    void secretWithANewSalt_isFollowedByTheNextServerConnection() {
        TestPostgres.get().execute(database, "CREATE ROLE " + USER + " LOGIN PASSWORD 'same'");
        try (TestProxy proxy = TestProxy.before(TestPostgres.get(), database)
                        .database(database, "pool_size: 1")
                        .user(USER, "same")
                        .start();
                RawClient client = RawClient.connect(proxy.port())) {
            client.login(Map.of("user", USER, "database", database), "same");
            String before = pid(client);
            TestPostgres.get().execute(database, "ALTER ROLE " + USER + " PASSWORD 'same'");
            assertThat(pid(client)).as("a session that is there goes on").isEqualTo(before);
            TestPostgres.get()
                    .execute(
                            database,
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '" + USER + "'");
            Leftovers.await("the loss of the old connection", () -> Leftovers.of(proxy, "SHOW SERVERS", database)
                    .isEmpty());
            assertThat(pid(client)).as("a new one is opened with the new salt").isNotEqualTo(before);
        }
    }

    private static String pid(RawClient client) {
        client.send(query("SELECT pg_backend_pid()"));
        return Message.firstColumns(client.readToReady()).getFirst();
    }
}
