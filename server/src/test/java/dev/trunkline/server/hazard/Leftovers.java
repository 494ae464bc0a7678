package dev.trunkline.server.hazard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.TestProxy;
import dev.trunkline.server.testing.Waiting;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** What must not be left behind when all clients of a database are gone. */
final class Leftovers {
    private Leftovers() {}

    /** Hazard R19: no session in the table of cancel keys, and no server connection in use, when the clients are gone. */
    static void assertNone(TestProxy proxy, String database, int poolSize) {
        await("clients that are still known", () -> of(proxy, "SHOW CLIENTS", database)
                .isEmpty());
        await("server connections that are still in use", () -> of(proxy, "SHOW SERVERS", database).stream()
                .allMatch(row -> "idle".equals(row.get("state")) || "used".equals(row.get("state"))));
        assertThat(of(proxy, "SHOW SERVERS", database)).hasSizeLessThanOrEqualTo(poolSize);
    }

    /** The rows of a command of the console that belong to the database. */
    static List<Map<String, String>> of(TestProxy proxy, String command, String database) {
        return proxy.console(command).stream()
                .filter(row -> database.equals(row.get("database")))
                .toList();
    }

    /** Waits until it is so, and fails after 20 s. */
    static void await(String what, BooleanSupplier condition) {
        Waiting.until(what, condition);
    }
}
