package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.router.sql.SessionEffects;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a session that mean something to the proxy, which a client sets like any other: servers take them too, because
 * PostgreSQL takes every name with a dot, so that state tracking need not know them.
 */
enum OwnSetting {
    /** Where transactions go. */
    ROUTE("route", "leader, replica, auto, default", "default"),
    /** What reads must have of what the client has written. */
    CONSISTENCY("consistency", "session, eventual, leader, default", "default"),
    /** Whether it is told when notifications may have been lost. */
    GAP_NOTICE("listen_gap_notice", "on, off", "off");

    private static final String SHOW = "SHOW ";

    private final String key;
    /** Those that it can have. */
    private final String values;
    /** What it is as long as nobody has set it. */
    private final String unset;

    OwnSetting(String word, String values, String unset) {
        this.key = SessionEffects.OWN_PREFIX + word;
        this.values = values;
        this.unset = unset;
    }

    /**
     * What is asked of a server in place of a SHOW, because a server in whose session it was never set knows no such setting. Null if the
     * text is no SHOW of one of these.
     */
    static @Nullable String showing(SessionEffects effects) {
        if (!effects.scope().contains(SessionEffects.Scope.SHOWS)) {
            return null;
        }
        return Stream.of(values())
                .filter(each -> effects.what().equals(SHOW + each.key))
                .map(OwnSetting::question)
                .findFirst()
                .orElse(null);
    }

    private String question() {
        return "SELECT COALESCE(NULLIF(pg_catalog.current_setting('" + key + "', true), ''), '" + unset + "') AS \""
                + key + "\"";
    }

    private boolean takes(String value) {
        return List.of(values.split(", ")).contains(value);
    }

    /** Its whole name. */
    String key() {
        return key;
    }

    /** True if a setting of this name, in lower case, is the proxy's own, or would be if there were such a one. */
    static boolean isOwn(String name) {
        return name.startsWith(SessionEffects.OWN_PREFIX);
    }

    /** Why a text must not be run, as far as it shows what it sets; null if it may. */
    static @Nullable PgError refusal(SessionEffects effects) {
        for (String name : effects.settings()) {
            String value = effects.own().get(name);
            PgError refusal = isOwn(name) ? refusal(name, value == null ? "" : value) : null;
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    /** Why a session must not begin with these parameters; null if it may. */
    static @Nullable PgError refusal(Parameters requested) {
        for (Map.Entry<String, String> each : requested.toMap().entrySet()) {
            String name = each.getKey().toLowerCase(Locale.ROOT);
            PgError refusal = isOwn(name) ? refusal(name, each.getValue()) : null;
            if (refusal != null) {
                return PgError.fatal(SqlState.INVALID_PARAMETER_VALUE, refusal.message())
                        .with(PgError.Field.CODE, refusal.code())
                        .hint(String.valueOf(refusal.field(PgError.Field.HINT)));
            }
        }
        return null;
    }

    /** @param value empty if it is not known, or set back */
    private static @Nullable PgError refusal(String name, String value) {
        for (OwnSetting each : values()) {
            if (each.key.equals(name)) {
                return value.isEmpty() || each.takes(value.toLowerCase(Locale.ROOT))
                        ? null
                        : PgError.error(
                                        SqlState.INVALID_PARAMETER_VALUE,
                                        "invalid value for parameter \"" + name + "\": \"" + value + "\"")
                                .hint("Available values: " + each.values + ".");
            }
        }
        String known = Stream.of(values()).map(OwnSetting::key).collect(Collectors.joining(", "));
        return PgError.error(SqlState.UNDEFINED_OBJECT, "unrecognized configuration parameter \"" + name + "\"")
                .hint("The parameters of the proxy are: " + known + ".");
    }
}
