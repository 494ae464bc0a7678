package dev.trunkline.router.sql;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the functions of a database leave in the session of their caller, as their bodies show, and the triggers of its tables,
 * by the name of the function or table without its schema. Immutable.
 */
public final class HiddenEffects {
    public static final HiddenEffects NONE = new HiddenEffects(Map.of());

    private final Map<String, SessionEffects> byName;
    private final WordTable names;
    private final List<SessionEffects> effects;

    private HiddenEffects(Map<String, SessionEffects> byName) {
        this.byName = Map.copyOf(byName);
        List<String> keys = List.copyOf(byName.keySet());
        this.names = new WordTable(keys);
        this.effects = keys.stream().map(byName::get).toList();
    }

    /** @param byName the names in lower case */
    public static HiddenEffects of(Map<String, SessionEffects> byName) {
        return byName.isEmpty() ? NONE : new HiddenEffects(byName);
    }

    /** These, with others in place of or beside them; those that leave nothing are left out. */
    public HiddenEffects with(Map<String, SessionEffects> others) {
        Map<String, SessionEffects> all = new HashMap<>(byName);
        all.putAll(others);
        all.values().removeIf(each -> !each.leavesState());
        return of(all);
    }

    public int size() {
        return effects.size();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof HiddenEffects effects && byName.equals(effects.byName);
    }

    @Override
    public int hashCode() {
        return byName.hashCode();
    }

    WordTable names() {
        return names;
    }

    SessionEffects of(int index) {
        return effects.get(index);
    }
}
