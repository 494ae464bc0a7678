package dev.trunkline.wire.scram;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScramSecretTest {
    private static final byte[] SALT = Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ==");
    private static final String KEY = Base64.getEncoder().encodeToString(new byte[32]);

    /** The keys that follow from RFC 7677 section 3, "pencil". */
    private static final String PENCIL = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
            + "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

    @Test
    void derive_vectorOfTheRfc() {
        assertThat(ScramSecret.derive("pencil", SALT, 4096).format()).isEqualTo(PENCIL);
    }

    @Test
    void parse_whatFormatWrites() {
        ScramSecret secret = ScramSecret.parse(PENCIL);
        assertThat(secret.format()).isEqualTo(PENCIL);
        assertThat(secret)
                .isEqualTo(ScramSecret.derive("pencil", SALT, 4096))
                .hasSameHashCodeAs(ScramSecret.derive("pencil", SALT, 4096));
        assertThat(secret.iterations()).isEqualTo(4096);
        assertThat(ScramSecret.looksLike(PENCIL)).isTrue();
        assertThat(ScramSecret.looksLike("md5" + "0".repeat(32))).isFalse();
    }

    @Test
    void equals_eachPartCounts() {
        ScramSecret secret = ScramSecret.parse("SCRAM-SHA-256$1:AAAA$" + KEY + ":" + KEY);
        String other = Base64.getEncoder().encodeToString("x".repeat(32).getBytes(UTF_8));
        assertThat(secret)
                .isNotEqualTo(ScramSecret.parse("SCRAM-SHA-256$2:AAAA$" + KEY + ":" + KEY))
                .isNotEqualTo(ScramSecret.parse("SCRAM-SHA-256$1:AAAB$" + KEY + ":" + KEY))
                .isNotEqualTo(ScramSecret.parse("SCRAM-SHA-256$1:AAAA$" + other + ":" + KEY))
                .isNotEqualTo(ScramSecret.parse("SCRAM-SHA-256$1:AAAA$" + KEY + ":" + other))
                .isNotEqualTo(PENCIL);
    }

    @Test
    void toString_doesNotShowIt() {
        assertThat(ScramSecret.parse(PENCIL)).hasToString("ScramSecret[iterations=4096]");
        assertThat(new ScramResult.Accepted(new byte[1], new byte[1])).hasToString("Accepted[]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "SCRAM-SHA-256$",
                "SCRAM-SHA-1$4096:AAAA$KEY:KEY",
                "SCRAM-SHA-256$0:AAAA$KEY:KEY",
                "SCRAM-SHA-256$-1:AAAA$KEY:KEY",
                "SCRAM-SHA-256$2147483648:AAAA$KEY:KEY",
                "SCRAM-SHA-256$99999999999:AAAA$KEY:KEY",
                "SCRAM-SHA-256$4096:====$KEY:KEY",
                "SCRAM-SHA-256$4096:A$KEY:KEY",
                "SCRAM-SHA-256$4096:AAAA$AAAA:KEY",
                "SCRAM-SHA-256$4096:AAAA$KEY:AAAA",
                "SCRAM-SHA-256$4096:AAAA$KEY:KEY:KEY",
                "SCRAM-SHA-256$4096:AAAA$KEY:KEY ",
            })
    void parse_malformed_doesNotShowIt(String text) {
        assertThatThrownBy(() -> ScramSecret.parse(text.replace("KEY", KEY)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("malformed SCRAM-SHA-256 secret");
    }

    @Test
    void derive_preparesThePassword() {
        assertThat(derive("I\u00ADX"))
                .as("soft hyphen is mapped to nothing, RFC 4013")
                .isEqualTo(derive("IX"));
        assertThat(derive("\u00AA")).as("NFKC, RFC 4013").isEqualTo(derive("a"));
        assertThat(derive("\u2168")).as("NFKC, RFC 4013").isEqualTo(derive("IX"));
        assertThat(derive("a\u00A0b")).as("other spaces become spaces").isEqualTo(derive("a b"));
    }

    @Test
    void derive_whatSaslPrepRefuses_isTakenAsItIs() {
        assertThat(derive("a\u0007")).as("a prohibited character").isNotEqualTo(derive("a"));
        assertThat(derive("\u06271")).as("bad mix of directions").isNotEqualTo(derive("1"));
        assertThat(derive("\u00AD")).as("nothing is left").isNotEqualTo(derive("\u00AD\u00AD"));
        assertThat(derive("\uE000\u00AA")).as("private use, not normalized").isNotEqualTo(derive("\uE000a"));
    }

    @Test
    void derive_withoutAPasswordSaltOrIteration() {
        assertThatThrownBy(() -> ScramSecret.derive("", SALT, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ScramSecret.derive("x", new byte[0], 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ScramSecret.derive("x", SALT, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void mock_isTheSameForTheSameName() {
        byte[] key = "key".getBytes(UTF_8);
        ScramSecret mock = ScramSecret.mock("nobody", key, 4096);
        assertThat(mock).isEqualTo(ScramSecret.mock("nobody", key, 4096));
        assertThat(mock).isNotEqualTo(ScramSecret.mock("someone", key, 4096));
        assertThat(mock).isNotEqualTo(ScramSecret.mock("nobody", "other".getBytes(UTF_8), 4096));
        assertThat(Base64.getDecoder().decode(mock.saltText())).hasSize(ScramSecret.SALT_LENGTH);
        assertThat(ScramSecret.parse(mock.format())).isEqualTo(mock);
    }

    private static ScramSecret derive(String password) {
        return ScramSecret.derive(password, SALT, 1);
    }
}
