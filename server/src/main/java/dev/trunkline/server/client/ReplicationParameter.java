package dev.trunkline.server.client;

import dev.trunkline.server.state.Replication;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import dev.trunkline.wire.message.StartupMessage;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The startup parameter {@code replication}, read as PostgreSQL reads it: {@code database}, or a truth value, which may be
 * shortened and in any case.
 *
 * <p>Source: PostgreSQL manual, "Streaming Replication Protocol"; for truth values, "Boolean Type".
 */
final class ReplicationParameter {
    private static final List<String> TRUE = List.of("true", "yes", "on", "1");
    private static final List<String> FALSE = List.of("false", "no", "off", "0");

    private ReplicationParameter() {}

    /** What the client asks for; null if that is neither. */
    static @Nullable Replication read(StartupMessage startup) {
        String value = startup.parameters().get("replication");
        if (value == null || means(value, FALSE)) {
            return Replication.NONE;
        }
        if (value.equals("database")) {
            return Replication.LOGICAL;
        }
        return means(value, TRUE) ? Replication.PHYSICAL : null;
    }

    /** What PostgreSQL says to a value that {@link #read} does not know. */
    static PgError invalid(StartupMessage startup) {
        String value = startup.parameters().get("replication");
        return PgError.fatal(
                        SqlState.INVALID_PARAMETER_VALUE,
                        "invalid value for parameter \"replication\": \"" + value + "\"")
                .hint("Valid values are: \"false\", 0, \"true\", 1, \"database\".");
    }

    /** "o" could be on or off. */
    private static boolean means(String value, List<String> words) {
        String lower = value.toLowerCase(Locale.ROOT);
        return !lower.isEmpty() && !lower.equals("o") && words.stream().anyMatch(word -> word.startsWith(lower));
    }
}
