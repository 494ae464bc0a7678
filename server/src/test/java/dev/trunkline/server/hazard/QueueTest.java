package dev.trunkline.server.hazard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that wait in vain for a server connection. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class QueueTest {
    private static final String TOO_MANY = "53300";

    // Hazard D11
    @Test
    void waitThatTimesOut_tellsThePoolsNumbers_andTheClientGoesOn() {
        String database = TestPostgres.get().createDatabase("queue");
        try (TestProxy proxy = impatient(database);
                RawClient holder = proxy.rawClient(database);
                RawClient waiting = proxy.rawClient(database)) {
            holder.query("BEGIN");
            List<Message> answer = waiting.query("SELECT 1");
            assertThat(Message.types(answer)).isEqualTo("EZ");
            Map<Character, String> error = Message.error(answer).fields();
            assertThat(error).containsEntry('C', TOO_MANY).containsEntry('S', "ERROR");
            assertThat(error.get('D')).contains("1 of 1 connections in use");
            assertThat(answer.getLast().status()).isEqualTo('I');
            holder.query("COMMIT");
            assertThat(waiting.value("SELECT 'simple'")).isEqualTo("simple");
            waiting.send(Frames.extended("SELECT $1::text", "extended"));
            assertThat(Message.firstColumns(waiting.readToReady())).containsExactly("extended");
            assertThat(holder.value("SELECT 'holder'")).isEqualTo("holder");
        }
    }

    // Hazard D11: nothing of the refused batches may be sent later.
    @Test
    void pipelineThatTimesOut_getsOneErrorForEachBatch_andTheClientGoesOn() {
        String database = TestPostgres.get().createDatabase("queue");
        try (TestProxy proxy = impatient(database);
                RawClient holder = proxy.rawClient(database);
                RawClient waiting = proxy.rawClient(database)) {
            holder.query("BEGIN");
            waiting.send(
                    Frames.parse("kept", "SELECT 'kept'"),
                    Frames.describe('S', "kept"),
                    Frames.sync(),
                    Frames.query("SELECT 'lost'"),
                    Frames.extended("SELECT 'lost too'"));
            for (int batch = 0; batch < 3; batch++) {
                List<Message> answer = waiting.readToReady();
                assertThat(Message.types(answer)).isEqualTo("EZ");
                assertThat(Message.error(answer).fields()).containsEntry('C', TOO_MANY);
            }
            holder.query("COMMIT");
            waiting.send(
                    Frames.parse("kept", "SELECT 'new'"),
                    Frames.bind("", "kept", new String[0]),
                    Frames.execute("", 0),
                    Frames.sync());
            List<Message> answer = waiting.readToReady();
            assertThat(Message.types(answer)).isEqualTo("12DCZ");
            assertThat(Message.firstColumns(answer)).containsExactly("new");
        }
    }

    @Test
    void noServer_isToldAfterQueryWaitTimeout() throws IOException {
        int nobody;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = socket.getLocalPort();
        }
        try (TestProxy proxy = TestProxy.before("{ leader: \"127.0.0.1:" + nobody + "\", failover_hold: 400ms }")
                        .database("app", "")
                        .global("query_wait_timeout: 400ms")
                        .start();
                RawClient client = proxy.rawClient()) {
            List<Message> answer =
                    client.login(Map.of("user", TestPostgres.USER, "database", "app"), TestPostgres.PASSWORD);
            assertThat(Message.error(answer).fields()).containsEntry('C', "57P03");
            assertThat(client.readToEnd()).isEmpty();
        }
    }

    private static TestProxy impatient(String database) {
        return TestProxy.before(TestPostgres.get(), database)
                .database(database, "pool_size: 1")
                .global("query_wait_timeout: 300ms")
                .start();
    }
}
