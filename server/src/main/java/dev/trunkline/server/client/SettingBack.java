package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Parameters;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Writes the query that gives a session what its client began with, where RESET has gone back to what the server begins with. Stateless.
 *
 * <p>Whether a setting was really set back, or that was undone or followed by another value, only the server knows: so it looks
 * itself which of them the session has not set. Settings of extensions and of nobody are not listed by the server; they are
 * taken to be set back if they are empty.
 */
final class SettingBack {
    private SettingBack() {}

    /** @param settings by name in lower case, at least one */
    static String query(Map<String, String> settings) {
        String values = settings.entrySet().stream()
                .map(each -> "(" + Parameters.quote(each.getKey()) + "," + Parameters.quote(each.getValue()) + ")")
                .collect(Collectors.joining(","));
        return "SELECT pg_catalog.set_config(v.n,v.s,false) FROM (VALUES " + values + ") AS v(n,s)"
                + " LEFT JOIN pg_catalog.pg_settings AS p ON pg_catalog.lower(p.name) OPERATOR(pg_catalog.=) v.n"
                + " WHERE p.source OPERATOR(pg_catalog.<>) 'session' OR (p.name IS NULL"
                + " AND COALESCE(pg_catalog.current_setting(v.n,true),'') OPERATOR(pg_catalog.=) '')";
    }
}
