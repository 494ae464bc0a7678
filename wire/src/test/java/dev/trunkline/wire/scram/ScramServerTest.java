package dev.trunkline.wire.scram;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trunkline.wire.ProtocolViolation;
import dev.trunkline.wire.SqlState;
import java.util.Base64;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScramServerTest {
    private static final byte[] SALT = Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ==");
    private static final ScramSecret PENCIL = ScramSecret.derive("pencil", SALT, 4096);

    // RFC 7677 section 3
    private static final String SERVER_NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private static final String NONCE = "rOprNGfwEbeRWgbNEkqO" + SERVER_NONCE;
    private static final String CLIENT_FIRST = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
    private static final String SERVER_FIRST = "r=" + NONCE + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    private static final String PROOF = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    private static final String CLIENT_FINAL = "c=biws,r=" + NONCE + ",p=" + PROOF;
    private static final String SERVER_FINAL = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    @Test
    void exchange_vectorOfTheRfc() {
        ScramServer server = new ScramServer(PENCIL, SERVER_NONCE);
        assertThat(new String(server.first(CLIENT_FIRST.getBytes(US_ASCII)), US_ASCII))
                .isEqualTo(SERVER_FIRST);
        assertThat(server.last(CLIENT_FINAL.getBytes(US_ASCII)))
                .isInstanceOfSatisfying(ScramResult.Accepted.class, accepted -> {
                    assertThat(new String(accepted.serverFinal(), US_ASCII)).isEqualTo(SERVER_FINAL);
                    assertThat(ScramMath.sha256(accepted.clientKey())).isEqualTo(PENCIL.storedKey());
                });
    }

    @Test
    void last_wrongProof() { // Hazard S14: compared by MessageDigest.isEqual
        byte[] proof = Base64.getDecoder().decode(PROOF);
        for (int bit = 0; bit < proof.length * 8; bit += 37) {
            byte[] wrong = proof.clone();
            wrong[bit / 8] ^= (byte) (1 << bit % 8);
            String text = Base64.getEncoder().encodeToString(wrong);
            assertThat(begun(PENCIL).last(bytes(CLIENT_FINAL.replace(PROOF, text))))
                    .isEqualTo(new ScramResult.Refused());
        }
    }

    @Test
    void last_userWhoDoesNotExist_sameMessagesAndRefused() {
        ScramSecret mock = ScramSecret.mock("nobody", new byte[] {1}, 4096);
        ScramServer server = new ScramServer(mock, SERVER_NONCE);
        String first = new String(server.first(bytes(CLIENT_FIRST)), US_ASCII);
        assertThat(first)
                .hasSameSizeAs(SERVER_FIRST)
                .startsWith("r=" + NONCE + ",s=")
                .endsWith(",i=4096");
        assertThat(server.last(bytes(CLIENT_FINAL))).isEqualTo(new ScramResult.Refused());
    }

    @Test
    void first_nonceOfTheServerIsRandomAndPrintable() {
        SplittableRandom random = new SplittableRandom(1);
        String one = nonce(new ScramServer(PENCIL, random));
        String two = nonce(new ScramServer(PENCIL, random));
        assertThat(one).isNotEqualTo(two).hasSize("rOprNGfwEbeRWgbNEkqO".length() + 24);
        assertThat(one).matches("[\\x21-\\x7e&&[^,]]+");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"n,,n=,r=abc", "y,,n=*,r=abc", "n,,n=somebody else,r=abc,x=extension,Z=", "n,,n=\u00e9=2C,r=abc"
            })
    void first_whatIsAccepted(String message) {
        ScramServer server = new ScramServer(PENCIL, "def");
        assertThat(new String(server.first(message.getBytes(UTF_8)), US_ASCII)).startsWith("r=abcdef,s=");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|The message is empty.",
                "p=tls-unique,,n=,r=abc|The client selected SCRAM-SHA-256 without channel binding, but the SCRAM message"
                        + " includes channel binding data.",
                "x,,n=,r=abc|Unexpected channel-binding flag \"x\".",
                "é,,n=,r=abc|Unexpected channel-binding flag \"0xe9\".",
                "n|Comma expected, but found character \"0x00\".",
                "n;|Comma expected, but found character \";\".",
                "n,|Unexpected attribute \"0x00\" in client-first-message.",
                "n,b=x,n=,r=abc|Unexpected attribute \"b\" in client-first-message.",
                "n,,|Expected attribute \"n\" but found \"0x00\".",
                "n,,r=abc|Expected attribute \"n\" but found \"r\".",
                "n,,n|Expected character \"=\" for attribute \"n\".",
                "n,,n=|Expected attribute \"r\" but found \"0x00\".",
                "n,,n=,r|Expected character \"=\" for attribute \"r\".",
                "n,,n=,r=|The nonce has 0 characters.",
                "n,,n=,r=abc,1=x|Attribute expected, but found invalid character \"1\".",
                "n,,n=,r=abc,,|Attribute expected, but found invalid character \",\".",
                "n,,n=,r=abc,x|Expected character \"=\" for attribute \"x\".",
                "n,,n=,r=abc,[=|Attribute expected, but found invalid character \"[\".",
                "n,,n=,r=abc,{=|Attribute expected, but found invalid character \"{\".",
                "n,,n=,r=abc,@=|Attribute expected, but found invalid character \"@\"."
            })
    void first_malformed(String message, String detail) { // Hazard S1
        assertThatThrownBy(() -> new ScramServer(PENCIL, "def").first(message.getBytes(ISO_8859_1)))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessage("malformed SCRAM message (" + detail + ")")
                .satisfies(e ->
                        assertThat(((ProtocolViolation) e).toError().detail()).isEqualTo(detail));
    }

    @Test
    void first_aNulInTheMessage() { // Hazard S1
        assertThatThrownBy(() -> new ScramServer(PENCIL, "def").first(bytes("n,,n=,r=abc\0")))
                .hasMessage("malformed SCRAM message (Message length does not match input length.)");
    }

    @Test
    void first_nonceOfHostileLength() { // Hazard S1
        String longest = "n,,n=,r=" + "x".repeat(ScramServer.MAX_NONCE);
        assertThat(new ScramServer(PENCIL, "def").first(bytes(longest))).isNotEmpty();
        assertThatThrownBy(() -> new ScramServer(PENCIL, "def").first(bytes(longest + "x")))
                .hasMessage("malformed SCRAM message (The nonce has 1025 characters.)");
        assertThatThrownBy(() -> new ScramServer(PENCIL, "def").first(bytes("n,,n=,r=" + "x".repeat(65_000))))
                .isInstanceOf(ProtocolViolation.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "\u00e9", "\u0001", "\u007f"})
    void first_nonceThatIsNotPrintable(String nonce) {
        assertThatThrownBy(() -> new ScramServer(PENCIL, "def").first(("n,,n=,r=" + nonce).getBytes(ISO_8859_1)))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessage("non-printable characters in SCRAM nonce");
    }

    @Test
    void first_whatIsNotSupported() {
        assertThatThrownBy(() -> new ScramServer(PENCIL, "def").first(bytes("n,a=other,n=,r=abc")))
                .hasMessage("client uses authorization identity, but it is not supported")
                .satisfies(e -> assertThat(((ProtocolViolation) e).state()).isEqualTo(SqlState.FEATURE_NOT_SUPPORTED));
        assertThatThrownBy(() -> new ScramServer(PENCIL, "def").first(bytes("n,,m=x,n=,r=abc")))
                .hasMessage("client requires an unsupported SCRAM extension");
    }

    @Test
    void last_extensionsBeforeTheProofAreSigned() {
        String message = CLIENT_FINAL.replace(",p=", ",x=y,p=");
        assertThat(begun(PENCIL).last(bytes(message)))
                .as("the proof does not cover it")
                .isEqualTo(new ScramResult.Refused());
    }

    @Test
    void last_malformed() { // Hazard S1
        String head = "c=biws,r=" + NONCE;
        malformedLast("", "The message is empty.");
        malformedLast("r=x", "Expected attribute \"c\" but found \"r\".");
        malformedLast("c=biws", "Expected attribute \"r\" but found \"0x00\".");
        malformedLast(head, "Attribute expected, but found end of string.");
        malformedLast(head + ",", "Attribute expected, but found end of string.");
        malformedLast(head + ",x=y", "Attribute expected, but found end of string.");
        malformedLast(head + ",p", "Expected character \"=\" for attribute \"p\".");
        malformedLast(head + ",p=", "Malformed proof in client-final-message.");
        malformedLast(head + ",p=AAAA", "Malformed proof in client-final-message.");
        malformedLast(head + ",p=!!!!", "Malformed proof in client-final-message.");
        malformedLast(head + ",p=" + "A".repeat(60_000), "Malformed proof in client-final-message.");
        malformedLast(CLIENT_FINAL + ",x=y", "Garbage found at the end of client-final-message.");
    }

    @Test
    void last_doesNotContinueTheExchange() {
        assertThatThrownBy(() -> begun(PENCIL).last(bytes(CLIENT_FINAL.replace(SERVER_NONCE, "x"))))
                .hasMessage("invalid SCRAM response (Nonce does not match.)");
        String binding = "unexpected SCRAM channel-binding attribute in client-final-message";
        assertThatThrownBy(() -> begun(PENCIL).last(bytes(CLIENT_FINAL.replace("biws", "eSws"))))
                .hasMessage(binding);
        ScramServer y = new ScramServer(PENCIL, SERVER_NONCE);
        y.first(bytes(CLIENT_FIRST.replace("n,,", "y,,")));
        assertThatThrownBy(() -> y.last(bytes(CLIENT_FINAL))).hasMessage(binding);
    }

    @Test
    void order_isKept() {
        ScramServer server = new ScramServer(PENCIL, SERVER_NONCE);
        assertThatThrownBy(() -> server.last(bytes(CLIENT_FINAL))).isInstanceOf(IllegalStateException.class);
        server.first(bytes(CLIENT_FIRST));
        assertThatThrownBy(() -> server.first(bytes(CLIENT_FIRST))).isInstanceOf(IllegalStateException.class);
    }

    private static void malformedLast(String message, String detail) {
        assertThatThrownBy(() -> begun(PENCIL).last(bytes(message)))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessage("malformed SCRAM message (" + detail + ")");
    }

    private static ScramServer begun(ScramSecret secret) {
        ScramServer server = new ScramServer(secret, SERVER_NONCE);
        server.first(bytes(CLIENT_FIRST));
        return server;
    }

    private static String nonce(ScramServer server) {
        String first = new String(server.first(bytes(CLIENT_FIRST)), US_ASCII);
        return first.substring(2, first.indexOf(','));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(US_ASCII);
    }
}
