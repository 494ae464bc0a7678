package dev.trunkline.wire.scram;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.trunkline.wire.ProtocolViolation;

/** Hazard S1: whatever a client sends in the exchange is refused or a violation, and nothing else. */
class ScramFuzzTest {
    private static final ScramSecret SECRET = ScramSecret.mock("nobody", new byte[] {1}, 4096);

    /** Up to the first newline the first message, behind it the last; "$" there stands for the nonce. */
    @FuzzTest(maxDuration = "60s")
    void exchange(byte[] data) {
        String text = new String(data, ISO_8859_1);
        int newline = text.indexOf('\n');
        String first = newline < 0 ? text : text.substring(0, newline);
        String last = newline < 0 ? "" : text.substring(newline + 1);
        ScramServer server = new ScramServer(SECRET, "def");
        try {
            String answer = new String(server.first(first.getBytes(ISO_8859_1)), US_ASCII);
            String nonce = answer.substring(2, answer.indexOf(','));
            ScramResult result = server.last(last.replace("$", nonce).getBytes(ISO_8859_1));
            assertThat(result).isInstanceOf(ScramResult.Refused.class);
        } catch (ProtocolViolation e) {
            assertThat(e.toError().message()).isNotEmpty();
        }
        parse(text);
    }

    private static void parse(String text) {
        try {
            assertThat(ScramSecret.parse(text).format()).startsWith("SCRAM-SHA-256$");
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessage("malformed SCRAM-SHA-256 secret");
        }
    }
}
