package dev.trunkline.router.sql;

import dev.trunkline.router.sql.SessionEffects.Scope;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Tells from a text of SQL what it may leave behind in its session. Loop-confined; a text that leaves nothing costs no object.
 *
 * <p>Commands are read where a statement begins, calls of functions wherever they stand. The body of a DO block, and what is
 * in the strings of that, is read as if a statement began at each word: PL/pgSQL is not parsed. What is seen too much costs a
 * question to the server; only what is not seen would do harm.
 *
 * <p>Source: PostgreSQL manual, "SQL Commands", and "System Administration Functions".
 */
public final class EffectScanner {
    private static final StateCommand[] COMMANDS = StateCommand.values();
    private static final WordTable COMMAND_WORDS = words(COMMANDS);
    private static final StateFunction[] FUNCTIONS = StateFunction.values();
    private static final WordTable FUNCTION_NAMES = words(FUNCTIONS);
    /** Strings inside of strings of a body are not looked into. */
    private static final int MAX_DEPTH = 2;

    private final TokenCursor cursor = new TokenCursor();
    private final SqlLexer lexer = cursor.lexer();
    private final Reading reading;
    private final int depth;
    private final EffectNotes notes;
    private final SetClause setClause;
    private @Nullable EffectScanner inner;
    private HiddenEffects hidden = HiddenEffects.NONE;
    private int version;
    private SqlLexer.Backslash backslash = SqlLexer.Backslash.ORDINARY;

    public EffectScanner() {
        this(Reading.STATEMENTS, 0, new EffectNotes());
    }

    private EffectScanner(Reading reading, int depth, EffectNotes notes) {
        this.reading = reading;
        this.depth = depth;
        this.notes = notes;
        this.setClause = new SetClause(cursor, notes);
    }

    /** Where a command may begin. */
    private enum Reading {
        /** At the first word of a statement. */
        STATEMENTS,
        /** At each word. */
        BODY
    }

    /** What INTO means in a statement. */
    private enum Into {
        NAMES_A_TABLE,
        MAKES_A_TABLE
    }

    /** What functions and tables of this database do from now on. */
    public void hidden(HiddenEffects effects) {
        version++;
        hidden = effects;
    }

    /** A number that changes with what is known of functions and tables. */
    public int version() {
        return version;
    }

    /** How the strings of the texts from now on are read. */
    public void backslash(SqlLexer.Backslash meaning) {
        backslash = meaning;
        lexer.backslash(meaning);
    }

    /**
     * Reads one text.
     *
     * @param buf is borrowed
     * @param length up to the NUL that ends the text, that included; a longer text than {@link SqlLexer#MAX_TEXT} is not read
     */
    public SessionEffects of(ByteBuf buf, int index, int length) {
        if (length > SqlLexer.MAX_TEXT) {
            return SessionEffects.UNREAD;
        }
        lexer.reset(buf, index, length);
        notes.begin();
        scan();
        if (SqlBytes.hasEscapedQuote(buf, index, index + length)) {
            // The client may have changed what it is by a message that the server has not answered yet.
            lexer.backslash(
                    backslash == SqlLexer.Backslash.ORDINARY
                            ? SqlLexer.Backslash.ESCAPES
                            : SqlLexer.Backslash.ORDINARY);
            lexer.reset(buf, index, length);
            scan();
            lexer.backslash(backslash);
        }
        return notes.effects();
    }

    /** Reads the body of a function in whatever language; what it would leave, were it run. */
    public static SessionEffects ofBody(byte[] body) {
        if (body.length > SqlLexer.MAX_TEXT) {
            return SessionEffects.UNREAD;
        }
        EffectScanner scanner = new EffectScanner(Reading.BODY, 1, new EffectNotes());
        scanner.lexer.reset(body, 0, body.length);
        scanner.scan();
        return scanner.notes.effects();
    }

    private void scan() {
        cursor.advance();
        while (!cursor.isAtEnd()) {
            if (cursor.token() == Token.SEMICOLON) {
                cursor.advance();
            } else {
                notes.statement();
                statement();
            }
        }
    }

    /** From its first word up to the semicolon behind it. */
    private void statement() {
        Into into = cursor.is("insert") || cursor.is("merge") ? Into.NAMES_A_TABLE : Into.MAKES_A_TABLE;
        Reading how = first();
        while (!cursor.isAtEndOfStatement()) {
            switch (cursor.token()) {
                case WORD -> word(how, into);
                case QUOTED_IDENTIFIER -> name(lexer.findQuoted(FUNCTION_NAMES), lexer.findQuoted(hidden.names()));
                case STRING, ESCAPE_STRING, DOLLAR_STRING -> {
                    if (how == Reading.BODY) {
                        lookInto();
                    }
                    cursor.advance();
                }
                default -> cursor.advance();
            }
        }
    }

