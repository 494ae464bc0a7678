package dev.trunkline.server.application;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On which server a client of session mode is for as long as it stays, and that cancel requests find it there. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SessionRoutingTest {
    private static final String DATABASE = "session_routing";

    private static TestProxy proxy;

    @BeforeAll
    static void start() throws Exception {
        Stage.createDatabase(DATABASE);
        proxy = Stage.proxy().database(DATABASE, "pool_mode: session").start();
        Stage.await("the replica", () -> {
            try (RawClient client = login(proxy.replicaPort(), Map.of())) {
                return client.value("SELECT pg_is_in_recovery()").equals("t");
            }
        });
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    private static RawClient login(int port, Map<String, String> more) {
        Map<String, String> parameters = new HashMap<>(more);
        parameters.put("user", TestPostgres.USER);
        parameters.put("database", DATABASE);
        RawClient client = RawClient.connect(port);
        List<Message> answer = client.login(parameters, TestPostgres.PASSWORD);
        assertThat(answer.getLast().type()).as("%s", answer).isEqualTo('Z');
        return client;
    }

    @Test
    void clientOfAPortForReplicas_isOnAReplicaAndCancelled() throws Exception {
        try (RawClient onReplica = login(proxy.replicaPort(), Map.of());
                RawClient observer = login(proxy.replicaPort(), Map.of())) {
            assertThat(onReplica.value("SELECT pg_is_in_recovery()")).isEqualTo("t");
            assertThat(onReplica.value("SELECT pg_backend_pid()")).isEqualTo(String.valueOf(onReplica.pid()));
            onReplica.send(Frames.query("SELECT pg_sleep(60)"));
            Stage.await("a running query", () -> observer.value(
                            "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'")
                    .equals("1"));
            onReplica.cancel();
            assertThat(Message.error(onReplica.readToReady()).fields()).containsEntry('C', "57014");
        }
    }

    @ParameterizedTest
    @CsvSource({"on,t", "TRUE,t", "off,f"})
    void clientThatOnlyReadsByDefault_isOnAReplica(String readOnly, String inRecovery) {
        try (RawClient client = login(proxy.port(), Map.of("default_transaction_read_only", readOnly))) {
            assertThat(client.value("SELECT pg_is_in_recovery()")).isEqualTo(inRecovery);
        }
    }

    @Test
    void clientOfSessionMode_staysOnTheLeaderInAReadOnlyTransaction() {
        try (RawClient client = login(proxy.port(), Map.of())) {
            client.query("BEGIN READ ONLY");
            assertThat(client.value("SELECT pg_is_in_recovery()")).isEqualTo("f");
            client.query("COMMIT");
            assertThat(Message.types(client.query("CREATE TEMP TABLE mine (id int)")))
                    .isEqualTo("CZ");
        }
    }
}
