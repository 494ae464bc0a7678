package dev.trunkline.server.application;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A text that is too long to be read is carried out all the same, whatever the proxy would like to know of it. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class LongTextTest {
    @ParameterizedTest
    @CsvSource({
        "off, pin",
        "explicit, pin",
        "auto, pin",
        "explicit, shared",
    })
    void textOfMoreThanAMebibyte_isCarriedOut(String routing, String listen) {
        String database = TestPostgres.get().createDatabase("long_text");
        try (TestProxy proxy = TestProxy.before(TestPostgres.get(), database)
                        .database(database, "read_routing: " + routing + ", listen: " + listen)
                        .start();
                RawClient client = proxy.rawClient(database)) {
            for (int length : new int[] {(1 << 20) - 20, 1 << 20, (1 << 20) + 100, 3 << 20}) {
                String text = "SELECT 1 --" + "x".repeat(length - 12);

                assertThat(Message.types(client.query(text))).isEqualTo("TDCZ");

                client.send(
                        Frames.parse("s" + length, text),
                        Frames.bind("", "s" + length, new String[0]),
                        Frames.execute("", 0),
                        Frames.sync());
                assertThat(Message.types(client.readToReady())).isEqualTo("12DCZ");
            }
            assertThat(proxy.console("SHOW PREPARED")).isNotEmpty();
        }
    }
}