    /** Acts on the command that the statement begins with, and tells how the rest is to be read. */
    private Reading first() {
        if (reading == Reading.BODY && (cursor.is("set") || cursor.is("reset"))) {
            setByPieces();
            return reading;
        }
        if (reading == Reading.STATEMENTS && cursor.accept("show")) {
            setClause.show();
            return reading;
        }
        int index = reading == Reading.STATEMENTS && cursor.token() == Token.WORD ? lexer.find(COMMAND_WORDS) : -1;
        return index < 0 ? reading : command(COMMANDS[index]);
    }

    /** A command that begins a text inside of a text is often put together: {@code EXECUTE format('SET %I = %L', …)}. */
    private void setByPieces() {
        boolean back = cursor.is("reset");
        cursor.advance();
        if (!(back ? setClause.reset() : setClause.set())) {
            notes.trace(Trace.UNKNOWN_SETTING, back ? "RESET" : "SET");
        }
    }

    private void word(Reading how, Into into) {
        int index = lexer.find(COMMAND_WORDS);
        boolean anywhere = index >= 0
                && (COMMANDS[index] == StateCommand.UPDATE
                        || (COMMANDS[index] == StateCommand.INTO && into == Into.MAKES_A_TABLE));
        if (anywhere || (index >= 0 && how == Reading.BODY)) {
            command(COMMANDS[index]);
        } else {
            boolean mayEscape = cursor.is("u");
            name(lexer.find(FUNCTION_NAMES), lexer.find(hidden.names()));
            if (mayEscape && cursor.isMark("&")) {
                escapedName();
            }
        }
    }

    /** {@code U&"…"(}: which function is called cannot be seen. */
    private void escapedName() {
        cursor.advance();
        boolean name = cursor.token() == Token.QUOTED_IDENTIFIER;
        if (name) {
            cursor.advance();
        }
        if (name && cursor.isMark("(")) {
            notes.trace(Trace.UNREAD_TEXT, "a function whose name is written in escapes");
        }
    }

    /** Acts on a command and moves on from its first word; tells how the rest of its statement is to be read. */
    private Reading command(StateCommand command) {
        cursor.advance();
        switch (command) {
            case SET -> setClause.set();
            case RESET -> setClause.reset();
            case DISCARD -> discard();
            case DEALLOCATE, CLOSE, UNLISTEN -> notes.scope(Scope.RELEASE);
            case DROP -> {
                notes.scope(Scope.RELEASE);
                routine();
            }
            case PREPARE -> prepare();
            case EXECUTE -> notes.scope(Scope.EXECUTES);
            case LISTEN -> notes.trace(Trace.LISTEN, "LISTEN");
            case LOAD -> notes.trace(Trace.LIBRARY, "LOAD");
            case DECLARE -> declare();
            case CREATE -> create();
            case ALTER -> {
                notes.scope(Scope.CATALOG);
                routine();
            }
            case COMMIT -> {
                if (cursor.is("prepared")) {
                    notes.scope(Scope.CATALOG);
                }
            }
            case UPDATE -> updateOfSettings();
            case INTO -> {
                notes.scope(Scope.CREATES);
                // In the body of a function it is most often a variable.
                if (!temporary("SELECT INTO TEMPORARY") && reading == Reading.STATEMENTS) {
                    notes.scope(Scope.CATALOG);
                }
            }
            case DO, EXPLAIN -> {
                return Reading.BODY;
            }
        }
        return reading;
    }

    /** What is set is in the condition, if not in what it is compared with. */
    private void updateOfSettings() {
        cursor.accept("only");
        boolean qualified = cursor.is("pg_catalog") || cursor.isQuoted("pg_catalog");
        if (qualified) {
            cursor.advance();
            cursor.advance();
        }
        if (cursor.is("pg_settings") || cursor.isQuoted("pg_settings")) {
            notes.trace(Trace.UNKNOWN_SETTING, "UPDATE pg_settings");
        }
    }

    private void discard() {
        notes.scope(Scope.RELEASE);
        if (cursor.is("all")) {
            notes.scope(Scope.WHOLE_SESSION);
        }
    }

    /** PREPARE TRANSACTION prepares no statement. */
    private void prepare() {
        if (!cursor.is("transaction")) {
            notes.trace(Trace.PREPARED_STATEMENT, "PREPARE");
        }
    }

