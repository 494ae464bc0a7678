package dev.trunkline.server.hazard;

import static dev.trunkline.server.testing.Frames.query;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.demo.TestCluster;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestProxy;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A secret that is changed on the server while its pool is alive. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class RotatedPasswordTest {
    private static final String USER = "rotating";

    private static final String DATABASE = "rotated";

    @BeforeEach
    void createDatabase() throws SQLException {
        TestCluster.shared().createDatabase(DATABASE);
    }

    @AfterEach
    void dropUser() throws SQLException {
        run("DROP ROLE IF EXISTS " + USER);
    }

    // Hazard R2: the same password has another salt afterwards, so that keys derived before are worth nothing.
    @Test
    void secretWithANewSalt_isFollowedByTheNextServerConnection() throws SQLException {
        run("CREATE ROLE " + USER + " LOGIN PASSWORD 'same'");
        // A server that asks for SCRAM.
        try (TestProxy proxy = TestProxy.before(
                                "{ leader: \"127.0.0.1:" + TestCluster.shared().leaderPort() + "\" }")
                        .database(DATABASE, "pool_size: 1")
                        .user(USER, "same")
                        .start();
                RawClient client = RawClient.connect(proxy.port())) {
            client.login(Map.of("user", USER, "database", DATABASE), "same");
            String before = pid(client);
            run("ALTER ROLE " + USER + " PASSWORD 'same'");
            assertThat(pid(client)).as("a session that is there goes on").isEqualTo(before);
            run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '" + USER + "'");
            Leftovers.await("the loss of the old connection", () -> Leftovers.of(proxy, "SHOW SERVERS", DATABASE)
                    .isEmpty());
            assertThat(pid(client)).as("a new one is opened with the new salt").isNotEqualTo(before);
        }
    }

    private static void run(String sql) throws SQLException {
        TestCluster.shared().run(TestCluster.SUPERUSER, sql);
    }

    private static String pid(RawClient client) {
        client.send(query("SELECT pg_backend_pid()"));
        return Message.firstColumns(client.readToReady()).getFirst();
    }
}
