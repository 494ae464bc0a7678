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
import org.junit.jupiter.api.Test;
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
                Arguments.of("a Close without an end", Frames.frame('C', "Ss".getBytes(UTF_8))),
                Arguments.of("an empty Bind", Frames.frame('B')),
                Arguments.of("a Bind without an end of its portal", Frames.frame('B', "p".getBytes(UTF_8))),
                Arguments.of("a Bind without an end of its statement", Frames.frame('B', "p\0s".getBytes(UTF_8))),
                Arguments.of("an Execute without an end", Frames.frame('E', "p".getBytes(UTF_8))),
                Arguments.of("less than an Execute", Frames.frame('E', Frames.string(""), new byte[3])),
                Arguments.of("a Flush with a body", Frames.frame('H', new byte[1])));
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

    /** What stands in front of a Sync with a body, and behind it. */
    static Stream<Arguments> syncs() {
        byte[] sync = Frames.frame('S', new byte[1]);
        byte[] batch = Frames.concat(Frames.bind("", "", new String[0]), Frames.execute("", 0));
        return Stream.of(
                Arguments.of("alone", sync, Frames.query("SELECT 1")),
                Arguments.of(
                        "behind what it undoes",
                        Frames.concat(Frames.parse("", "CREATE TABLE undone ()"), batch, sync, Frames.sync()),
                        Frames.query("SELECT count(*) FROM pg_class WHERE relname = 'undone'")),
                Arguments.of(
                        "behind a setting",
                        Frames.concat(Frames.parse("", "SET application_name = 'undone'"), batch, sync),
                        Frames.query("SHOW application_name")),
                Arguments.of(
                        "in a transaction",
                        Frames.concat(Frames.query("BEGIN"), sync, Frames.query("SELECT 1")),
                        Frames.query("ROLLBACK")),
                Arguments.of(
                        "behind an error",
                        Frames.concat(Frames.parse("", "SELEC"), batch, Frames.frame('H', new byte[1]), sync),
                        Frames.extended("SELECT 1")),
                Arguments.of(
                        "behind what is refused",
                        Frames.concat(Frames.frame('P'), batch, sync),
                        Frames.extended("SELECT 1")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("syncs")
    void syncWithABody_isRefusedAndEndsTheBatchAsByPostgres(String where, byte[] front, byte[] behind) {
        List<String> direct = answersToAll(RawClient.login(TestPostgres.get().port(), database), front, behind);
        assertThat(direct.toString()).contains("08P01");
        assertThat(answersToAll(proxy.rawClient(database), front, behind)).isEqualTo(direct);
        assertThat(answersToAll(proxy.rawClient("session"), front, behind)).isEqualTo(direct);
    }

    private static List<String> answersToAll(RawClient client, byte[] front, byte[] behind) {
        try (client) {
            client.send(front, behind, Frames.terminate());
            return client.readToEnd().stream().map(MalformedBodyTest::text).toList();
        }
    }

    private static String text(Message message) {
        return message.type()
                + switch (message.type()) {
                    case 'E' ->
                        message.fields().get('S')
                                + message.fields().get('C')
                                + message.fields().get('M');
                    case 'Z' -> String.valueOf(message.status());
                    case 'D' -> message.columns().toString();
                    default -> "";
                };
    }

    /** A server would look for a name where it ends, and find another client's unnamed statement. */
    @Test
    void bindWhosePortalIsLongerThanWhatIsRead_isRefusedAndReachesNoServer() {
        try (RawClient client = proxy.rawClient(database)) {
            byte[] bind = Frames.bind("p".repeat(1 << 20), "", new String[0]);
            client.query("BEGIN");
            client.send(Frames.parse("", "SELECT 1"), bind, Frames.execute("", 0), Frames.sync());
            List<Message> answer = client.readToReady();
            assertThat(Message.types(answer)).isIn("1EZ", "12EZ");
            client.query("ROLLBACK");
            assertThat(client.value("SELECT 'on'")).isEqualTo("on");
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
