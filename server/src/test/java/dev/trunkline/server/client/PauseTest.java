package dev.trunkline.server.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.server.config.PoolMode;
import dev.trunkline.server.testing.Frames;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A client whose database is paused. */
class PauseTest {
    private final FakeHome home = new FakeHome();
    private FakeClient client = new FakeClient(home, PoolMode.TRANSACTION, Parameters.NONE);

    @AfterEach
    void close() {
        client.close();
    }

    private void query(String sql, String tag, char status) {
        client.sends(Frames.query(sql));
        client.serverSends(FakeClient.complete(tag), FakeClient.ready(status));
        client.serverGot();
        client.got();
    }

    @Test
    void transactionThatIsNew_waitsForTheEndOfThePause() {
        query("SELECT 1", "SELECT 1", 'I');
        client.pause();
        client.sends(Frames.query("SELECT 2"));
        assertThat(client.serverGot()).isEmpty();
        assertThat(client.session().isWaiting()).isTrue();
        assertThat(client.session().hold().isBusy()).isFalse();

        client.resume();

        assertThat(client.serverGot()).isEqualTo("Q");
        assertThat(client.session().hold().isBusy()).isTrue();
    }

    @Test
    void transactionThatRuns_goesOnToItsEnd() {
        query("BEGIN", "BEGIN", 'T');
        client.pause();
        client.sends(Frames.query("COMMIT"));
        assertThat(client.serverGot()).isEqualTo("Q");
        client.serverSends(FakeClient.complete("COMMIT"), FakeClient.ready('I'));

        assertThat(client.got()).isEqualTo("CZ");
        assertThat(client.session().hold().isBusy()).isFalse();
    }

    @Test
    void connectionThatIsKept_isUsedAgainAfterThePause() {
        client.close();
        client = new FakeClient(home, PoolMode.SESSION, Parameters.NONE);
        query("SELECT 1", "SELECT 1", 'I');
        client.pause();
        client.sends(Frames.query("SELECT 2"));
        assertThat(client.serverGot()).isEmpty();
        assertThat(client.session().hold().isBusy()).isFalse();

        client.resume();

        assertThat(client.serverGot()).isEqualTo("Q");
    }

    // Hazard R7
    @Test
    void leaderThatMovesMeanwhile_isGivenWhatWaits() {
        query("SELECT 1", "SELECT 1", 'I');
        client.pause();
        client.sends(Frames.query("SELECT 2"));
        client.seesLeader(null);
        client.seesLeader(FakeHome.SECOND);
        assertThat(home.servers).as("none is opened meanwhile").hasSize(1);

        client.resume();

        assertThat(home.servers).hasSize(2);
        assertThat(client.serverGot()).isEqualTo("Q");
    }

    // Hazard R7
    @Test
    void pauseWithinASwitchover_endsWithTheLaterOfTheTwo() {
        query("SELECT 1", "SELECT 1", 'I');
        client.hold();
        client.pause();
        client.sends(Frames.query("SELECT 2"));
        client.resume();
        assertThat(client.serverGot()).as("the switchover goes on").isEmpty();
        client.pause();
        client.release();
        assertThat(client.serverGot()).as("the pause goes on").isEmpty();

        client.resume();

        assertThat(client.serverGot()).isEqualTo("Q");
    }

    @Test
    void connectionsThatAreIdle_areClosedWhenAllIsAtRest() {
        query("SELECT 1", "SELECT 1", 'I');
        client.pause();
        home.pools().evict();
        assertThat(client.server().isOpen()).isFalse();

        client.sends(Frames.query("SELECT 2"));
        assertThat(home.servers).hasSize(1);
        client.resume();

        assertThat(home.servers).hasSize(2);
        assertThat(client.serverGot()).isEqualTo("Q");
    }
}
