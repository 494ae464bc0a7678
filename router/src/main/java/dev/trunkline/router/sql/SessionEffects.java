package dev.trunkline.router.sql;

import java.util.List;
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
 * @param soleReset the setting that it sets back, if it is one statement that does nothing else; null if not
 */
public record SessionEffects(
        List<String> settings,
        List<String> reset,
        Set<Trace> traces,
        Set<Scope> scope,
        String what,
        @Nullable String soleReset) {
    /** Nothing is left behind, which holds for most texts. */
    public static final SessionEffects NONE =
            new SessionEffects(List.of(), List.of(), Set.of(), Set.of(), "", null);

    /** A text that is too long to be read. */
    public static final SessionEffects UNREAD =
            new SessionEffects(List.of(), List.of(), Set.of(Trace.UNREAD_TEXT), Set.of(), "a very long text", null);

    /** What is touched beyond single settings and traces. */
    public enum Scope {
        /** RESET ALL. */
        ALL_SETTINGS,
        /** Something that a client is pinned for may end with it. */
        RELEASE,
        /** UNLISTEN *. */
        UNLISTEN_ALL,
        /** EXECUTE: what a statement does that was prepared by SQL. */
        EXECUTES
    }

    public SessionEffects {
        settings = List.copyOf(settings);
        reset = List.copyOf(reset);
        traces = Set.copyOf(traces);
        scope = Set.copyOf(scope);
    }

    public boolean isNone() {
        return settings.isEmpty() && traces.isEmpty() && scope.isEmpty();
    }

    /** True if it leaves something that was not there before, as far as the text shows. */
    public boolean leavesState() {
        return settings.size() > reset.size() || !traces.isEmpty();
    }
}
