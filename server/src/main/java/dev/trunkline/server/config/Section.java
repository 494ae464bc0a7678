package dev.trunkline.server.config;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One part of the file, read by the table of settings. Reports names that the table does not have. */
final class Section {
    private final Position at;
    private final Map<String, Node.Entry> entries = new HashMap<>();
    private final Problems problems;

    /** Reports every unknown name in {@code mapping}. */
    Section(Scope scope, Node.Mapping mapping, Problems problems) {
        this.at = mapping.at();
        this.problems = problems;
        for (Node.Entry entry : mapping.entries()) {
            if (Settings.find(scope, entry.name()) == null) {
                problems.error(entry.at(), Settings.unknown(scope, entry.name()));
            } else {
                entries.put(entry.name(), entry);
            }
        }
    }

    boolean has(Setting<?> setting) {
        return entries.containsKey(setting.name());
    }

    /** Where the setting's name stands, or where the part begins if it is not there. */
    Position place(Setting<?> setting) {
        Node.Entry entry = entries.get(setting.name());
        return entry == null ? at : entry.at();
    }

    /** The value, or the default if it is missing or wrong. Only for settings with a default. */
    <T> T get(Setting<T> setting) {
        if (!(setting.absence() instanceof Setting.Default<T>(T fallback))) {
            throw new IllegalArgumentException(setting.name() + " has no default");
        }
        T value = find(setting);
        return value == null ? fallback : value;
    }

    /** The value, or null if it is missing or wrong; a required one that is missing is reported. */
    <T> @Nullable T find(Setting<T> setting) {
        Node.Entry entry = entries.get(setting.name());
        if (entry != null) {
            return setting.type().read(setting.name(), entry.value(), problems);
        }
        if (setting.absence() instanceof Setting.Required<T>) {
            problems.error(
                    at,
                    "\"" + setting.name() + "\" is missing in "
                            + setting.scope().place());
        }
        return null;
    }
}
