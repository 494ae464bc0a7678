package dev.trunkline.pooler.backend;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The run-time parameters of one side, as far as they are known: what a client wishes, or what a server connection has.
 * Immutable, so that the usual check at checkout is one comparison of references.
 *
 * <p>Names are compared without regard to case, as PostgreSQL does, and kept in the spelling in which they came first.
 */
public final class Parameters {
    public static final Parameters NONE = new Parameters(new String[0], new String[0]);

    /** Reported by the server (GUC_REPORT) but never to be set by anyone: facts about the server or the login. */
    private static final Set<String> FACTS = Set.of(
            "server_version",
            "server_encoding",
            "integer_datetimes",
            "is_superuser",
            "session_authorization",
            "in_hot_standby");

    private final String[] names;
    private final String[] values;

    private Parameters(String[] names, String[] values) {
        this.names = names;
        this.values = values;
    }

    /** Parameters with these entries, in this order. */
    public static Parameters of(Map<String, String> entries) {
        Parameters result = NONE;
        for (Map.Entry<String, String> entry : entries.entrySet()) {
            result = result.with(entry.getKey(), entry.getValue());
        }
        return result;
    }

    /** True if a reported parameter is a fact about the server and not something that a client sets. */
    public static boolean isFact(String name) {
        return FACTS.contains(name.toLowerCase(Locale.ROOT));
    }

    /** The value, or null if it is not known. */
    public @Nullable String get(String name) {
        int index = indexOf(name);
        return index < 0 ? null : values[index];
    }

    /** These parameters with one changed or added; the same object if nothing changes. */
    public Parameters with(String name, String value) {
        int index = indexOf(name);
        if (index >= 0) {
            return values[index].equals(value) ? this : changed(index, value);
        }
        String[] newNames = Arrays.copyOf(names, names.length + 1);
        String[] newValues = Arrays.copyOf(values, values.length + 1);
        newNames[names.length] = name;
        newValues[values.length] = value;
        return new Parameters(newNames, newValues);
    }

    /** These parameters, and those of {@code others} in place of or behind them. */
    public Parameters withAll(Parameters others) {
        Parameters result = this;
        for (int i = 0; i < others.names.length; i++) {
            result = result.with(others.names[i], others.values[i]);
        }
        return result;
    }

    /** These parameters, and behind them those of {@code others} that have none of their names. */
    public Parameters withMissing(Parameters others) {
        Parameters result = this;
        for (int i = 0; i < others.names.length; i++) {
            if (indexOf(others.names[i]) < 0) {
                result = result.with(others.names[i], others.values[i]);
            }
        }
        return result;
    }

    /** Shows each name and value, in the order in which they came. */
    public void forEach(BiConsumer<String, String> action) {
        for (int i = 0; i < names.length; i++) {
            action.accept(names[i], values[i]);
        }
    }

    public int size() {
        return names.length;
    }

    /** How many characters their names and values have. */
    public long length() {
        long length = 0;
        for (int i = 0; i < names.length; i++) {
            length += names[i].length() + values[i].length();
        }
        return length;
    }

    /** True if both hold the same values, in whatever order. */
    public boolean sameAs(Parameters other) {
        if (this == other) {
            return true;
        }
        if (names.length != other.names.length) {
            return false;
        }
        for (int i = 0; i < names.length; i++) {
            if (!values[i].equals(other.get(names[i]))) {
                return false;
            }
        }
        return true;
    }

    /** These parameters without one; the same object if it is not there. */
    public Parameters without(String name) {
        int index = indexOf(name);
        if (index < 0) {
            return this;
        }
        String[] newNames = new String[names.length - 1];
        String[] newValues = new String[names.length - 1];
        for (int from = 0, to = 0; from < names.length; from++) {
            if (from != index) {
                newNames[to] = names[from];
                newValues[to] = values[from];
                to++;
            }
        }
        return new Parameters(newNames, newValues);
    }

    /** {@link ParameterChanges} from {@code actual} to these; an error leaves the session as it was. */
    public @Nullable String changesFrom(Parameters actual) {
        return ParameterChanges.of(this, actual, ParameterChanges.OnError.FAIL);
    }

    /** As an ordered map, for those who print it. */
    public Map<String, String> toMap() {
        Map<String, String> map = new LinkedHashMap<>();
        forEach(map::put);
        return map;
    }

    @Override
    public String toString() {
        return toMap().toString();
    }

    /**
     * An escape string: read the same whatever standard_conforming_strings is, and, being pure ASCII, whatever
     * client_encoding is. (In some encodings a backslash or a letter is the second byte of a character, so that a value with
     * bytes of another encoding could end the string.)
     */
    public static String quote(String value) {
        StringBuilder quoted = new StringBuilder("E'");
        value.codePoints().forEach(c -> {
            if (c == '\\' || c == '\'') {
                quoted.appendCodePoint(c).appendCodePoint(c);
            } else if (c < 0x80) {
                quoted.appendCodePoint(c);
            } else {
                quoted.append(String.format(Locale.ROOT, "\\U%08X", c));
            }
        });
        return quoted.append('\'').toString();
    }

    private Parameters changed(int index, String value) {
        String[] newValues = values.clone();
        newValues[index] = value;
        return new Parameters(names, newValues);
    }

    private int indexOf(String name) {
        for (int i = 0; i < names.length; i++) {
            if (names[i].equalsIgnoreCase(name)) {
                return i;
            }
        }
        return -1;
    }
}
