package dev.trunkline.router.reads;

import dev.trunkline.router.reads.CatalogFacts.OtherNames;
import dev.trunkline.router.sql.WordTable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Gathers the rows of one answer to {@link CatalogQuery}. For one thread at a time. */
public final class CatalogReading {
    /** Characters of all rows together. */
    private static final int MAX_CHARACTERS = 32 << 20;

    /** Operators that a text calls without writing them: by IN, LIKE, BETWEEN, CASE, NULLIF, USING. Others order an index. */
    private static final Set<String> IMPLIED_OPERATORS =
            Set.of("=", "<>", "<", "<=", ">", ">=", "~~", "!~~", "~~*", "!~~*", "~", "!~", "~*", "!~*");

    /** The bits of each name, key words first. */
    private final Map<String, Integer> flags = new LinkedHashMap<>();

    private final Set<String> operators = new HashSet<>();
    /** Names that can be called as if they were columns, if what they call is volatile. */
    private final Set<String> notations = new HashSet<>();

    private final List<Definition> definitions = new ArrayList<>();
    private boolean otherLetters;
    private int rows;
    private long characters;
    private String missing = "";

    /**
     * SQL that stands behind a name.
     *
     * @param bits what the name is if the SQL is not proven to read
     */
    private record Definition(String name, String sql, int bits) {}

    public CatalogReading() {
        for (int place = 0; place < Keywords.ALL.size(); place++) {
            flags.put(Keywords.ALL.get(place), Keywords.flags(place));
        }
        add("pg_temp", Hazard.TEMPORARY.bit());
    }

    /** Takes one row, its three columns as text in UTF-8. Any number may come; too many make facts that prove nothing. */
    public void row(List<@Nullable String> columns) {
        String kind = columns.get(0);
        String name = columns.get(1);
        String text = columns.get(2);
        rows++;
        if (kind == null || name == null) {
            missing = "the catalog's answer has an empty name";
            return;
        }
        characters += name.length() + (text == null ? 0 : text.length());
        if (rows > CatalogQuery.MAX_ROWS || characters > MAX_CHARACTERS) {
            missing = "the catalog is too large to be read";
        } else {
            row(kind, lower(name), text == null ? "" : text);
        }
    }

    private void row(String kind, String name, String text) {
        switch (kind) {
            case "function" -> add(name, Functions.flags(name, false));
            case "volatile" -> add(name, Functions.flags(name, true));
            case "notation" -> notations.add(name);
            case "operator" -> operator(name);
            case "implied operator" -> impliedOperator(name);
            case "implicit cast" -> missing = "an implicit cast to " + name + " has a volatile function";
            case "cast" -> add(name, Hazard.TYPE.bit());
            case "type" -> add(name, Functions.KNOWN);
            case "sequence" -> add(name, Hazard.SEQUENCE.bit());
            case "unlogged" -> add(name, Hazard.UNLOGGED.bit());
            case "foreign" -> add(name, Hazard.FOREIGN.bit());
            case "view" -> define(name, text, Hazard.VIEW.bit());
            case "system view" -> define(name, text, Hazard.SYSTEM_VIEW.bit());
            case "policy" -> define(name, "SELECT " + text, Hazard.POLICY.bit());
            case "default" -> define(name, "SELECT " + text, Functions.VOLATILE);
            case "domain" -> define(name, "SELECT 1 WHERE " + text.replaceFirst("^CHECK ", ""), Hazard.TYPE.bit());
            default -> missing = "the catalog's answer has a row of the kind " + kind;
        }
    }

    private void operator(String name) {
        operators.add(name);
        if (IMPLIED_OPERATORS.contains(name)) {
            impliedOperator(name);
        }
    }

    private void impliedOperator(String name) {
        missing = "an operator " + name + " has a volatile function";
    }

    private void define(String name, String sql, int bits) {
        definitions.add(new Definition(name, sql, bits));
        add(name, 0);
    }

    /** Only letters of ASCII are the same bytes whatever encoding a client uses. */
    private void add(String name, int bits) {
        if (name.chars().allMatch(c -> c < 128)) {
            flags.merge(name, bits, (some, more) -> some | more);
        } else {
            otherLetters |= (bits & Hazard.ANY) != 0;
        }
    }

    /** As the name stands in a text. */
    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT).replace("\"", "\"\"");
    }

    /**
     * The facts that all rows together tell. It proves views by their definitions, which takes tens of milliseconds where there are
     * thousands: not for an event loop.
     *
     * @param epoch above 0, and not that of other facts of the same database
     */
    public CatalogFacts facts(long epoch) {
        if (rows == 0) {
            return CatalogFacts.missing(epoch, "the catalog's answer is empty");
        }
        ReadClassifier classifier = new ReadClassifier();
        boolean doubted = true;
        while (doubted && missing.isEmpty()) {
            notations.forEach(name -> {
                if ((flags.getOrDefault(name, 0) & (Functions.VOLATILE | Functions.LOCAL)) != 0) {
                    add(name, Hazard.NOTATION.bit());
                }
            });
            CatalogFacts draft = draft(epoch);
            doubted = definitions.removeIf(each -> doubts(each, classifier, draft));
        }
        return missing.isEmpty() ? draft(epoch) : CatalogFacts.missing(epoch, missing);
    }

    /** Each look may bring more that is not proven, on which what was proven before depends. */
    private boolean doubts(Definition definition, ReadClassifier classifier, CatalogFacts draft) {
        boolean doubted = definition.sql().length() > CatalogQuery.MAX_DEFINITION
                || !classifier.classify(definition.sql(), draft).reads();
        if (doubted) {
            add(definition.name(), definition.bits());
        }
        return doubted;
    }

    private CatalogFacts draft(long epoch) {
        int[] bits = flags.values().stream().mapToInt(each -> each).toArray();
        return CatalogFacts.of(
                epoch, new WordTable(flags.keySet()), bits, new OtherNames(List.copyOf(operators), otherLetters));
    }
}
