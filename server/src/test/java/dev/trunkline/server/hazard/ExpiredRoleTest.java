package dev.trunkline.server.hazard;

import static dev.trunkline.server.testing.Frames.query;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.demo.TestCluster;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestProxy;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Roles whose {@code VALID UNTIL} is over. The users file knows nothing of it: the server says so, to each new server connection.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ExpiredRoleTest {
    private static final String DATABASE = "expired";
    private static final String USER = "expiring";
    private static final String PASSWORD = "secret";

    private TestProxy proxy;

    @BeforeEach
    void start() throws SQLException {
        TestCluster.shared().createDatabase(DATABASE);
        run("CREATE ROLE " + USER + " LOGIN PASSWORD '" + PASSWORD + "'");
        proxy = TestProxy.before("{ leader: \"127.0.0.1:" + TestCluster.shared().leaderPort() + "\" }")
                .database(DATABASE, "pool_size: 1")
                .user(USER, PASSWORD)
                .start();
    }

    @AfterEach
    void stop() throws SQLException {
        proxy.close();
        run("DROP ROLE " + USER);
    }

    // Hazard S6
    @Test
    void roleThatHasExpired_isRefused() throws SQLException {
        expire();
        try (RawClient client = RawClient.connect(proxy.port())) {
            assertThat(Message.error(login(client)).fields())
                    .containsEntry('S', "FATAL")
                    .containsEntry('C', "28P01");
        }
        assertThat(Leftovers.of(proxy, "SHOW SERVERS", DATABASE)).isEmpty();
    }

    // Hazard S6: as with PgBouncer's auth_file, what is connected stays so; docs/configuration.md says it.
    @Test
    void roleThatExpires_isRefusedWithItsNextServerConnection() throws SQLException {
        try (RawClient client = RawClient.connect(proxy.port())) {
            assertThat(login(client).getLast().type()).isEqualTo('Z');
            assertThat(client.value("SELECT 'before'")).isEqualTo("before");
            expire();
            assertThat(client.value("SELECT 'pooled'")).isEqualTo("pooled");
            run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '" + USER + "'");
            Leftovers.await("the loss of the server connection", () -> Leftovers.of(proxy, "SHOW SERVERS", DATABASE)
                    .isEmpty());
            client.send(query("SELECT 'after'"));
            Message answer = client.read();
            assertThat(answer.type()).isEqualTo('E');
            assertThat(answer.fields()).containsEntry('C', "28P01");
        }
    }

    private static List<Message> login(RawClient client) {
        return client.login(Map.of("user", USER, "database", DATABASE), PASSWORD);
    }

    private static void expire() throws SQLException {
        run("ALTER ROLE " + USER + " VALID UNTIL '2000-01-01'");
    }

    private static void run(String sql) throws SQLException {
        TestCluster.shared().run(TestCluster.SUPERUSER, sql);
    }
}
