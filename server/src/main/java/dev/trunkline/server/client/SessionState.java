package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Assignment;
import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.router.sql.SessionEffects;
import dev.trunkline.router.sql.SessionEffects.Scope;
import dev.trunkline.router.sql.Trace;
import dev.trunkline.router.sql.Trace.Proof;
import dev.trunkline.router.sql.Trace.Remedy;
import dev.trunkline.server.config.SessionStateMode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a client's transactions may have left behind since the server was asked last, and the settings that it has. Loop-confined.
 *
 * <h2>How it goes</h2>
 *
 * Each text that is sent is noted with what it may leave. When the transaction has ended and anything was noted, the server is
 * asked what is there ({@link #question}), and its answer is what counts ({@link #told}): so rollbacks, savepoints and errors
 * need no book-keeping. A setting that the server reports by itself is not asked for.
 */
final class SessionState {
    /** Most characters of all settings of a client that are kept for it. */
    private static final int MAX_LENGTH = 256 * 1024;

    private static final Set<String> OF_ROUTING =
            Set.of("default_transaction_read_only", "default_transaction_isolation");

    private static final String SEARCH_PATH = "search_path";
    private static final Pattern TEMPORARY = Pattern.compile("\\s*\"?pg_temp", Pattern.CASE_INSENSITIVE);

    private final SessionStateMode mode;
    /** What the client began with, to which RESET goes back. */
    private final Parameters startup;

    private Parameters wished;
    /** For which settings {@link #temporaryFirst} was found out. */
    private Parameters seenPath = Parameters.NONE;

    private boolean temporaryFirst;
    private final Set<String> touched = new LinkedHashSet<>();
    private final Set<Trace> suspected = EnumSet.noneOf(Trace.class);
    private boolean settingBack;
    private boolean allSetBack;
    private boolean maybeFree;
    private boolean failed;

    SessionState(SessionStateMode mode, Parameters startup) {
        this.mode = mode;
        this.startup = startup;
        this.wished = startup;
    }

    /** The settings that the client has, or will have in its next transaction. */
    Parameters wished() {
        return wished;
    }

    Parameters startup() {
        return startup;
    }

    /** A setting was reported, or has become known. */
    void wish(String name, String value) {
        wished = wished.with(name, value);
    }

    /** If both are equal they become the same object, so that the next look is one comparison. */
    void settleOn(Parameters actual) {
        if (wished.sameAs(actual)) {
            wished = actual;
        }
    }

    /** A text, or a prepared one, is on its way to the server. */
    void note(SessionEffects effects) {
        for (String name : effects.settings()) {
            if (touched.size() < SessionEffects.MAX_SETTINGS) {
                touched.add(name);
            } else if (!touched.contains(name)) {
                suspected.add(Trace.LARGE_SETTINGS);
            }
        }
        suspected.addAll(effects.traces());
        if (effects.scope().contains(Scope.CREATES) && isTemporaryFirst()) {
            suspected.add(Trace.TEMPORARY_OBJECT);
        }
        settingBack |= !effects.reset().isEmpty();
        allSetBack |= effects.scope().contains(Scope.ALL_SETTINGS);
        maybeFree |= effects.scope().contains(Scope.RELEASE);
    }

    /** @param atLogin what the server itself began with, and goes back to */
    @Nullable
    String settingBack(SessionEffects effects, Parameters atLogin) {
        String name = effects.soleReset();
        return name != null && Objects.equals(startup.get(name), atLogin.get(name)) ? null : settingBack(effects);
    }

    @Nullable
    String settingBack(SessionEffects effects) {
        String name = effects.soleReset();
        String value = name == null ? null : startup.get(name);
        return name == null || value == null ? null : Assignment.set(name, value);
    }

    /** The server has refused something: not everything that was noted has happened. */
    void failed() {
        failed |= isNoted();
    }

    /** DISCARD ALL was carried out. What was noted may stand behind it, and be on its way already. */
    void discarded() {
        wished = startup;
        allSetBack = isNoted();
    }

    /** What the client began with is about to be set back by {@link SettingBack}; what that does is asked for like the rest. */
    void settingAllBack() {
        allSetBack = true;
    }

    /**
     * What a connection has, without the values that it only has because it began with them, where the client began with others and
     * has set these since: they are set again, lest they look as if the client had set them back.
     */
    Parameters withoutDefaults(Parameters actual, Parameters atLogin) {
        Parameters set = actual;
        if (wished != startup) {
            for (String name : beyond(atLogin).keySet()) {
                String value = wished.get(name);
                if (value != null && value.equals(atLogin.get(name))) {
                    set = set.without(name);
                }
            }
        }
        return set;
    }

    /** True if the server must be asked before the connection may go to another client. */
    boolean isUnsettled(Pins pins) {
        return isNoted() || (maybeFree && !pins.isEmpty());
    }

    /** While pg_temp is the first of the search_path, what looks like an ordinary CREATE makes something temporary. */
    private boolean isTemporaryFirst() {
        if (!seenPath.equals(wished)) {
            seenPath = wished;
            String path = wished.get(SEARCH_PATH);
            temporaryFirst = path != null && TEMPORARY.matcher(path).lookingAt();
        }
        return temporaryFirst;
    }

    /** True if what was noted, or what the session is pinned for, is beyond DISCARD ALL. */
    boolean isBeyondDiscard(Pins pins) {
        return hasLasting(suspected) || hasLasting(pins.reasons());
    }

    static boolean hasLasting(Set<Trace> traces) {
        return traces.stream().anyMatch(trace -> trace.remedy() == Remedy.CLOSE);
    }

    private boolean isNoted() {
        return !touched.isEmpty() || !suspected.isEmpty() || allSetBack;
    }

    /**
     * What to ask now that a transaction has ended. What was noted is forgotten: what comes from now on belongs to the next question.
     *
     * @param reported the settings that the server reports by itself
     */
    StateQuestion question(Parameters reported, Pins pins, StateQuestion.Answer answer) {
        Set<String> names = new LinkedHashSet<>(touched);
        boolean precise = settingBack || allSetBack || failed;
        if (allSetBack) {
            wished.forEach((name, value) -> names.add(name.toLowerCase(Locale.ROOT)));
        }
        List<String> asked = new ArrayList<>();
        for (String name : names) {
            if (reported.get(name) == null || precise) {
                asked.add(name);
            }
        }
        Set<Trace> provable = EnumSet.noneOf(Trace.class);
        provable.addAll(suspected);
        provable.addAll(pins.reasons());
        if (touched.contains(SEARCH_PATH)) {
            // pg_temp may have been the first of it in between.
            provable.add(Trace.TEMPORARY_OBJECT);
        }
        provable.removeIf(trace -> trace.proof() == Proof.NONE);
        StateQuestion.Sources sources = precise ? StateQuestion.Sources.ASKED : StateQuestion.Sources.NOT_ASKED;
        return new StateQuestion(asked, sources, provable, answer);
    }

    /**
     * What the client began with and may have lost by RESET, as far as the server begins with something else; by name in lower case.
     *
     * @param reported the settings that the server reports by itself, with the values that it begins with
     */
    Map<String, String> setBack(Parameters reported) {
        Map<String, String> settings = new LinkedHashMap<>();
        if (settingBack || allSetBack) {
            settings.putAll(beyond(reported));
            settings.keySet().removeIf(name -> !allSetBack && !touched.contains(name));
        }
        return settings;
    }

    /** What the client began with as far as that is not what the server begins with, or reports; by name in lower case. */
    Map<String, String> beyond(Parameters reported) {
        Map<String, String> settings = new LinkedHashMap<>();
        startup.forEach((name, value) -> {
            if (!value.equals(reported.get(name))) {
                settings.put(name.toLowerCase(Locale.ROOT), value);
            }
        });
        return settings;
    }

    /** True if what was noted may have changed where the next transaction belongs. */
    boolean mayMoveTransactions() {
        return allSetBack || touched.stream().anyMatch(SessionState::movesTransactions);
    }

    private static boolean movesTransactions(String setting) {
        return OF_ROUTING.contains(setting) || OwnSetting.isOwn(setting);
    }

    /** A copy of what was noted since the last question. */
    Set<Trace> suspected() {
        return suspected.isEmpty() ? Set.of() : EnumSet.copyOf(suspected);
    }

    /** What cannot be asked for, and counts as there. */
    Set<Trace> assumed(Pins pins) {
        Set<Trace> assumed = EnumSet.noneOf(Trace.class);
        assumed.addAll(suspected);
        assumed.addAll(pins.reasons());
        assumed.removeIf(trace -> trace.proof() == Proof.SERVER || trace == Trace.SETTING);
        return assumed;
    }

    /** The question was sent. */
    void forget() {
        touched.clear();
        suspected.clear();
        settingBack = false;
        allSetBack = false;
        maybeFree = false;
        failed = false;
    }

    /**
     * The server has answered: these are the settings from now on.
     *
     * @param server that has answered
     * @return the parameters that the connection is now known to have
     */
    Parameters told(StateQuestion.Found found, ServerConnection server) {
        Parameters known = server.parameters();
        String user = server.identity().user();
        for (var entry : found.values().entrySet()) {
            String name = entry.getKey();
            String value = entry.getValue();
            if (value == null || found.elsewhere().contains(name) || isNobody(name, value, user)) {
                // What the server reports is known, whoever has set it.
                known = server.atLogin().get(name) == null ? known.without(name) : known;
                String atStart = startup.get(name);
                wished = atStart == null ? wished.without(name) : wished.with(name, atStart);
            } else {
                known = known.with(name, value);
                wished = wished.with(name, value);
            }
        }
        settleOn(known);
        return known;
    }

    /** True if the settings are more than may be kept for one client. */
    boolean isLarge() {
        return wished.size() > SessionEffects.MAX_SETTINGS || wished.length() > MAX_LENGTH;
    }

    private static boolean isNobody(String name, String value, String user) {
        return (name.equals("role") && value.equals("none"))
                || (name.equals("session_authorization") && value.equals(user));
    }

    /** True if the client has settings of its own and is to keep its connection for them. */
    boolean pinsForSettings() {
        return mode == SessionStateMode.PIN && !wished.sameAs(startup);
    }
}
