package dev.trunkline.server.hazard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** What those get who may not come in, and those for whom there is no room. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class BadLoginTest {
    private static final int MAX_CLIENTS = 5;

    private final String database = TestPostgres.get().createDatabase("badlogin");
    private TestProxy proxy;

    @BeforeAll
    void start() {
        proxy = TestProxy.before(TestPostgres.get(), database)
                .global("max_client_conn: " + MAX_CLIENTS)
                .start();
    }

    @AfterAll
    void stop() {
        proxy.close();
    }

    @Test
    void unknownDatabase_isRefusedWith3D000() {
        Message error = refusal(TestPostgres.USER, "nowhere", TestPostgres.PASSWORD);
        assertThat(error.fields()).containsEntry('S', "FATAL").containsEntry('C', "3D000");
        assertThat(error.fields().get('M')).isEqualTo("database \"nowhere\" does not exist");
    }

    @Test
    void unknownUserAndWrongPassword_getTheSameText() {
        Message stranger = refusal("nobody", database, "any");
        Message wrong = refusal(TestPostgres.USER, database, "wrong");
        assertThat(stranger.fields()).containsEntry('S', "FATAL").containsEntry('C', "28P01");
        assertThat(stranger.fields().get('M').replace("nobody", TestPostgres.USER))
                .isEqualTo(wrong.fields().get('M'));
        assertThat(stranger.fields()).doesNotContainKey('D');
        assertThat(wrong.fields()).doesNotContainKey('D').containsEntry('C', "28P01");
    }

    @Test
    void oneClientMoreThanAllowed_isRefusedWith53300_andTheOthersAreNot() {
        List<RawClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < MAX_CLIENTS; i++) {
                clients.add(proxy.rawClient(database));
            }
            Message error = refusal(TestPostgres.USER, database, TestPostgres.PASSWORD);
            assertThat(error.fields()).containsEntry('S', "FATAL").containsEntry('C', "53300");
            assertThat(clients)
                    .allSatisfy(client -> assertThat(client.value("SELECT 7")).isEqualTo("7"));
        } finally {
            clients.forEach(RawClient::close);
        }
    }

    private Message refusal(String user, String wanted, String password) {
        try (RawClient client = proxy.rawClient()) {
            return Message.error(client.login(Map.of("user", user, "database", wanted), password));
        }
    }
}
