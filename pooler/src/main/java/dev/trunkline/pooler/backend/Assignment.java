package dev.trunkline.pooler.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes SET for a value as a server shows it, where a SELECT of {@code set_config} would be seen. Stateless. */
public final class Assignment {
    /** Their values are lists of names, which SET would take for one name. Source: guc_tables.c, GUC_LIST_QUOTE. */
    private static final Set<String> LISTS_OF_NAMES = Set.of("search_path", "temp_tablespaces");

    private Assignment() {}

    /** The statement, in ASCII. */
    public static String set(String name, String value) {
        String lower = name.toLowerCase(Locale.ROOT);
        String quoted = LISTS_OF_NAMES.contains(lower)
                ? names(value).stream().map(Parameters::quote).collect(Collectors.joining(","))
                : Parameters.quote(value);
        return "SET " + quoteName(lower) + " TO " + (quoted.isEmpty() ? "''" : quoted);
    }

    /** Custom parameters have a dot in their name: each part is a name of its own. */
    private static String quoteName(String name) {
        StringBuilder quoted = new StringBuilder();
        for (String part : name.split("\\.", -1)) {
            quoted.append(quoted.isEmpty() ? "" : ".")
                    .append('"')
                    .append(part.replace("\"", "\"\""))
                    .append('"');
        }
        return quoted.toString();
    }

    /** The names in a list as a server shows it: divided by commas, quoted where they need it. */
    private static List<String> names(String list) {
        List<String> names = new ArrayList<>();
        StringBuilder name = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < list.length(); i++) {
            char c = list.charAt(i);
            if (c == '"' && quoted && i + 1 < list.length() && list.charAt(i + 1) == '"') {
                name.append(c);
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                names.add(name.toString());
                name.setLength(0);
            } else if (quoted || !Character.isWhitespace(c)) {
                name.append(c);
            }
        }
        if (!list.isBlank()) {
            names.add(name.toString());
        }
        return names;
    }
}
