package dev.trunkline.server.hazard;

import static dev.trunkline.server.testing.Frames.query;
import static dev.trunkline.server.testing.Frames.sslRequest;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Timers end those whom they are for, once, and nobody else. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class TimersTest {
    private final String database = TestPostgres.get().createDatabase("timers");

    private TestProxy.Builder proxy() {
        return TestProxy.before(TestPostgres.get(), database).database(database, "pool_size: 1");
    }

    // Hazard R10
    @Test
    void idleTime_doesNotRunWhileAQueryDoes_andBeginsAnewBehindIt() {
        try (TestProxy proxy = proxy().global("client_idle_timeout: 1s").start();
                RawClient client = proxy.rawClient(database)) {
            assertThat(client.value("SELECT 'served' FROM pg_sleep(3)")).isEqualTo("served");
            assertThat(client.isQuietFor(300)).isTrue();
            assertThat(client.value("SELECT 'again'")).isEqualTo("again");
            isToldOnce(client, "57P05");
        }
    }

    // Hazard R10
    @Test
    void idleTimeInATransaction_doesNotRunWhileAQueryDoes() {
        try (TestProxy proxy = proxy().global("idle_transaction_timeout: 1s").start();
                RawClient client = proxy.rawClient(database)) {
            client.query("BEGIN");
            assertThat(client.value("SELECT 'served' FROM pg_sleep(3)")).isEqualTo("served");
            assertThat(client.isQuietFor(300)).isTrue();
            assertThat(client.value("SELECT 'again'")).isEqualTo("again");
            isToldOnce(client, "25P03");
        }
    }

    // Hazard R10
    @ParameterizedTest
    @ValueSource(strings = {"SHOW trunkline.route", "SET trunkline.route = auto", "", "SELECT 1"})
    void whoAsksAllTheTime_isNotIdle(String asked) {
        try (TestProxy proxy = proxy().global("client_idle_timeout: 1s").start();
                RawClient client = proxy.rawClient(database)) {
            for (int i = 0; i < 15; i++) {
                assertThat(client.query(asked).getLast().status()).isEqualTo('I');
                assertThat(client.isQuietFor(200)).as("said nothing after " + i).isTrue();
            }
        }
    }

    // Hazard R10
    @Test
    void waitThatHasEnded_leavesNoTimerBehind() {
        try (TestProxy proxy = proxy().global("query_wait_timeout: 1s").start();
                RawClient first = proxy.rawClient(database);
                RawClient second = proxy.rawClient(database);
                RawClient idle = proxy.rawClient(database)) {
            first.send(query("SELECT pg_sleep(0.5)"));
            second.send(query("SELECT 'waited, and ran for longer' FROM pg_sleep(2)"));
            assertThat(Message.firstColumns(second.readToReady())).containsExactly("waited, and ran for longer");
            first.readToReady();
            assertThat(second.isQuietFor(1_500)).isTrue();
            assertThat(idle.value("SELECT 1")).isEqualTo("1");
            assertThat(second.value("SELECT 2")).isEqualTo("2");
        }
    }

    // Hazard R10
    @Test
    void waitThatWasInVain_isToldOnce_andTheClientGoesOn() {
        try (TestProxy proxy = proxy().global("query_wait_timeout: 500ms").start();
                RawClient first = proxy.rawClient(database);
                RawClient second = proxy.rawClient(database)) {
            first.query("BEGIN");
            List<Message> answer = second.query("SELECT 1");
            assertThat(Message.types(answer)).isEqualTo("EZ");
            assertThat(second.isQuietFor(1_500)).isTrue();
            first.query("COMMIT");
            assertThat(second.value("SELECT 2")).isEqualTo("2");
        }
    }

    // Hazard R10
    @Test
    void limitOfTheLogin_endsWithTheLogin() {
        try (TestProxy proxy = proxy().global("client_login_timeout: 500ms").start();
                RawClient client = proxy.rawClient(database)) {
            assertThat(client.isQuietFor(1_500)).isTrue();
            assertThat(client.value("SELECT 1")).isEqualTo("1");
        }
    }

    // Hazard R10: a place that is given back twice would let in one more than allowed
    @Test
    void whoIsEndedByATimer_givesBackOnePlace() {
        try (TestProxy proxy = proxy().global("client_idle_timeout: 500ms")
                .global("max_client_conn: 3")
                .start()) {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                clients.add(proxy.rawClient(database));
            }
            clients.forEach(client -> isToldOnce(client, "57P05"));
            clients.forEach(RawClient::close);
            clients.clear();
            for (int i = 0; i < 3; i++) {
                clients.add(proxy.rawClient(database));
            }
            try (RawClient tooMany = proxy.rawClient()) {
                assertThat(Message.error(login(tooMany, 0)).fields()).containsEntry('C', "53300");
            }
            clients.forEach(RawClient::close);
        }
    }

    // Hazard R10
    @Test
    void newerProtocol_isNegotiatedOnce() {
        try (TestProxy proxy = proxy().start();
                RawClient client = proxy.rawClient()) {
            client.send(sslRequest());
            assertThat(client.readByte()).isEqualTo('N');
            assertThat(Message.types(login(client, 9999)).chars().filter(type -> type == 'v'))
                    .hasSize(1);
        }
    }

    private List<Message> login(RawClient client, int minor) {
        return client.login(
                minor,
                Map.of("user", TestPostgres.USER, "database", database, "_pq_.grease", "1"),
                TestPostgres.PASSWORD);
    }

    private static void isToldOnce(RawClient client, String state) {
        List<Message> last = client.readToEnd();
        assertThat(Message.types(last)).isEqualTo("E");
        assertThat(last.getFirst().fields()).containsEntry('S', "FATAL").containsEntry('C', state);
    }
}
