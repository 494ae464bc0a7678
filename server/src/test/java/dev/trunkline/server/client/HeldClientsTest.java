package dev.trunkline.server.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.server.config.PoolMode;
import dev.trunkline.server.testing.Frames;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several clients of one pool while nobody there is served. */
class HeldClientsTest {
    private final FakeHome home = new FakeHome();
    private final FakeClient first = new FakeClient(home, PoolMode.TRANSACTION, Parameters.NONE);
    private final FakeClient second = new FakeClient(home, PoolMode.TRANSACTION, Parameters.NONE);
    private final FakeClient third = new FakeClient(home, PoolMode.TRANSACTION, Parameters.NONE);

    @AfterEach
    void close() {
        first.close();
        second.close();
        third.close();
    }

    @Test
    void clientsBeyondTheMost_areNotLetWaitWhileNewTransactionsAreHeld() {
        home.mostHeld = 2;
        first.hold();
        first.sends(Frames.query("SELECT 1"));
        second.sends(Frames.query("SELECT 2"));
        third.sends(Frames.query("SELECT 3"));
        home.expire();
        assertThat(third.got()).isEqualTo("EZ");
        assertThat(first.session().isWaiting() && second.session().isWaiting()).isTrue();
        assertThat(home.pools().heldClients()).isEqualTo(2);
        assertThat(home.pools().refusedClients()).isEqualTo(1);

        third.sends(Frames.extended("SELECT 3"));
        home.expire();
        assertThat(third.got()).as("one error for the batch").isEqualTo("EZ");
        first.release();
        assertThat(first.serverGot()).isEqualTo("Q");
        assertThat(home.pools().heldClients()).isZero();
    }

    @Test
    void clientThatHasLeftTheLine_makesRoomForAnother() {
        home.mostHeld = 1;
        first.hold();
        first.sends(Frames.query("SELECT 1"));
        first.dies();
        second.sends(Frames.query("SELECT 2"));
        home.expire();
        assertThat(second.session().isWaiting()).isTrue();
        assertThat(home.pools().refusedClients()).isZero();
    }

    @Test
    void clientsThatWaitForAFullPool_areNotCounted() {
        home.mostHeld = 1;
        first.sends(Frames.query("SELECT 1"));
        second.sends(Frames.query("SELECT 2"));
        third.sends(Frames.query("SELECT 3"));
        home.expire();
        assertThat(second.session().isWaiting() && third.session().isWaiting()).isTrue();
        assertThat(home.pools().heldClients()).isZero();
    }
}
