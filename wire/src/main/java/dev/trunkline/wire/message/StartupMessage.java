package dev.trunkline.wire.message;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A client wants a session.
 *
 * @param major of the protocol, always 3
 * @param minor of the protocol, as the client asks for it: 0 to 65535; see {@link dev.trunkline.wire.ProtocolVersion#forClient}
 * @param parameters in the order of the packet; of a name that is given twice the last value counts, as in PostgreSQL.
 *     Bytes that are not UTF-8 have become U+FFFD.
 */
public record StartupMessage(int major, int minor, Map<String, String> parameters) implements StartupPacket {
    public StartupMessage {
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }

    /** The role to log in as; null if the client named none or an empty one, which PostgreSQL refuses with 28000. */
    public @Nullable String user() {
        return present("user");
    }

    /** The database, which is the user's name where the client does not say. */
    public @Nullable String database() {
        String named = present("database");
        return named != null ? named : user();
    }

    private @Nullable String present(String name) {
        String value = parameters.get(name);
        return value == null || value.isEmpty() ? null : value;
    }
}
