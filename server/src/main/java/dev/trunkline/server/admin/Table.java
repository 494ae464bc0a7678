package dev.trunkline.server.admin;

import dev.trunkline.server.state.ProxySnapshot;
import dev.trunkline.wire.Column;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A result set of the console: its columns, and how a snapshot becomes rows. Immutable.
 *
 * @param rows gives for each row one value per column; what is not null is shown by its {@code toString}
 */
record Table(List<Column> columns, Function<ProxySnapshot, List<List<@Nullable Object>>> rows) {

    AdminResult result(ProxySnapshot snapshot) {
        List<List<@Nullable String>> texts =
                rows.apply(snapshot).stream().map(Table::texts).toList();
        return new AdminResult.Rows(columns, texts, "SHOW");
    }

    /** A row of a table; unlike {@code List.of} it may hold nulls. */
    static List<@Nullable Object> row(@Nullable Object... values) {
        List<@Nullable Object> row = new ArrayList<>(values.length);
        Collections.addAll(row, values);
        return row;
    }

    /**
     * Columns from names, and from types in the letters of PgBouncer's source: {@code s} text, {@code T} a time as text,
     * {@code i} integer, {@code q} bigint.
     */
    static List<Column> columns(String types, String... names) {
        if (types.length() != names.length) {
            throw new IllegalArgumentException(types.length() + " types for " + names.length + " names");
        }
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < names.length; i++) {
            columns.add(column(types.charAt(i), names[i]));
        }
        return List.copyOf(columns);
    }

    private static Column column(char type, String name) {
        return switch (type) {
            case 's', 'T' -> Column.text(name);
            case 'i' -> Column.int4(name);
            case 'q' -> Column.int8(name);
            default -> throw new IllegalArgumentException("no such type: " + type);
        };
    }

    private static List<@Nullable String> texts(List<@Nullable Object> row) {
        List<@Nullable String> texts = new ArrayList<>(row.size());
        for (Object value : row) {
            texts.add(value == null ? null : value.toString());
        }
        return texts;
    }
}
