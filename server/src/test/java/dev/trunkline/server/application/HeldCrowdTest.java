package dev.trunkline.server.application;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import dev.trunkline.server.testing.Waiting;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many clients that have waited go on at once: in their order, and without trampling the server. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class HeldCrowdTest {
    private static final int CROWD = 500;
    private static final int POOL_SIZE = 20;
    /** As many connections of a pool are opened at the same time. */
    private static final int CONNECTING = 4;

    private static final int IN_LINE = 40;

    private final TestPostgres postgres = TestPostgres.get();
    private final String database = postgres.createDatabase("crowd");
    private final List<RawClient> clients = new ArrayList<>();

    @Test
    void crowd_isServedThroughFewConnectionsThatAreOpenedAFewAtATime() throws IOException {
        try (SlowDoor door = new SlowDoor(postgres.port());
                TestProxy proxy = TestProxy.before("{ leader: \"127.0.0.1:" + door.port() + "\" }")
                        .database(database, "pool_size: " + POOL_SIZE)
                        .global("auth_type: trust")
                        .start();
                RawClient console = RawClient.login(proxy.port(), "pgbouncer")) {
            join(proxy, CROWD);
            clients.getFirst().query("CREATE TABLE served (n int)");
            assertThat(Message.types(console.query("PAUSE"))).isEqualTo("CZ");
            door.forget();
            for (int i = 0; i < CROWD; i++) {
                clients.get(i).send(Frames.query("INSERT INTO served SELECT " + i + " FROM pg_sleep(0.005)"));
            }
            awaitWaiting(proxy, CROWD);
            assertThat(door.passed()).isZero();

            console.query("RESUME");

            for (RawClient client : clients) {
                assertThat(Message.types(client.readToReady())).isEqualTo("CZ");
            }
            assertThat(door.mostAtOnce()).isBetween(2, CONNECTING);
            assertThat(door.passed()).isBetween(CONNECTING, POOL_SIZE);
            assertThat(clients.getFirst().value("SELECT count(DISTINCT n) FROM served"))
                    .isEqualTo("" + CROWD);
        } finally {
            clients.forEach(RawClient::close);
        }
    }

    @Test
    void line_isServedInTheOrderInWhichItFormed() {
        try (TestProxy proxy = TestProxy.before(postgres, database)
                        .database(database, "pool_size: 1")
                        .global("auth_type: trust")
                        .start();
                RawClient console = RawClient.login(proxy.port(), "pgbouncer")) {
            join(proxy, IN_LINE);
            clients.getFirst().query("CREATE TABLE line (place serial, n int)");
            console.query("PAUSE");
            for (int i = 0; i < IN_LINE; i++) {
                clients.get(i).send(Frames.query("INSERT INTO line (n) VALUES (" + i + ")"));
                awaitWaiting(proxy, i + 1);
            }
            console.query("RESUME");
            for (RawClient client : clients) {
                assertThat(Message.types(client.readToReady())).isEqualTo("CZ");
            }
            assertThat(Message.firstColumns(clients.getFirst().query("SELECT n FROM line ORDER BY place")))
                    .containsExactlyElementsOf(IntStream.range(0, IN_LINE)
                            .mapToObj(Integer::toString)
                            .toList());
        } finally {
            clients.forEach(RawClient::close);
        }
    }

    private void join(TestProxy proxy, int count) {
        for (int i = 0; i < count; i++) {
            clients.add(proxy.rawClient(database));
        }
    }

    private void awaitWaiting(TestProxy proxy, int count) {
        Waiting.until(count + " clients wait", () -> proxy.console("SHOW POOLS").stream()
                .anyMatch(row -> database.equals(row.get("database"))
                        && row.get("cl_waiting").equals("" + count)));
    }
}
