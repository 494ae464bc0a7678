package dev.trunkline.server.application;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Messages whose frame is in order and whose body is not: answered as by PostgreSQL itself, and the session goes on. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class MalformedBodyTest {
    private final String database = TestPostgres.get().createDatabase("malformed");
    private TestProxy proxy;

    @BeforeAll
    void start() {
        proxy = TestProxy.before(TestPostgres.get(), database)
                .database(database, "pool_size: 1")
                .database("session", "dbname: " + database + ", pool_mode: session")
                .start();
    }

    @AfterAll
    void stop() {
        proxy.close();
    }

    static Stream<Arguments> bodies() {
        byte[] parse = Frames.string("SELECT 1");
        return Stream.of(
                Arguments.of(
                        "more than a Parse",
                        Frames.frame('P', Frames.string("s"), parse, Frames.int16(0), new byte[1])),
                Arguments.of("less than a Parse", Frames.frame('P', Frames.string(""), parse, Frames.int16(1))),
                Arguments.of("a Parse without an end", Frames.frame('P', "s".getBytes(UTF_8))),
                Arguments.of("an empty Parse", Frames.frame('P')),
                Arguments.of("a Describe of nothing that there is", Frames.describe('X', "s")),
                Arguments.of("more than a Describe", Frames.frame('D', "S\0x".getBytes(UTF_8))),
                Arguments.of("an empty Describe", Frames.frame('D')),
                Arguments.of("a Close of nothing that there is", Frames.close('X', "s")),
                Arguments.of("a Close without an end", Frames.frame('C', "Ss".getBytes(UTF_8))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bodies")
    void body_isRefusedAsByPostgres(String what, byte[] frame) {
        List<String> direct = answers(RawClient.login(TestPostgres.get().port(), database), frame);
        assertThat(direct.getFirst()).contains("08P01");
        assertThat(answers(proxy.rawClient(database), frame)).isEqualTo(direct);
        assertThat(answers(proxy.rawClient("session"), frame)).isEqualTo(direct);
    }

    /** What it is answered with alone, within a batch, in a transaction, and what comes behind each. */
    private static List<String> answers(RawClient client, byte[] frame) {
        try (client) {
            client.send(frame, Frames.parse("s", "SELECT 2"), Frames.query("SELECT 3"), Frames.sync());
            String alone = told(client);
            client.send(
                    Frames.parse("t", "SELECT 4"),
                    Frames.bind("", "t", new String[0]),
                    frame,
                    Frames.execute("", 0),
                    Frames.sync());
            String within = told(client);
            client.query("BEGIN");
            client.send(frame, Frames.sync());
            String inside = told(client);
            client.query("ROLLBACK");
            client.send(
                    Frames.bind("", "t", new String[0]),
                    Frames.describe('P', ""),
                    Frames.execute("", 0),
                    Frames.sync());
            return List.of(alone, within, inside, told(client));
        }
    }

    private static String told(RawClient client) {
        List<Message> answer = client.readToReady();
        Map<Character, String> error = answer.stream()
                .filter(message -> message.type() == 'E')
                .findFirst()
                .map(Message::fields)
                .orElse(Map.of());
        return Message.types(answer) + answer.getLast().status() + error.get('S') + error.get('C') + error.get('M');
    }
}
