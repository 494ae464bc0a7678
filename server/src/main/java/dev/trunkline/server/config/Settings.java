package dev.trunkline.server.config;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The table of all settings, which drives the reading of the file and the documentation. */
final class Settings {
    static final List<Setting<?>> ALL = Stream.of(
                    GlobalSettings.ALL,
                    ListenerSettings.ALL,
                    HttpSettings.ALL,
                    ClusterSettings.ALL,
                    DatabaseSettings.ALL,
                    UserSettings.ALL)
            .flatMap(List::stream)
            .toList();

    private static final Map<Scope, Map<String, Setting<?>>> BY_NAME = ALL.stream()
            .collect(Collectors.groupingBy(
                    Setting::scope, Collectors.toUnmodifiableMap(Setting::name, setting -> setting)));

    private Settings() {}

    /** The setting of that name in that part; null if there is none. */
    static @Nullable Setting<?> find(Scope scope, String name) {
        return in(scope).get(name);
    }

    /** What to say of a name that {@link #find} does not know. */
    static String unknown(Scope scope, String name) {
        String wrong = "unknown setting \"" + name + "\"";
        if (isElsewhere(name)) {
            return wrong + " in " + scope.place() + "; it belongs in " + places(name);
        }
        String nearest = Spelling.nearest(name, in(scope).keySet());
        return nearest == null ? wrong + " in " + scope.place() : wrong + "; did you mean \"" + nearest + "\"?";
    }

    private static Map<String, Setting<?>> in(Scope scope) {
        return BY_NAME.getOrDefault(scope, Map.of());
    }

    private static boolean isElsewhere(String name) {
        return ALL.stream().anyMatch(setting -> setting.name().equals(name));
    }

    private static String places(String name) {
        return ALL.stream()
                .filter(setting -> setting.name().equals(name))
                .map(setting -> setting.scope().place())
                .collect(Collectors.joining(" or "));
    }
}
