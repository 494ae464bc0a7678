package dev.trunkline.router.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SqlLexerTest {
    record Example(String text, List<String> tokens) {
        Example(String text, String... tokens) {
            this(text, List.of(tokens));
        }
    }

    private final SqlLexer lexer = new SqlLexer();

    static List<Example> examples() {
        return List.of(
                new Example("", "END"),
                new Example("a b", "WORD a", "WORD b", "END"),
                new Example("a1_$é=b", "WORD a1_$é", "EQUALS =", "WORD b", "END"),
                new Example("a,b;", "WORD a", "COMMA ,", "WORD b", "SEMICOLON ;", "END"),
                new Example("1 1.5 .5 1e10 0xFF 1_000", numbers()),
                new Example("$1+$23", "PARAMETER $1", "OTHER +", "PARAMETER $23", "END"),
                new Example("'a''b'", "STRING 'a''b'", "END"),
                new Example("'a\\'b", "STRING 'a\\'", "WORD b", "END"),
                new Example("E'a\\'b' c", "ESCAPE_STRING E'a\\'b'", "WORD c", "END"),
                new Example("e'\\\\' c", "ESCAPE_STRING e'\\\\'", "WORD c", "END"),
                new Example("ee'a'", "WORD ee", "STRING 'a'", "END"),
                new Example("E 'a'", "WORD E", "STRING 'a'", "END"),
                new Example("'a' 'b'", "STRING 'a'", "STRING 'b'", "END"),
                new Example("'a'\n'b'", "STRING 'a'\n'b'", "END"),
                new Example("'a' \r -- c\n 'b'", "STRING 'a' \r -- c\n 'b'", "END"),
                new Example("'a' -- c\n 'b'", "STRING 'a' -- c\n 'b'", "END"),
                new Example("'a' -- c\n -- d\r'b'", "STRING 'a' -- c\n -- d\r'b'", "END"),
                new Example("'a' -- 'b'", "STRING 'a'", "END"),
                new Example("E'a' --c\n'\\'' c", "ESCAPE_STRING E'a' --c\n'\\''", "WORD c", "END"),
                new Example("'a'\n/* c */'b'", "STRING 'a'", "STRING 'b'", "END"),
                new Example("E'a'\n'\\'' c", "ESCAPE_STRING E'a'\n'\\''", "WORD c", "END"),
                new Example("'a'\nb", "STRING 'a'", "WORD b", "END"),
                new Example("\"a\"\"b\".c", "QUOTED_IDENTIFIER \"a\"\"b\"", "OTHER .", "WORD c", "END"),
                new Example(
                        "U&\"a\" U&'b'",
                        "WORD U",
                        "OTHER &",
                        "QUOTED_IDENTIFIER \"a\"",
                        "WORD U",
                        "OTHER &",
                        "STRING 'b'",
                        "END"),
                new Example("$$a'b$$ c", "DOLLAR_STRING $$a'b$$", "WORD c", "END"),
                new Example("$t$ $$ $T$ $t$ c", "DOLLAR_STRING $t$ $$ $T$ $t$", "WORD c", "END"),
                new Example("$a $b$ $ $b$", "OTHER $", "WORD a", "DOLLAR_STRING $b$ $ $b$", "END"),
                new Example("a$b$c", "WORD a$b$c", "END"),
                new Example("/* a /* b */ c */ d", "WORD d", "END"),
                new Example("a/*b*/c--d\ne", "WORD a", "WORD c", "WORD e", "END"),
                new Example(
                        "a - - b / * c",
                        "WORD a",
                        "OTHER -",
                        "OTHER -",
                        "WORD b",
                        "OTHER /",
                        "OTHER *",
                        "WORD c",
                        "END"),
                new Example("a+--b\nc", "WORD a", "OTHER +", "WORD c", "END"),
                new Example("a <=> b", "WORD a", "OTHER <", "EQUALS =", "OTHER >", "WORD b", "END"),
                new Example("'a", "INCOMPLETE"),
                new Example("'a''", "INCOMPLETE"),
                new Example("E'a\\'", "INCOMPLETE"),
                new Example("'a'\n'b", "INCOMPLETE"),
                new Example("\"a", "INCOMPLETE"),
                new Example("$t$a$$", "INCOMPLETE"),
                new Example("a /* b", "WORD a", "INCOMPLETE"),
                new Example("a /* /* */", "WORD a", "INCOMPLETE"),
                new Example("a /*/", "WORD a", "INCOMPLETE"));
    }

    private static String[] numbers() {
        return new String[] {
            "NUMBER 1", "NUMBER 1.5", "OTHER .", "NUMBER 5", "NUMBER 1e10", "NUMBER 0xFF", "NUMBER 1_000", "END"
        };
    }

    @ParameterizedTest
    @MethodSource("examples")
    void next_throughAText_cutsItAsPostgresWould(Example example) {
        assertThat(tokens(Unpooled.copiedBuffer(example.text() + "\0'", UTF_8), 1))
                .isEqualTo(example.tokens());
    }

    @Test
    void next_behindTheEnd_saysTheSameAgain() {
        lexer.reset(Unpooled.copiedBuffer("\0", UTF_8), 0, 1);
        assertThat(List.of(lexer.next(), lexer.next(), lexer.next())).containsOnly(Token.END);
        lexer.reset(Unpooled.EMPTY_BUFFER, 0, 0);
        assertThat(List.of(lexer.next(), lexer.next())).containsOnly(Token.INCOMPLETE);
    }

    @Test
    void is_comparesAsciiLettersInAnyCase() {
        lexer.reset(Unpooled.copiedBuffer("SeLeCt\0", UTF_8), 0, 7);
        lexer.next();
        assertThat(lexer.is("select")).isTrue();
        assertThat(lexer.is("selec")).isFalse();
        assertThat(lexer.is("selects")).isFalse();
        lexer.reset(Unpooled.copiedBuffer("'ON'\0", UTF_8), 0, 5);
        lexer.next();
        assertThat(lexer.isQuoted("on")).isTrue();
        assertThat(lexer.isQuoted("o")).isFalse();
    }

    /** Tokens follow each other without overlapping, stay inside the bounds, and come to an end. */
    @Test
    void next_throughRandomText_movesForwardToItsEnd() {
        long seed = new Random().nextLong();
        System.err.println("seed " + seed);
        Random random = new Random(seed);
        byte[] alphabet = "aE1'\"$/*-\\;\n \0".getBytes(UTF_8);
        for (int i = 0; i < 20_000; i++) {
            byte[] text = new byte[random.nextInt(40)];
            for (int j = 0; j < text.length; j++) {
                text[j] = alphabet[random.nextInt(alphabet.length)];
            }
            walk(Unpooled.wrappedBuffer(text));
        }
    }

    private void walk(ByteBuf text) {
        lexer.reset(text, 0, text.readableBytes());
        int last = 0;
        Token token = lexer.next();
        while (token != Token.END && token != Token.INCOMPLETE) {
            assertThat(lexer.start()).isGreaterThanOrEqualTo(last);
            assertThat(lexer.end()).isGreaterThan(lexer.start()).isLessThanOrEqualTo(text.readableBytes());
            last = lexer.end();
            token = lexer.next();
        }
    }

    private List<String> tokens(ByteBuf text, int behind) {
        lexer.reset(text, 0, text.readableBytes() - behind);
        List<String> tokens = new ArrayList<>();
        Token token = lexer.next();
        while (token != Token.END && token != Token.INCOMPLETE) {
            tokens.add(token + " " + text.toString(lexer.start(), lexer.end() - lexer.start(), UTF_8));
            token = lexer.next();
        }
        tokens.add(token.name());
        return tokens;
    }
}
