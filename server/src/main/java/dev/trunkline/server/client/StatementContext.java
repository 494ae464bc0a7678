package dev.trunkline.server.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.pooler.statement.ClientStatements;
import dev.trunkline.router.sql.SqlLexer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the meaning of a client's texts depends on, looked up when its parameters change and not for each text: the tables that it
 * names, and so the types of its parameters, are found by search_path and role; strings are read by standard_conforming_strings.
 * Loop-confined.
 */
final class StatementContext {
    private static final List<String> NAMES = List.of("search_path", "role", "session_authorization");

    private final ClientStatements statements;
    private final WelcomeCache welcome;
    private @Nullable Parameters seen;
    private String context = "";
    private SqlLexer.Backslash backslash = SqlLexer.Backslash.ORDINARY;

    StatementContext(ClientStatements statements, WelcomeCache welcome) {
        this.statements = statements;
        this.welcome = welcome;
    }

    /** These are the client's parameters now. Usually the same object as before, so that a look is one comparison. */
    void follow(Parameters wished) {
        if (wished.equals(seen)) {
            return;
        }
        seen = wished;
        backslash = "off".equals(wished.get("standard_conforming_strings"))
                ? SqlLexer.Backslash.ESCAPES
                : SqlLexer.Backslash.ORDINARY;
        String now = of(wished);
        if (!now.equals(context)) {
            context = now;
            statements.context(now.getBytes(UTF_8));
        }
    }

    /** How the client's strings are read. */
    SqlLexer.Backslash backslash() {
        return backslash;
    }

    private String of(Parameters wished) {
        StringBuilder text = new StringBuilder();
        for (String name : NAMES) {
            String value = wished.get(name);
            if (value != null && !value.equals(welcome.defaults().get(name))) {
                text.append(name).append('=').append(value).append('\n');
            }
        }
        return text.toString();
    }
}
