package dev.trunkline.pooler.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The statement that gives a server connection other parameters. Immutable values; used once.
 *
 * <p>It is one SELECT, so that it costs no wait when it is sent in front of the client's own query. {@code set_config} takes any
 * value as it is, lists included, where {@code SET search_path TO '…'} would make one name of a list, and a null sets back. Its
 * name is qualified, so that a search_path cannot put another function in its place.
 *
 * <p>Who acts as another role may not be allowed to change the rest, so that a role is set back first and set last.
 */
public final class ParameterChanges {
    /** While it is on, an error ends the session: what was sent behind is then never run with the wrong parameters. */
    private static final String EXIT = "exit_on_error";

    /**
     * Sent in front of a statement with {@link OnError#END_SESSION}, as a query of its own: that statement may fail before it has
     * begun to run, if it cannot be read, or if nobody may call {@code set_config}.
     */
    public static final String END_SESSION_ON_ERROR = "SET exit_on_error TO on";

    private static final String USER = "session_authorization";
    private static final String ROLE = "role";

    private final Parameters wished;
    private final Parameters actual;
    private final OnError onError;
    private final List<String> calls = new ArrayList<>();

    private ParameterChanges(Parameters wished, Parameters actual, OnError onError) {
        this.wished = wished;
        this.actual = actual;
        this.onError = onError;
    }

    /** What the server does if a value cannot be set. */
    public enum OnError {
        /** It says so, and the session is as it was. */
        FAIL,
        /** It says so and ends the session, in front of whatever was sent behind. */
        END_SESSION
    }

    /**
     * What turns {@code actual} into {@code wished}, or null if nothing is needed. What the server has beyond {@code wished} is set
     * back.
     */
    public static @Nullable String of(Parameters wished, Parameters actual, OnError onError) {
        return wished.sameAs(actual) ? null : new ParameterChanges(wished, actual, onError).statement();
    }

    private String statement() {
        if (onError == OnError.END_SESSION) {
            call(EXIT, "on");
        }
        all();
        if (onError == OnError.END_SESSION) {
            call(EXIT, wished.get(EXIT));
        }
        return "SELECT " + String.join(",", calls);
    }

    private void all() {
        boolean acting = isActing(wished) || isActing(actual);
        if (acting && isActing(actual)) {
            call(USER, null);
            call(ROLE, null);
        }
        actual.forEach((name, value) -> {
            if (wished.get(name) == null && isOrdinary(name)) {
                call(name, null);
            }
        });
        wished.forEach((name, value) -> {
            if (!value.equals(actual.get(name)) && isOrdinary(name)) {
                call(name, value);
            }
        });
        if (acting) {
            callIfWished(USER);
            callIfWished(ROLE);
        }
    }

    private void callIfWished(String name) {
        String value = wished.get(name);
        if (value != null) {
            call(name, value);
        }
    }

    private void call(String name, @Nullable String value) {
        String quoted = value == null ? "NULL" : Parameters.quote(value);
        calls.add("pg_catalog.set_config(" + Parameters.quote(name) + "," + quoted + ",false)");
    }

    private static boolean isActing(Parameters parameters) {
        return parameters.get(USER) != null || parameters.get(ROLE) != null;
    }

    /** True for what has no place of its own in the statement. */
    private boolean isOrdinary(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        boolean exit = onError == OnError.END_SESSION && lower.equals(EXIT);
        return !exit && !lower.equals(USER) && !lower.equals(ROLE);
    }
}