    /** {@code WITH HOLD} stands in front of the query, whose own WITH it must not be taken for. */
    private void declare() {
        while (cursor.token() == Token.WORD && !cursor.is("for")) {
            if (cursor.accept("with") && cursor.is("hold")) {
                notes.trace(Trace.HOLD_CURSOR, "DECLARE CURSOR WITH HOLD");
            } else {
                cursor.advance();
            }
        }
    }

    private void create() {
        notes.scope(Scope.CREATES);
        if (!temporary("CREATE TEMPORARY")) {
            notes.scope(Scope.CATALOG);
        }
        if (cursor.is("function") || cursor.is("procedure")) {
            cursor.advance();
            define();
        } else if (cursor.is("trigger") || cursor.is("constraint")) {
            notes.scope(Scope.DEFINES);
        }
    }

    /** Functions call others, and tables have triggers: what those do is found out anew. */
    private void routine() {
        if (cursor.is("function") || cursor.is("procedure") || cursor.is("routine") || cursor.is("trigger")) {
            notes.scope(Scope.DEFINES);
            notes.scope(Scope.CATALOG);
        }
    }

    /** The function may be called before its definition has been read from the server: its body is looked at here. */
    private void define() {
        String name = "";
        while (cursor.isIdentifier() || cursor.isMark(".")) {
            name = cursor.isIdentifier() ? lexer.identifier() : name;
            cursor.advance();
        }
        notes.define(name.toLowerCase(Locale.ROOT), ofBody(lexer.rest()));
    }

    /** True of CREATE [OR REPLACE] [GLOBAL | LOCAL] TEMP, and the same behind INTO. */
    private boolean temporary(String what) {
        while (cursor.is("or") || cursor.is("replace") || cursor.is("global") || cursor.is("local")) {
            cursor.advance();
        }
        if (cursor.is("temp") || cursor.is("temporary")) {
            notes.trace(Trace.TEMPORARY_OBJECT, what);
            return true;
        }
        return false;
    }

    /** A name that may be that of a function that leaves something, or of a table whose triggers do. */
    private void name(int function, int known) {
        if (known >= 0) {
            notes.add(hidden.of(known), lexer.identifier());
        }
        if (function < 0) {
            cursor.advance();
            return;
        }
        String name = lexer.identifier();
        cursor.advance();
        if (FUNCTIONS[function] == StateFunction.PG_TEMP) {
            notes.trace(Trace.TEMPORARY_OBJECT, name);
        } else if (cursor.isMark("(")) {
            called(FUNCTIONS[function], name);
        }
    }

    private void called(StateFunction function, String name) {
        if (function == StateFunction.SET_CONFIG) {
            setConfig();
        } else if (function.trace == null) {
            notes.scope(Scope.RELEASE);
        } else {
            notes.trace(function.trace, name);
        }
    }

    /** Looks ahead at the arguments, which are then read like the rest, since they may call functions too. */
    private void setConfig() {
        int mark = lexer.mark();
        Token first = lexer.next();
        String setting = first == Token.STRING || first == Token.ESCAPE_STRING ? lexer.literal() : null;
        boolean alone = lexer.next() == Token.COMMA;
        if (!isLocal()) {
            if (setting != null && alone) {
                notes.set(setting, "set_config");
            } else {
                notes.trace(Trace.UNKNOWN_SETTING, "set_config");
            }
        }
        lexer.back(mark);
        cursor.advance();
    }

    /** Behind the comma that ends the first argument: true if the third is nothing but the word true. */
    private boolean isLocal() {
        int open = 0;
        Token next = lexer.next();
        while (next != Token.END && next != Token.INCOMPLETE && !(next == Token.COMMA && open == 0)) {
            if (next == Token.OTHER) {
                open += lexer.is("(") ? 1 : lexer.is(")") ? -1 : 0;
            }
            if (open < 0) {
                return false;
            }
            next = lexer.next();
        }
        return lexer.next() == Token.WORD && lexer.is("true") && lexer.next() == Token.OTHER && lexer.is(")");
    }

    private void lookInto() {
        if (depth < MAX_DEPTH) {
            if (inner == null) {
                inner = new EffectScanner(Reading.BODY, depth + 1, notes);
            }
            inner.hidden = hidden;
            lexer.enter(inner.lexer);
            inner.scan();
        }
    }

    private static WordTable words(Enum<?>[] names) {
        return new WordTable(Arrays.stream(names)
                .map(name -> name.name().toLowerCase(Locale.ROOT))
                .toList());
    }
}
