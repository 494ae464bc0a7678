package dev.trunkline.router.sql;

import dev.trunkline.router.sql.SessionEffects.Scope;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Gathers what is seen in one text. Loop-confined; used again for the next. */
final class EffectNotes {
    /** Characters of a setting's name: four parts as long as a server takes them. */
    private static final int MAX_NAME = 256;

    private final Set<String> settings = new LinkedHashSet<>();
    private final Set<String> reset = new LinkedHashSet<>();
    private final EnumSet<Trace> traces = EnumSet.noneOf(Trace.class);
    private final EnumSet<Scope> scope = EnumSet.noneOf(Scope.class);
    private final Map<String, SessionEffects> defines = new HashMap<>();
    private final Map<String, String> own = new HashMap<>();
    private String what = "";
    private @Nullable String lastReset;
    private boolean shows;
    private int statements;
    private boolean any;

    void begin() {
        if (any) {
            settings.clear();
            reset.clear();
            traces.clear();
            scope.clear();
            defines.clear();
            own.clear();
            what = "";
            lastReset = null;
            shows = false;
            any = false;
        }
        statements = 0;
    }

    /** Another statement begins. */
    void statement() {
        statements++;
    }

    /** A setting gets a value. */
    void set(String name, String command) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (remembers(lower)) {
            reset.remove(lower);
        }
        named(command + " " + lower);
    }

    /** The value that a setting gets, if it is one of the proxy's own. The last counts. */
    void value(String name, String value) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.startsWith(SessionEffects.OWN_PREFIX) && settings.contains(lower)) {
            own.put(lower, value);
        }
    }

    /** A setting gets back the value that the session began with. */
    void reset(String name, String command) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (remembers(lower)) {
            reset.add(lower);
            lastReset = lower;
        }
        named(command + " " + lower);
    }

    /** False if there are too many of them, or the name is too long for one. */
    private boolean remembers(String setting) {
        any = true;
        boolean room = settings.size() < SessionEffects.MAX_SETTINGS || settings.contains(setting);
        if (room && setting.length() <= MAX_NAME) {
            settings.add(setting);
            return true;
        }
        traces.add(Trace.LARGE_SETTINGS);
        return false;
    }

    void trace(Trace trace, String command) {
        any = true;
        traces.add(trace);
        named(command);
    }

    void scope(Scope touched) {
        any = true;
        scope.add(touched);
    }

    /** A setting of the proxy's own is shown, which counts only where nothing else is done. */
    void show(String name) {
        any = true;
        shows = true;
        named("SHOW " + name.toLowerCase(Locale.ROOT));
    }

    /** A function is defined, whose body would leave this if it were run. */
    void define(String function, SessionEffects effects) {
        scope(Scope.DEFINES);
        defines.put(function, effects);
    }

    /** What a function does that is called. */
    void add(SessionEffects effects, String function) {
        any = true;
        if (settings.size() + effects.settings().size() > SessionEffects.MAX_SETTINGS) {
            traces.add(Trace.LARGE_SETTINGS);
        } else {
            settings.addAll(effects.settings());
            reset.addAll(effects.reset());
        }
        traces.addAll(effects.traces());
        scope.addAll(effects.scope());
        named(function);
    }

    SessionEffects effects() {
        if (!any) {
            return SessionEffects.NONE;
        }
        if (shows && statements == 1) {
            scope.add(Scope.SHOWS);
        }
        boolean sole = statements == 1 && settings.size() == 1 && traces.isEmpty() && scope.isEmpty();
        return new SessionEffects(
                List.copyOf(settings), List.copyOf(reset), traces, scope, what, defines, sole ? lastReset : null, own);
    }

    private void named(String command) {
        if (what.isEmpty()) {
            what = command;
        }
    }
}
