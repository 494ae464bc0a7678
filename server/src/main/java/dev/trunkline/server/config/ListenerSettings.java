package dev.trunkline.server.config;

import java.util.List;

/** The settings of one listener. */
final class ListenerSettings {
    static final Setting<String> ADDRESS = of(
            "address",
            Types.ADDRESS_OR_NONE,
            "*",
            "An IP address or a host name to listen on, `*` for all; empty = on the Unix socket alone.");
    static final Setting<Integer> PORT = required("port", Types.PORT, "The port, also in the name of the Unix socket.");
    static final Setting<RouteChoice> ROUTE = of(
            "route",
            Types.choice(RouteChoice.class),
            RouteChoice.AUTO,
            "Where transactions from here go: each where it belongs, all to the leader, or all to a replica. With `mode: tcp`, where connections go; `auto` is then the leader.");
    static final Setting<Boolean> INCLUDE_LEADER = of(
            "include_leader",
            Types.SWITCH,
            false,
            "Whether `route: replica` means the leader, too, where transactions from here read only, as on a replica ([reads.md](reads.md)).");
    static final Setting<ListenerMode> MODE = of(
            "mode",
            Types.choice(ListenerMode.class),
            ListenerMode.POOL,
            "Clients share server connections, or each has its own and bytes pass without being read, TLS included ([operations.md](operations.md)).");
    static final Setting<String> CLUSTER = optional(
            "cluster",
            Types.NAME,
            "the only cluster; required if there are several",
            "With `mode: tcp`, whose leader or replicas connections go to.");

    /** All of them, in the order of the documentation. */
    static final List<Setting<?>> ALL = List.of(ADDRESS, PORT, ROUTE, INCLUDE_LEADER, MODE, CLUSTER);

    private ListenerSettings() {}

    private static <T> Setting<T> of(String name, ValueType<T> type, T fallback, String meaning) {
        return new Setting<>(Scope.LISTENER, name, type, new Setting.Default<>(fallback), meaning);
    }

    private static <T> Setting<T> optional(String name, ValueType<T> type, String effect, String meaning) {
        return new Setting<>(Scope.LISTENER, name, type, new Setting.Unset<>(effect), meaning);
    }

    private static <T> Setting<T> required(String name, ValueType<T> type, String meaning) {
        return new Setting<>(Scope.LISTENER, name, type, new Setting.Required<>(), meaning);
    }
}
