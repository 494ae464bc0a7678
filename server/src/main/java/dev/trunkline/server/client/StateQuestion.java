package dev.trunkline.server.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trunkline.pooler.backend.OwnQuery;
import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.router.sql.Trace;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.message.DataRow;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Asks a server, when a transaction has ended, what it has left in the session. So it does not matter what was committed, rolled
 * back or half undone: the server knows. Loop-confined; used once.
 *
 * <p>Values come as hexadecimal digits of their UTF-8, whatever the client's encoding is. All names are qualified.
 */
final class StateQuestion implements OwnQuery {
    /** Most characters of a value that is carried over; of a longer one only so much comes. */
    private static final int MAX_VALUE = 16 * 1024;

    private final List<String> names;
    private final Sources sources;
    private final Set<Trace> traces;
    private final Answer answer;
    private List<@Nullable String> row = List.of();

    /**
     * A question.
     *
     * @param names of settings
     * @param traces those that a server can be asked for
     */
    StateQuestion(List<String> names, Sources sources, Set<Trace> traces, Answer answer) {
        this.names = names;
        this.sources = sources;
        this.traces = traces.isEmpty() ? Set.of() : EnumSet.copyOf(traces);
        this.answer = answer;
    }

    /** Whether it is asked where values come from, which costs the server a walk through all settings. */
    enum Sources {
        ASKED,
        NOT_ASKED
    }

    /** Is told once. */
    interface Answer {
        /** The server has answered. */
        void told(Found found);

        /** The server could not answer. */
        void untold(PgError error);
    }

    /**
     * What was found.
     *
     * @param values by name; null for a setting that does not exist; without those that are too long
     * @param elsewhere names whose value was not set by the session, as far as that was asked
     * @param present what is there of what was asked for
     */
    record Found(Map<String, @Nullable String> values, Set<String> elsewhere, Set<Trace> present) {}

    /** True if there is nothing to ask. */
    boolean isEmpty() {
        return names.isEmpty() && traces.isEmpty();
    }

    String sql() {
        List<String> columns = new ArrayList<>();
        for (String name : names) {
            columns.add("pg_catalog.encode(pg_catalog.convert_to(pg_catalog.left(pg_catalog.current_setting("
                    + Parameters.quote(name) + ",true)," + (MAX_VALUE + 1) + "),'UTF8'),'hex')");
        }
        if (sources == Sources.ASKED) {
            columns.add(elsewhere());
        }
        for (Trace trace : traces) {
            columns.add("EXISTS(" + proof(trace) + ")");
        }
        return "SELECT " + String.join(",", columns);
    }

    /** Those of the names whose value the session has not set, in one walk through the settings. */
    private String elsewhere() {
        String list = names.stream().map(Parameters::quote).collect(Collectors.joining(","));
        return "(SELECT pg_catalog.string_agg(pg_catalog.lower(name),',') FROM pg_catalog.pg_settings WHERE source"
                + " OPERATOR(pg_catalog.<>) 'session' AND pg_catalog.lower(name) OPERATOR(pg_catalog.=)"
                + " ANY(ARRAY[" + list + "]::pg_catalog.text[]))";
    }

    /** Source: PostgreSQL manual, "System Views" and "System Information Functions". */
    private static String proof(Trace trace) {
        return switch (trace) {
            case TEMPORARY_OBJECT ->
                // By this the server itself finds what it has to drop at the end of a session.
                "SELECT FROM pg_catalog.pg_depend WHERE refclassid OPERATOR(pg_catalog.=)"
                        + " 'pg_catalog.pg_namespace'::pg_catalog.regclass::pg_catalog.oid"
                        + " AND refobjid OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()";
            case HOLD_CURSOR -> "SELECT FROM pg_catalog.pg_cursors WHERE is_holdable";
            case ADVISORY_LOCK ->
                "SELECT FROM pg_catalog.pg_locks WHERE locktype OPERATOR(pg_catalog.=) 'advisory'"
                        + " AND pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid()";
            case LISTEN -> "SELECT FROM pg_catalog.pg_listening_channels()";
            case PREPARED_STATEMENT ->
                "SELECT FROM pg_catalog.pg_prepared_statements WHERE from_sql"
                        + " AND NOT pg_catalog.starts_with(name,'__trunkline_')";
            default -> throw new IllegalArgumentException("a server cannot be asked for " + trace);
        };
    }

    @Override
    public void row(ByteBuf buf, int index, int length) {
        row = DataRow.read(buf, index, length);
    }

    @Override
    public void ended(@Nullable PgError error) {
        if (error == null) {
            answer.told(found());
        } else {
            answer.untold(error);
        }
    }

    private Found found() {
        Map<String, @Nullable String> values = new LinkedHashMap<>();
        Set<String> elsewhere = new LinkedHashSet<>();
        Set<Trace> present = EnumSet.noneOf(Trace.class);
        int at = 0;
        for (String name : names) {
            String hex = row.get(at++);
            String value = hex == null ? null : new String(HexFormat.of().parseHex(hex), UTF_8);
            if (value != null && value.codePointCount(0, value.length()) > MAX_VALUE) {
                present.add(Trace.LARGE_SETTINGS);
            } else {
                values.put(name, value);
            }
        }
        if (sources == Sources.ASKED) {
            String list = row.get(at++);
            elsewhere.addAll(list == null ? List.of() : List.of(list.split(",")));
        }
        for (Trace trace : traces) {
            if ("t".equals(row.get(at++))) {
                present.add(trace);
            }
        }
        return new Found(values, elsewhere, present);
    }
}
