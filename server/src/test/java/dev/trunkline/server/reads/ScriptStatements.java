package dev.trunkline.server.reads;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trunkline.router.sql.SqlLexer;
import dev.trunkline.router.sql.Token;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Divides a script for psql into its statements. What psql itself does with a script, its commands and variables, is left out. */
final class ScriptStatements {
    private final SqlLexer lexer = new SqlLexer();
    private final byte[] script;
    private final List<String> found = new ArrayList<>();
    private int begin;

    private ScriptStatements(byte[] script) {
        this.script = Arrays.copyOf(script, script.length + 1);
    }

    /** The statements of the script up to where it cannot be read, without the semicolons behind them. */
    static List<String> of(byte[] script) {
        ScriptStatements statements = new ScriptStatements(script);
        statements.read();
        return statements.found;
    }

    private void read() {
        readFrom(0);
        Token token = lexer.next();
        int depth = 0;
        while (token != Token.END && token != Token.INCOMPLETE) {
            if (token == Token.OTHER) {
                depth += lexer.is("(") ? 1 : lexer.is(")") ? -1 : 0;
            }
            if (token == Token.SEMICOLON && depth <= 0) {
                int end = lexer.end();
                readFrom(add(lexer.start()) ? behindData(end) : end);
                depth = 0;
            } else if (token == Token.OTHER && lexer.is("\\")) {
                add(lexer.start());
                readFrom(endOfLine(lexer.end()));
                depth = 0;
            }
            token = lexer.next();
        }
    }

    private void readFrom(int index) {
        begin = index;
        lexer.reset(script, index, script.length - index);
    }

    /** True if data follow on it. */
    private boolean add(int end) {
        String text = new String(script, begin, end - begin, UTF_8).strip();
        if (!text.isEmpty()) {
            found.add(text);
        }
        String lower = text.toLowerCase(Locale.ROOT);
        return lower.contains("copy ") && lower.contains("from stdin");
    }

    private int endOfLine(int from) {
        int i = from;
        while (script[i] != 0 && script[i] != '\n') {
            i++;
        }
        return i;
    }

    private int behindData(int from) {
        String left = new String(script, from, script.length - from, UTF_8);
        int end = left.indexOf("\n\\.");
        return end < 0 ? from : endOfLine(from + left.substring(0, end).getBytes(UTF_8).length + 3);
    }
}
