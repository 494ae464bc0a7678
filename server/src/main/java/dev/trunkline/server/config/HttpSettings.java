package dev.trunkline.server.config;

import java.util.List;

/** The settings of the HTTP endpoint. */
final class HttpSettings {
    static final Setting<String> ADDRESS =
            of("address", Types.ADDRESS, "127.0.0.1", "An IP address or a host name to listen on, `*` for all.");
    static final Setting<Integer> PORT = required("port", Types.PORT, "The port.");

    /** All of them, in the order of the documentation. */
    static final List<Setting<?>> ALL = List.of(ADDRESS, PORT);

    private HttpSettings() {}

    private static <T> Setting<T> of(String name, ValueType<T> type, T fallback, String meaning) {
        return new Setting<>(Scope.HTTP, name, type, new Setting.Default<>(fallback), meaning);
    }

    private static <T> Setting<T> required(String name, ValueType<T> type, String meaning) {
        return new Setting<>(Scope.HTTP, name, type, new Setting.Required<>(), meaning);
    }
}
