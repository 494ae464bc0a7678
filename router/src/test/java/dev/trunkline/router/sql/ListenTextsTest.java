package dev.trunkline.router.sql;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.router.sql.ListenCommand.Kind;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ListenTextsTest {
    private final ListenTexts texts = new ListenTexts();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "LISTEN news",
                "listen NEWS;",
                " ; /* why /* not */ */ Listen\tnews ; ; -- end",
                "LISTEN \"news\"",
                "LISTEN\"news\""
            })
    void of_listen_channelIsSpeltAsTheServerSpellsIt(String text) {
        assertThat(of(text)).isEqualTo(new ListenCommand(Kind.LISTEN, "news"));
    }

    @Test
    void of_unlisten_oneOrAll() {
        assertThat(of("UNLISTEN News")).isEqualTo(new ListenCommand(Kind.UNLISTEN, "news"));
        assertThat(of("unlisten * ;")).isEqualTo(new ListenCommand(Kind.UNLISTEN_ALL, ""));
    }

    // Hazard S15
    @Test
    void of_hostileNames_areTakenLiterally() {
        assertThat(channel("LISTEN \"a\"\"b\"")).isEqualTo("a\"b");
        assertThat(channel("LISTEN \"\"\"\"")).isEqualTo("\"");
        assertThat(channel("LISTEN \"x\"\"; DROP TABLE t; --\"")).isEqualTo("x\"; DROP TABLE t; --");
        assertThat(channel("LISTEN \"a\\b'c\n--d\"")).isEqualTo("a\\b'c\n--d");
        assertThat(channel("LISTEN \"Größe 🐘\"")).isEqualTo("Größe 🐘");
        assertThat(channel("LISTEN a$1")).isEqualTo("a$1");
    }

    // Hazard S15
    @Test
    void of_longNames_areCutAt63BytesOrNotRecognised() {
        assertThat(channel("LISTEN " + "x".repeat(70))).isEqualTo("x".repeat(63));
        assertThat(channel("LISTEN \"" + "X".repeat(70) + "\"")).isEqualTo("X".repeat(63));
        assertThat(channel("LISTEN \"" + "x".repeat(62) + "\"\"yz\"")).isEqualTo("x".repeat(62) + "\"");
        assertThat(channel("LISTEN \"" + "x".repeat(61) + "ö\"")).isEqualTo("x".repeat(61) + "ö");
        assertThat(of("LISTEN \"" + "x".repeat(62) + "ö\"")).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ";",
                "LISTEN",
                "LISTEN;",
                "LISTEN *",
                "LISTEN \"\"",
                "LISTEN a b",
                "LISTEN a.b",
                "LISTEN 'a'",
                "LISTEN 1",
                "LISTEN $1",
                "LISTEN größe",
                "LISTEN U&\"a\"",
                "LISTEN \"open",
                "LISTEN select",
                "LISTEN Authorization",
                "LISTEN a; SELECT 1",
                "SELECT 1; LISTEN a",
                "UNLISTEN",
                "UNLISTEN **",
                "NOTIFY a",
                "LISTENS a"
            })
    void of_anythingElse_isNotRecognised(String text) {
        assertThat(of(text)).isNull();
    }

    @Test
    void of_bytesThatAreNoUtf8_areNotRecognised() {
        byte[] latin = "LISTEN \"gr\u00fcn\"\0".getBytes(ISO_8859_1);
        assertThat(texts.of(Unpooled.wrappedBuffer(latin), 0, latin.length)).isNull();
    }

    @Test
    void of_textWithoutItsEnd_isNotRecognised() {
        byte[] text = "LISTEN news\0".getBytes(UTF_8);
        for (int length = 0; length < text.length; length++) {
            assertThat(texts.of(Unpooled.wrappedBuffer(text), 0, length))
                    .as("%d bytes", length)
                    .isNull();
        }
    }

    private String channel(String text) {
        ListenCommand command = of(text);
        assertThat(command).as(text).isNotNull();
        return command == null ? "" : command.channel();
    }

    private @Nullable ListenCommand of(String text) {
        byte[] bytes = (text + "\0").getBytes(UTF_8);
        return texts.of(Unpooled.wrappedBuffer(bytes), 0, bytes.length);
    }
}
