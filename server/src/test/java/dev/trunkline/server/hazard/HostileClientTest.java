package dev.trunkline.server.hazard;

import static dev.trunkline.server.testing.Frames.concat;
import static dev.trunkline.server.testing.Frames.extended;
import static dev.trunkline.server.testing.Frames.frame;
import static dev.trunkline.server.testing.Frames.head;
import static dev.trunkline.server.testing.Frames.int32;
import static dev.trunkline.server.testing.Frames.query;
import static dev.trunkline.server.testing.Frames.startup;
import static dev.trunkline.server.testing.Frames.string;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that send what no client should: each is told so and closed, and a client in a transaction beside it notices nothing. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class HostileClientTest {
    private static final String PROTOCOL_VIOLATION = "08P01";
    private static final int SSL_REQUEST = 80_877_103;
    private static final int GSSENC_REQUEST = 80_877_104;
    private static final String KNOWN = "QPBDECSHFdcfX";
    private static final int[] LENGTHS = {0, 3, -1, Integer.MIN_VALUE, Integer.MAX_VALUE};

    private final String database = TestPostgres.get().createDatabase("hostile");
    private final Map<String, String> me = Map.of("user", TestPostgres.USER, "database", database);
    private TestProxy proxy;
    private TestProxy trusting;
    private RawClient bystander;

    @BeforeAll
    void start() {
        proxy = TestProxy.before(TestPostgres.get(), database)
                .database(database, "pool_size: 2")
                .start();
        trusting = TestProxy.before(TestPostgres.get(), database)
                .database(database, "pool_size: 2")
                .global("auth_type: trust")
                .start();
        bystander = trusted();
        bystander.query("BEGIN");
    }

    @AfterEach
    void bystanderHasNoticedNothing() {
        List<Message> answer = bystander.query("SELECT 'undisturbed'");
        assertThat(Message.firstColumns(answer)).containsExactly("undisturbed");
        assertThat(answer.getLast().status()).isEqualTo('T');
    }

    @AfterAll
    void stop() {
        bystander.close();
        trusting.close();
        proxy.close();
    }

    // Hazard S16
    @Test
    void everythingByteByByte_isUnderstood() {
        try (RawClient client = proxy.rawClient()) {
            client.sendBytewise(Frames.sslRequest());
            assertThat(client.readByte()).isEqualTo('N');
            client.sendBytewise(startup(me));
            assertThat(client.read().type()).isEqualTo('R');
        }
        try (RawClient client = proxy.rawClient(database)) {
            client.sendBytewise(concat(query("SELECT 'simple'"), extended("SELECT $1::text", "extended")));
            assertThat(Message.firstColumns(client.readToReady())).containsExactly("simple");
            assertThat(Message.firstColumns(client.readToReady())).containsExactly("extended");
        }
    }

    // Hazard S7: as PostgreSQL does, also where it declines
    @ParameterizedTest
    @ValueSource(ints = {SSL_REQUEST, GSSENC_REQUEST})
    void bytesBehindARequestForEncryption_areRefusedAsByTheServer(int code) {
        List<List<Message>> ends = new ArrayList<>();
        for (int port :
                List.of(proxy.port(), trusting.port(), TestPostgres.get().port())) {
            try (RawClient client = RawClient.connect(port)) {
                client.send(int32(8), int32(code), startup(me));
                assertThat(client.readByte()).isEqualTo('N');
                ends.add(client.readToEnd());
            }
        }
        assertThat(ends).allSatisfy(end -> {
            assertThat(Message.types(end)).isEqualTo("E");
            assertThat(end.getFirst().fields())
                    .containsEntry('S', "FATAL")
                    .containsEntry('C', PROTOCOL_VIOLATION)
                    .containsEntry('M', ends.getLast().getFirst().fields().get('M'))
                    .containsEntry('D', ends.getLast().getFirst().fields().get('D'));
        });
    }

    // Hazards S16 and S17
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 4, 7, -1, Integer.MIN_VALUE, 1 << 20, Integer.MAX_VALUE})
    void startupPacketOfAnImpossibleLength_isRefused(int length) {
        try (RawClient client = proxy.rawClient()) {
            client.send(int32(length), int32(3 << 16), new byte[64]);
            isFatal(client.readToEnd(), "length " + length);
        }
    }

    // Hazard S9
    @ParameterizedTest
    @ValueSource(strings = {"user", "database", "application_name", "unknown"})
    void nameOf64Kilobytes_isRefused(String parameter) {
        try (RawClient client = proxy.rawClient()) {
            Map<String, String> parameters = new java.util.HashMap<>(me);
            parameters.put(parameter, "x".repeat(64 * 1024));
            client.send(startup(parameters));
            isFatal(client.readToEnd(), parameter);
        }
    }

    // Hazard S9
    @Test
    void databaseNameThatJustFits_isUnknown() {
        try (RawClient client = proxy.rawClient()) {
            List<Message> answer = client.login(
                    Map.of("user", TestPostgres.USER, "database", "d".repeat(9_000)), TestPostgres.PASSWORD);
            assertThat(Message.error(answer).fields().get('C')).isEqualTo("3D000");
        }
    }

    // Hazard S16
    @Test
    void passwordOf64Kilobytes_isRefused() {
        try (RawClient client = proxy.rawClient()) {
            client.send(startup(me));
            assertThat(client.read().type()).isEqualTo('R');
            client.send(frame('p', string("x".repeat(64 * 1024))));
            isFatal(client.readToEnd(), "password");
        }
    }

    // Hazard S1
    @Test
    void saslInitialResponseOfImpossibleLengths_isRefused() {
        for (int length : new int[] {0, -2, 5, 1 << 20, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            refusesWhileProving(
                    frame('p', string("SCRAM-SHA-256"), int32(length), "n,,n=,r=x".getBytes(UTF_8)),
                    "length " + length);
        }
        refusesWhileProving(frame('p', "SCRAM-SHA-256".getBytes(UTF_8)), "truncated mechanism");
        refusesWhileProving(frame('p', string("SCRAM-SHA-256"), new byte[] {0, 0}), "truncated length");
        refusesWhileProving(frame('p', string("SCRAM-SHA-1"), int32(0)), "another mechanism");
        refusesWhileProving(frame('p'), "nothing");
    }

    // Hazard S1
    @Test
    void scramFinalMessageThatIsNoSuch_isRefused() {
        byte[] first = "n,,n=,r=abcdefgh".getBytes(UTF_8);
        for (String last : List.of("", "c=", "c=biws,r=x,p=", "c=biws,r=abcdefgh,p=AAAA", "p=".repeat(1000), "\0\0")) {
            try (RawClient client = proxy.rawClient()) {
                client.send(startup(me));
                client.read();
                client.send(frame('p', string("SCRAM-SHA-256"), int32(first.length), first));
                assertThat(client.read().type()).isEqualTo('R');
                client.send(frame('p', last.getBytes(UTF_8)));
                Message error = Message.error(client.readToEnd());
                assertThat(error.fields()).as(last).containsEntry('S', "FATAL");
                assertThat(error.fields().get('C')).as(last).isIn(PROTOCOL_VIOLATION, "28P01");
            }
        }
    }

    private void refusesWhileProving(byte[] bytes, String what) {
        try (RawClient client = proxy.rawClient()) {
            client.send(startup(me));
            assertThat(client.read().type()).isEqualTo('R');
            client.send(bytes);
            isFatal(client.readToEnd(), what);
        }
    }

    // Hazard S17
    @Test
    void everyTypeWithAHostileLength_beforeLogin() {
        for (int type = 0; type < 256; type++) {
            int length = LENGTHS[type % LENGTHS.length];
            refusesWhileProving(head((char) type, length), "type " + type + ", length " + length);
        }
    }

    // Hazard S17
    @Test
    void everyTypeWithAHostileLength_afterLogin() {
        for (int type = 0; type < 256; type++) {
            refusesAfterLogin((char) type, LENGTHS[type % LENGTHS.length]);
        }
    }

    // Hazard S17
    @Test
    void knownTypesWithEachHostileLength_afterLogin() {
        for (int length : LENGTHS) {
            KNOWN.chars().forEach(type -> refusesAfterLogin((char) type, length));
        }
    }

    // Hazard S17
    @Test
    void lengthThatPostgresRefusesForItsType_isRefusedAtOnce() {
        "DCESHXcf".chars().forEach(type -> {
            refusesAfterLogin((char) type, 10_001);
            refusesAfterLogin((char) type, 0x3fff_ffff);
        });
    }

    // Hazard S17
    @Test
    void whatIsWholeInFrontOfABrokenMessage_isAnsweredFirst() {
        Map<String, byte[]> fronts = Map.of(
                "TDCZTDCZ", concat(query("SELECT 1"), query("SELECT pg_sleep(0.1)")),
                "12TDCZ", extended("SELECT 1"),
                "12DC",
                        concat(
                                Frames.parse("", "SELECT 1"),
                                Frames.bind("", "", new String[0]),
                                Frames.execute("", 0),
                                Frames.flush()),
                "EZ", query("SELEC"));
        List<byte[]> broken = List.of(head('Q', 3), head('D', 10_001), frame((char) 1), frame('p', string("x")));
        fronts.forEach((answer, front) -> broken.forEach(last -> {
            try (RawClient client = trusted()) {
                client.send(front, last);
                List<Message> all = client.readToEnd();
                isFatal(all, answer);
                assertThat(Message.types(all)).isEqualTo(answer + "E");
            }
        }));
    }

    private void refusesAfterLogin(char type, int length) {
        try (RawClient client = trusted()) {
            client.send(head(type, length));
            isFatal(client.readToEnd(), "type " + (int) type + ", length " + length);
        }
    }

    // Hazard S17
    @Test
    void unknownTypesOfAnHonestLength_areRefused() {
        for (int type = 0; type < 256; type++) {
            if (KNOWN.indexOf(type) < 0) {
                try (RawClient client = trusted()) {
                    client.send(frame((char) type, new byte[8]));
                    isFatal(client.readToEnd(), "type " + type);
                }
            }
        }
    }

    // Hazard S17
    @Test
    void truncatedBodies_areToldAndNobodyElseIsDisturbed() {
        for (byte[] body : List.of(new byte[] {1}, new byte[] {'S'}, new byte[] {'x', 'y', 'z'})) {
            "QPBDECSHF".chars().forEach(type -> tellsOfBody((char) type, body));
        }
        "QPBDECF".chars().forEach(type -> tellsOfBody((char) type, new byte[0]));
    }

    /** The proxy tells it where it reads the body, the server where it does not. */
    private void tellsOfBody(char type, byte[] body) {
        String what = type + " with " + body.length + " bytes";
        try (RawClient client = trusted()) {
            client.send(frame(type, body), Frames.sync());
            Message error = client.read();
            assertThat(error.type()).as(what).isEqualTo('E');
            assertThat(error.fields()).as(what).containsEntry('C', PROTOCOL_VIOLATION);
        }
    }

    // Hazards S16 and S17
    @Test
    void hostileLengthInATransaction_isRefusedAndTheTransactionUndone() {
        List<RawClient> clients = new ArrayList<>();
        for (int length : LENGTHS) {
            RawClient client = trusted();
            client.query("BEGIN");
            client.send(concat(query("SELECT 1"), head('Q', length)));
            List<Message> last = client.readToEnd();
            assertThat(Message.error(last).fields()).containsEntry('C', PROTOCOL_VIOLATION);
            clients.add(client);
        }
        try (RawClient next = trusted()) {
            assertThat(next.query("SELECT 1").getLast().status()).isEqualTo('I');
        }
        clients.forEach(RawClient::close);
    }

    /** Logged in without a proof, because there are many. */
    private RawClient trusted() {
        return RawClient.login(trusting.port(), database);
    }

    private static void isFatal(List<Message> messages, String what) {
        assertThat(messages).as(what).isNotEmpty();
        Message error = messages.getLast();
        assertThat(error.type()).as(what).isEqualTo('E');
        assertThat(error.fields()).as(what).containsEntry('S', "FATAL").containsEntry('C', PROTOCOL_VIOLATION);
        assertThat(error.fields().get('M')).as(what).isNotBlank();
    }
}
