package dev.trunkline.router.sql;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a text of SQL may leave behind in its session, as far as the text shows. Immutable. It says too much rather than too
 * little: what is really there is asked of the server when the transaction has ended.
 *
 * @param settings names of the settings that it sets for the session, in lower case, each once
 * @param reset those among them that it sets back
 * @param traces other state that it may leave
 * @param scope what else of the session it touches
 * @param what the first such statement, as an error names it; empty if there is none
 * @param defines what the functions leave that it defines, by name
 * @param soleReset the setting that it sets back, if it is one statement that does nothing else; null if not
 * @param own the values that it gives to settings of the proxy's own, by name, as far as the text shows them
 */
public record SessionEffects(
        List<String> settings,
        List<String> reset,
        Set<Trace> traces,
        Set<Scope> scope,
        String what,
        Map<String, SessionEffects> defines,
        @Nullable String soleReset,
        Map<String, String> own) {
    /** Most settings that are remembered one by one; beyond that it is only known that there are many. */
    public static final int MAX_SETTINGS = 256;

    /** What the names of settings begin with that mean something to the proxy; in lower case. */
    public static final String OWN_PREFIX = "trunkline.";

    /** Nothing is left behind, which holds for most texts. */
    public static final SessionEffects NONE =
            new SessionEffects(List.of(), List.of(), Set.of(), Set.of(), "", Map.of(), null, Map.of());

    /** A text that is too long to be read. */
    public static final SessionEffects UNREAD = new SessionEffects(
            List.of(), List.of(), Set.of(Trace.UNREAD_TEXT), Set.of(), "a very long text", Map.of(), null, Map.of());

    /** What is touched beyond single settings and traces. */
    public enum Scope {
        /** RESET ALL. */
        ALL_SETTINGS,
        /** DISCARD ALL. */
        WHOLE_SESSION,
        /** Something that a client is pinned for may end with it. */
        RELEASE,
        /** CREATE, ALTER or DROP of a function, procedure or trigger: what others leave may change. */
        DEFINES,
        /** CREATE or SELECT INTO: something temporary if the search_path says so. */
        CREATES,
        /** What the catalog says of names may change for everybody: CREATE, ALTER, SELECT INTO, but of nothing temporary. */
        CATALOG,
        /** SHOW of a setting of the proxy's own, which {@link #what} names behind that word, and nothing else. */
        SHOWS,
        /** EXECUTE: what a statement does that was prepared by SQL. */
        EXECUTES
    }

    public SessionEffects {
        settings = List.copyOf(settings);
        reset = List.copyOf(reset);
        traces = Set.copyOf(traces);
        scope = Set.copyOf(scope);
        defines = Map.copyOf(defines);
        own = Map.copyOf(own);
    }

    /** What either leaves. */
    public SessionEffects and(SessionEffects other) {
        if (isNone() || other.isNone()) {
            return isNone() ? other : this;
        }
        Set<String> all = union(settings, other.settings);
        boolean many = all.size() > MAX_SETTINGS;
        Set<Trace> both = union(traces, other.traces);
        return new SessionEffects(
                many ? settings : List.copyOf(all),
                many ? reset : List.copyOf(union(reset, other.reset)),
                many ? union(both, Set.of(Trace.LARGE_SETTINGS)) : both,
                union(scope, other.scope),
                what.isEmpty() ? other.what : what,
                defines.isEmpty() ? other.defines : defines,
                null,
                own.isEmpty() ? other.own : own);
    }

    private static <T> Set<T> union(Collection<T> some, Collection<T> others) {
        Set<T> all = new LinkedHashSet<>(some);
        all.addAll(others);
        return all;
    }

    public boolean isNone() {
        return settings.isEmpty() && traces.isEmpty() && scope.isEmpty();
    }

    /** True if it leaves something that was not there before, as far as the text shows. */
    public boolean leavesState() {
        return settings.size() > reset.size() || !traces.isEmpty();
    }
}
