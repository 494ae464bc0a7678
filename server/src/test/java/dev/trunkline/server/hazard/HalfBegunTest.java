package dev.trunkline.server.hazard;

import static dev.trunkline.server.testing.Frames.bind;
import static dev.trunkline.server.testing.Frames.concat;
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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A simple query in a batch that no Sync has closed leaves PostgreSQL with a transaction for which its next query fails (XX000,
 * "unexpected state STARTED"): that must not be another client's. Hazards D4, D14.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class HalfBegunTest {
    private static final byte[] ATTACK =
            concat(parse("", "SELECT 'x'"), bind("", "", new String[0]), execute("", 0), query("SELECT 'y'"), sync());

    private final String database = TestPostgres.get().createDatabase("halfbegun");

    @ParameterizedTest
    @ValueSource(strings = {"replay", "ignore"})
    void nextClient_isNotHit(String sessionState) {
        try (TestProxy proxy = TestProxy.before(TestPostgres.get(), database)
                        .database(database, "pool_size: 1, session_state: " + sessionState)
                        .start();
                RawClient attacker = proxy.rawClient(database);
                RawClient warm = proxy.rawClient(database)) {
            assertThat(warm.value("SELECT 'warm'")).isEqualTo("warm");
            for (int i = 0; i < 10; i++) {
                attack(attacker);
                assertThat(warm.value("SELECT 'simple'")).isEqualTo("simple");
                attack(attacker);
                warm.send(extended("SELECT 'extended'"));
                assertThat(Message.firstColumns(warm.readToReady())).containsExactly("extended");
                attack(attacker);
                try (RawClient fresh = proxy.rawClient(database)) {
                    assertThat(fresh.value("SELECT 'fresh'")).isEqualTo("fresh");
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"replay", "ignore"})
    void clientThatGoesBehindIt_leavesNothing(String sessionState) {
        try (TestProxy proxy = TestProxy.before(TestPostgres.get(), database)
                .database(database, "pool_size: 1, session_state: " + sessionState)
                .start()) {
            for (int i = 0; i < 10; i++) {
                RawClient attacker = proxy.rawClient(database);
                attacker.send(ATTACK);
                attacker.reset();
                try (RawClient next = proxy.rawClient(database)) {
                    assertThat(next.value("SELECT 'next'")).isEqualTo("next");
                }
            }
        }
    }

    private static void attack(RawClient attacker) {
        attacker.send(ATTACK);
        List<Message> first = attacker.readToReady();
        assertThat(Message.firstColumns(first)).containsExactly("x", "y");
        assertThat(Message.types(attacker.readToReady())).isEqualTo("Z");
    }
}
