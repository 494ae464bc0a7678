package dev.trunkline.server.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.server.config.PoolMode;
import dev.trunkline.server.testing.Frames;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two clients of a pool of one connection. {@link ClientSessionTest} has the waits for answers. */
class StallTest {
    private final FakeHome home = new FakeHome();
    private final FakeClient client = new FakeClient(home, PoolMode.TRANSACTION, Parameters.NONE);
    private final FakeClient other = new FakeClient(home, PoolMode.TRANSACTION, Parameters.NONE);

    @AfterEach
    void close() {
        client.close();
        other.close();
    }

    private void otherBegins() {
        other.sends(Frames.query("BEGIN"));
        other.serverSends(FakeClient.complete("BEGIN"), FakeClient.ready('T'));
        assertThat(other.serverGot()).isEqualTo("Q");
    }

    private void otherCommits() {
        other.sends(Frames.query("COMMIT"));
        assertThat(other.serverGot()).isEqualTo("Q");
        other.serverSends(FakeClient.complete("COMMIT"), FakeClient.ready('I'));
    }

    @Test
    void frameWithoutAServer_holdsBackWhatComesBehindIt() {
        otherBegins();
        client.sends(Frames.query("SELECT 1"));
        assertThat(client.isRead()).as("most clients send nothing now").isTrue();
        client.sends(Frames.query("SELECT 2"));
        assertThat(client.isRead()).isFalse();
        assertThat(client.serverGot()).isEmpty();

        otherCommits();

        assertThat(client.serverGot()).isEqualTo("QQ");
        assertThat(client.isRead()).isTrue();
    }

    @Test
    void waitThatIsCancelled_isRefusedAndWhatComesBehindItWaitsInItsPlace() {
        otherBegins();
        client.sends(Frames.query("SELECT 1"));
        client.sends(Frames.query("SELECT 2"), Frames.query("SELECT 3"));

        client.channel.pipeline().get(ClientSession.class).cancel();

        assertThat(client.got()).isEqualTo("EZ");
        otherCommits();
        assertThat(client.serverGot()).isEqualTo("QQ");
    }

    @Test
    void effectsOfAFrameThatWaited_areThoseOfNoOther() {
        otherBegins();
        client.sends(Frames.query("SET work_mem = '1MB'"));
        client.channel.pipeline().get(ClientSession.class).cancel();
        assertThat(client.got()).isEqualTo("EZ");
        otherCommits();

        client.sends(Frames.query("SELECT 1"));
        client.serverSends(FakeClient.complete("SELECT 1"), FakeClient.ready('I'));

        assertThat(client.serverGot()).as("without a question for settings").isEqualTo("Q");
    }

    // Hazard D5
    @Test
    void questionOfTheProxy_waitsForTheEndOfAFrameThatWasSentInPart() {
        byte[] stray = Frames.frame('f', "no more\0".getBytes(UTF_8));
        client.sends(Frames.query("SET default_transaction_read_only = on"), Arrays.copyOf(stray, 8));
        client.serverSends(FakeClient.complete("SET"), FakeClient.ready('I'));
        client.sends(Arrays.copyOfRange(stray, 8, stray.length));

        assertThat(client.serverGot()).as("the question behind the frame").isEqualTo("QfQ");
    }

    // Hazard D6
    @Test
    void nameThatABatchBehindACopyWasToDefine_waitsUntilThatIsAnswered() {
        client.sends(Frames.query("COPY t FROM STDIN"));
        client.serverSends(Frames.frame('G', new byte[] {0, 0, 0}));
        client.sends(Frames.copyDone(), Frames.parse("", "'"), Frames.parse("s", "SELECT 1"), Frames.sync());
        assertThat(client.serverGot()).isEqualTo("QcPPS");

        client.sends(Frames.bind("", "s", new String[0]));
        assertThat(client.serverGot())
                .as("it is not known whether there is an s")
                .isEmpty();
        client.serverSends(FakeClient.complete("COPY 0"), FakeClient.ready('I'));
        assertThat(client.serverGot()).isEmpty();
        client.serverSends(FakeClient.error("42601"), FakeClient.ready('I'));

        assertThat(client.serverGot()).isEqualTo("B");
    }

    @Test
    void frameBehindAChangeOfRoute_waitsUntilTheServerHasToldWhere() {
        client.sends(Frames.query("SET default_transaction_read_only = on"));
        client.serverSends(FakeClient.complete("SET"), FakeClient.ready('I'));
        assertThat(client.serverGot()).as("and a question").isEqualTo("QQ");

        client.sends(Frames.query("SELECT 1"));
        assertThat(client.serverGot()).isEmpty();
        assertThat(client.isRead()).as("it will not last").isTrue();

        byte[] row = Frames.frame('D', Frames.int16(1), Frames.int32(4), "6f6e".getBytes(UTF_8));
        client.serverSends(row, FakeClient.complete("SELECT 1"), FakeClient.ready('I'));
        assertThat(client.serverGot()).isEqualTo("Q");
    }
}
