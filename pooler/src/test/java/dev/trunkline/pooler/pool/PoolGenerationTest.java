package dev.trunkline.pooler.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.pool.FakeConnector.Connection;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PoolGenerationTest {
    private final PoolFixture fixture = new PoolFixture();
    private final Pool<Connection> pool = fixture.pool;
    private final FakeConnector server = fixture.server;
    private final FakeConnector newServer = new FakeConnector("b");
    private final FakeLoop loop = fixture.loop;

    @Test
    void retarget_closesTheIdleNowAndTheLentWhenTheyComeBack() {
        fixture.openIdle(2);
        Lease<Connection> lent = fixture.acquire();
        pool.retarget(newServer);
        assertThat(server.closed).hasSize(1);
        assertThat(lent.state()).isEqualTo(LeaseState.LENT);
        assertThat(lent.generation()).isLessThan(pool.generation());
        pool.release(lent);
        assertThat(lent.connection().closed).isEqualTo(CloseReason.RETARGETED);
        assertThat(pool.stats().closed(CloseReason.RETARGETED)).isEqualTo(2);
    }

    @Test
    void retarget_keepsTheLineAndServesItFromTheNewServer() {
        Lease<Connection> one = fixture.open();
        Lease<Connection> two = fixture.open();
        FakeClient first = fixture.await("first");
        FakeClient second = fixture.await("second");
        pool.retarget(newServer);
        assertThat(newServer.connects).isEmpty();
        pool.release(one);
        newServer.accept();
        loop.drain();
        assertThat(first.lease().connection().server).isSameAs(newServer);
        assertThat(second.isWaiting()).isTrue();
        pool.release(two);
        newServer.accept();
        loop.drain();
        assertThat(second.lease().connection().server).isSameAs(newServer);
    }

    @Test
    void retarget_isNotHeldUpByConnectsThatHang() {
        FakeClient one = fixture.await("one");
        FakeClient two = fixture.await("two");
        ConnectResult<Connection> hanging = server.connects.getFirst();
        pool.retarget(newServer);
        assertThat(hanging.isWanted()).isFalse();
        assertThat(newServer.connects).hasSize(2);
        newServer.acceptAll();
        loop.drain();
        assertThat(one.grants).hasSize(1);
        assertThat(two.grants).hasSize(1);
        Connection late = server.accept();
        assertThat(late.closed).isEqualTo(CloseReason.RETARGETED);
        server.refuse(ConnectFailure.failWaiters("too late"));
        assertThat(pool.stats().lent()).isEqualTo(2);
        assertThat(pool.stats().connectFailures()).isZero();
        assertThat(pool.stats().opened()).isEqualTo(2);
    }

    @Test
    void retarget_triesTheNewServerAtOnceThoughTheOldOneRefused() {
        FakeClient client = fixture.await("one");
        server.refuse(ConnectFailure.retry("connection refused"));
        pool.retarget(newServer);
        newServer.accept();
        loop.drain();
        assertThat(client.grants).hasSize(1);
    }

    @Test
    void evict_replacesConnectionsOfTheSameServer() {
        fixture.openIdle(2);
        Lease<Connection> lent = fixture.acquire();
        pool.evict(CloseReason.EVICTED);
        assertThat(server.closed).hasSize(1);
        FakeClient client = fixture.await("one");
        Connection fresh = server.accept();
        loop.drain();
        assertThat(client.lease().connection()).isSameAs(fresh);
        pool.release(lent);
        assertThat(lent.connection().closed).isEqualTo(CloseReason.EVICTED);
        pool.release(client.lease());
        assertThat(fresh.closed).isNull();
    }

    @Test
    void evict_closesConnectsUnderWayWhenTheyArriveAndCountsThemUntilThen() {
        FakeClient one = fixture.await("one");
        fixture.await("two");
        pool.evict(CloseReason.EVICTED);
        assertThat(pool.stats().connecting()).isEqualTo(2);
        assertThat(server.connects).hasSize(2);
        assertThat(server.accept().closed).isEqualTo(CloseReason.EVICTED);
        assertThat(server.connects).hasSize(2);
        server.refuse(ConnectFailure.failWaiters("of an older generation"));
        assertThat(one.isWaiting()).isTrue();
        server.acceptAll();
        loop.drain();
        assertThat(one.grants).hasSize(1);
    }

    @Test
    void evict_closesAConnectionThatIsChecked() {
        fixture.reconfigure(_ ->
                new PoolConfig(2, 0, PoolConfig.Order.LIFO, Long.MAX_VALUE, 0, TimeUnit.SECONDS.toNanos(30), 0, 1));
        fixture.openIdle(2);
        loop.pass(30, TimeUnit.SECONDS);
        pool.housekeep();
        assertThat(pool.stats().checking()).isEqualTo(1);
        server.onClose = () -> pool.forEachLease(lease -> pool.discard(lease, CloseReason.DIRTY));
        pool.evict(CloseReason.EVICTED);
        assertThat(server.closed).hasSize(2);
        server.checks.remove().result().alive();
        assertThat(pool.stats().open()).isZero();
    }

    @Test
    void retarget_whileAConnectorClosesMayBeCalledAgain() {
        FakeConnector newest = new FakeConnector("c");
        fixture.openIdle(2);
        server.onClose = () -> {
            if (pool.generation() == 1) {
                pool.retarget(newest);
            }
        };
        pool.retarget(newServer);
        assertThat(server.closed).hasSize(2);
        FakeClient client = fixture.await("one");
        assertThat(newServer.connects).isEmpty();
        newest.accept();
        loop.drain();
        assertThat(client.grants).hasSize(1);
    }

    @Test
    void tryAcquire_whileOldConnectionsAreBeingClosedLendsNoneOfThem() {
        fixture.openIdle(2);
        server.onClose = () -> assertThat(pool.tryAcquire()).isNull();
        pool.retarget(newServer);
        assertThat(server.closed).hasSize(2);
        assertThat(pool.isQuiet()).isTrue();
    }
}
