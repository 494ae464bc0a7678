package dev.trunkline.server.admin;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings that drivers read or set on every connection without need: reading gives a fixed value, setting does nothing.
 * The list and the values are PgBouncer's (with {@code extra_float_digits}, which pgjdbc and psycopg send).
 */
final class FakeSettings {
    private static final Map<String, String> VALUES = Map.of(
            "client_encoding", "UTF-8",
            "default_transaction_isolation", "read committed",
            "standard_conforming_strings", "on",
            "datestyle", "ISO",
            "timezone", "GMT",
            "extra_float_digits", "2");

    private FakeSettings() {}

    /** The value, whatever the case of the name; null if the name is not one of these. */
    static @Nullable String value(String name) {
        return VALUES.get(name.toLowerCase(Locale.ROOT));
    }
}
