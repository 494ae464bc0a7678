package dev.trunkline.router.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.router.sql.ListenCommand.Kind;
import dev.trunkline.router.sql.UnlistenFinder.Found;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnlistenFinderTest {
    private static final ListenCommand ALL = new ListenCommand(Kind.UNLISTEN_ALL, "");

    private final UnlistenFinder finder = new UnlistenFinder();

    /** What is found, by the text in front of its end. */
    private List<Found> of(String text) {
        byte[] bytes = ("##" + text + "\0").getBytes(UTF_8);
        return finder.of(Unpooled.wrappedBuffer(bytes), 2, bytes.length - 2);
    }

    @Test
    void alone() {
        assertThat(of("UNLISTEN *")).containsExactly(new Found(ALL, 10, 1));
        assertThat(of(" ;; unlisten News ; ; -- end"))
                .containsExactly(new Found(new ListenCommand(Kind.UNLISTEN, "news"), 17, 1));
    }

    @Test
    void amongOthers_isFoundWithItsPlaceAndNumber() {
        String text = "SELECT 'ü';; /* UNLISTEN x */ UNLISTEN \"Größe\"; ; UNLISTEN *";
        assertThat(of(text))
                .containsExactly(
                        new Found(
                                new ListenCommand(Kind.UNLISTEN, "Größe"),
                                text.substring(0, text.indexOf("; ; UNLISTEN *"))
                                        .getBytes(UTF_8)
                                        .length,
                                2),
                        new Found(ALL, text.getBytes(UTF_8).length, 3));
    }

    @Test
    void semicolonsInParentheses_endNothing() {
        assertThat(of("CREATE RULE r AS ON INSERT TO t DO (NOTIFY a; NOTIFY b); UNLISTEN *"))
                .extracting(Found::statement)
                .containsExactly(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "SELECT 1",
                "SELECT unlisten; SELECT 1",
                "SELECT '; UNLISTEN *;'",
                "SELECT $$; UNLISTEN *;$$",
                "SELECT \"; UNLISTEN *;\"",
                "-- UNLISTEN *",
                "UNLISTENS *; SELECT 1",
                "UNLISTEN",
                "UNLISTEN; SELECT 1",
                "UNLISTEN * *; SELECT 1",
                "UNLISTEN a.b; SELECT 1",
                "UNLISTEN select; SELECT 1",
                "DO $$ BEGIN UNLISTEN *; END $$",
                "(UNLISTEN *; SELECT 1"
            })
    void noUnlisten(String text) {
        assertThat(of(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 'a\\'; UNLISTEN *",
                "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END; UNLISTEN *",
                "UNLISTEN *; SELECT 'open",
                "UNLISTEN *; SELECT (1"
            })
    void textThatIsNotCertain_isLeftAlone(String text) {
        assertThat(of(text)).isEmpty();
    }

    @Test
    void textThatIsTooLong_isNotRead() {
        assertThat(of("UNLISTEN *; SELECT " + " ".repeat(SqlLexer.MAX_TEXT))).isEmpty();
    }

    @Test
    void wordAtTheVeryEnd_isNotReadBeyondIt() {
        byte[] bytes = "SELECT 1; UNLISTEN".getBytes(UTF_8);
        for (int length = 0; length <= bytes.length; length++) {
            assertThat(finder.of(Unpooled.wrappedBuffer(bytes), 0, length)).isEmpty();
        }
    }
}
