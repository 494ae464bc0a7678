package dev.trunkline.server.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One statement of the console, read from its text. The grammar is PgBouncer's: a word and at most one argument, or SET
 * with a value; a word may stand in double quotes, a value in single ones.
 */
sealed interface Statement {
    /** A verb and its argument, which is empty if there is none. */
    record Command(String verb, String argument) implements Statement {}

    /** SET key = value, or SET key TO value. */
    record Set(String key, String value) implements Statement {}

    /**
     * SWITCHOVER [ cluster ] [ TO member ], which PgBouncer does not have.
     *
     * @param cluster null if none is named
     * @param member null if none is named
     */
    record Switchover(@Nullable String cluster, @Nullable String member) implements Statement {}

    /**
     * EXPLAIN ROUTE [ IN database ] statement, which PgBouncer does not have. The statement is all that follows, semicolons included.
     *
     * @param database null if none is named
     */
    record ExplainRoute(@Nullable String database, String statement) implements Statement {}

    /** Anything else. */
    record Unreadable() implements Statement {}

    Pattern COMMAND = Pattern.compile(
            "\\s*(?<verb>\\w+)(?:\\s+(?<argument>\"(?:[^\"]|\"\")*+\"|\\w+))?\\s*", Pattern.UNICODE_CHARACTER_CLASS);

    Pattern SET = Pattern.compile(
            "\\s*set\\s+(?<key>\"(?:[^\"]|\"\")*+\"|\\w+)\\s*(?:=|\\bto\\b)\\s*"
                    + "(?<value>'(?:[^']|'')*+'|\"(?:[^\"]|\"\")*+\"|[\\w.+-]+)\\s*",
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CHARACTER_CLASS);

    /** A cluster that is called "to" has to stand in quotes. */
    Pattern SWITCHOVER = Pattern.compile(
            "\\s*switchover(?:\\s+(?!to\\b)(?<cluster>\"(?:[^\"]|\"\")*+\"|[\\w.-]+))?"
                    + "(?:\\s+to\\s+(?<member>\"(?:[^\"]|\"\")*+\"|[\\w.-]+))?\\s*",
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CHARACTER_CLASS);

    Pattern EXPLAIN_ROUTE = Pattern.compile(
            "\\s*explain\\s+route(?:\\s+in\\s+(?<database>\"(?:[^\"]|\"\")*+\"|[\\w.-]+))?\\s+(?<statement>\\S.*)",
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CHARACTER_CLASS | Pattern.DOTALL);

    /** Reads one statement without its semicolon. */
    static Statement parse(String text) {
        Matcher explain = EXPLAIN_ROUTE.matcher(text);
        if (explain.matches()) {
            return new ExplainRoute(found(explain.group("database")), explain.group("statement"));
        }
        Matcher switchover = SWITCHOVER.matcher(text);
        if (switchover.matches()) {
            return new Switchover(found(switchover.group("cluster")), found(switchover.group("member")));
        }
        Matcher set = SET.matcher(text);
        if (set.matches()) {
            return new Set(unquoted(set.group("key")), unquoted(set.group("value")));
        }
        Matcher command = COMMAND.matcher(text);
        if (command.matches()) {
            String argument = command.group("argument");
            return new Command(command.group("verb"), argument == null ? "" : unquoted(argument));
        }
        return new Unreadable();
    }

    /**
     * The statements of a query, cut at semicolons that stand outside quotes; empty ones are left out. What EXPLAIN ROUTE is asked
     * about is not cut.
     */
    static List<String> split(String query) {
        if (EXPLAIN_ROUTE.matcher(query).matches()) {
            return List.of(query);
        }
        List<String> statements = new ArrayList<>();
        int start = 0;
        char quote = 0;
        for (int i = 0; i < query.length(); i++) {
            char c = query.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '\'' || c == '"') {
                quote = c;
            } else if (c == ';') {
                statements.add(query.substring(start, i));
                start = i + 1;
            }
        }
        statements.add(query.substring(start));
        statements.removeIf(String::isBlank);
        return statements;
    }

    private static @Nullable String found(@Nullable String text) {
        return text == null ? null : unquoted(text);
    }

    private static String unquoted(String text) {
        char quote = text.charAt(0);
        if (quote != '"' && quote != '\'') {
            return text;
        }
        String pair = "" + quote + quote;
        return text.substring(1, text.length() - 1).replace(pair, String.valueOf(quote));
    }
}
