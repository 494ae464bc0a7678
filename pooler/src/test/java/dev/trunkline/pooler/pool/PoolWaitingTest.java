package dev.trunkline.pooler.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.pool.FakeConnector.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PoolWaitingTest {
    private final PoolFixture fixture = new PoolFixture();
    private final Pool<Connection> pool = fixture.pool;
    private final FakeConnector server = fixture.server;
    private final FakeLoop loop = fixture.loop;

    @Test
    void await_endsWithTheNumbersOfThePoolWhenItsTimeIsUp() {
        fixture.open();
        fixture.open();
        FakeClient client = fixture.await("one", 500);
        fixture.await("two");
        loop.pass(499, TimeUnit.MILLISECONDS);
        assertThat(client.isWaiting()).isTrue();
        loop.pass(1, TimeUnit.MILLISECONDS);
        WaitFailure failure = client.failure();
        assertThat(failure.reason()).isEqualTo(WaitFailure.Reason.TIMEOUT);
        assertThat(failure.message())
                .isEqualTo("pool app: no connection became free in time"
                        + " (2 of 2 connections lent, 0 idle, 0 checking, 0 connecting, 2 waiting)");
        assertThat(failure.stats().lent()).isEqualTo(2);
        assertThat(failure.lastConnectFailure()).isNull();
        assertThat(client.waitedNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(500));
        assertThat(pool.stats().timeouts()).isEqualTo(1);
        assertThat(pool.stats().waiting()).isEqualTo(1);
    }

    @Test
    void await_withDifferentTimeoutsEndsEachWithinTenMilliseconds() {
        fixture.open();
        fixture.open();
        int[] millis = {5_000, 20, 300, 21, 1_000, 22, 7_200_000};
        List<FakeClient> clients = new ArrayList<>();
        for (int timeout : millis) {
            clients.add(fixture.await("after " + timeout, timeout));
        }
        loop.pass(3, TimeUnit.HOURS);
        for (int i = 0; i < millis.length; i++) {
            long late = clients.get(i).waitedNanos() - TimeUnit.MILLISECONDS.toNanos(millis[i]);
            assertThat(late).isBetween(0L, TimeUnit.MILLISECONDS.toNanos(10));
        }
        assertThat(loop.pendingTimers()).isZero();
    }

    @Test
    void await_servedInTimeSetsNoTimerEach() {
        fixture.openIdle(1);
        for (int i = 0; i < 1_000; i++) {
            fixture.await("client", 120_000).onGranted = pool::release;
            loop.drain();
        }
        assertThat(loop.timersSet()).isEqualTo(1);
    }

    // Hazard D11
    @Test
    void await_againAfterATimeoutIsAFreshWait() {
        Lease<Connection> lease = fixture.open();
        fixture.open();
        FakeClient client = fixture.await("one", 100);
        loop.pass(100, TimeUnit.MILLISECONDS);
        assertThat(client.failures).hasSize(1);
        loop.pass(1, TimeUnit.SECONDS);
        pool.await(client, TimeUnit.MILLISECONDS.toNanos(100));
        loop.pass(50, TimeUnit.MILLISECONDS);
        pool.release(lease);
        loop.pass(1, TimeUnit.SECONDS);
        assertThat(client.failures).hasSize(1);
        assertThat(client.grants).containsExactly(lease);
        assertThat(client.waitedNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(50));
    }

    // Hazard D11
    @Test
    void await_timedOutIsNotGrantedWhatArrivesLater() {
        FakeClient client = fixture.await("one", 100);
        loop.pass(100, TimeUnit.MILLISECONDS);
        server.accept();
        loop.drain();
        assertThat(client.grants).isEmpty();
        assertThat(pool.stats().idle()).isEqualTo(1);
        assertThat(pool.isQuiet()).isTrue();
    }

    @Test
    void housekeep_endsWaitsWhereNoTimerFired() {
        FakeClient client = fixture.await("one", 100);
        loop.jump(200, TimeUnit.MILLISECONDS);
        pool.housekeep();
        assertThat(client.failures).hasSize(1);
    }

    @Test
    void failed_mayCancelTheOthersWhoseTimeIsUp() {
        FakeClient one = fixture.await("one", 100);
        FakeClient two = fixture.await("two", 100);
        FakeClient three = fixture.await("three", 100);
        one.onFailed = () -> {
            assertThat(pool.stats().waiting()).isEqualTo(2);
            assertThat(pool.cancel(two)).isTrue();
        };
        loop.pass(100, TimeUnit.MILLISECONDS);
        assertThat(two.failures).isEmpty();
        assertThat(two.isWaiting()).isFalse();
        assertThat(three.failures).hasSize(1);
    }

    @Test
    void failed_mayWaitAgainAndIsAnsweredAgain() {
        FakeClient client = fixture.await("one", 100);
        client.onFailed = () -> {
            if (client.failures.size() < 3) {
                pool.await(client, TimeUnit.MILLISECONDS.toNanos(100));
            }
        };
        loop.pass(1, TimeUnit.SECONDS);
        assertThat(client.failures).hasSize(3);
    }

    @Test
    void close_failsThoseWhoWaitAndClosesWhatIsIdle() {
        Lease<Connection> lent = fixture.open();
        Lease<Connection> other = fixture.open();
        pool.release(other);
        FakeClient client = new FakeClient("one");
        pool.pause();
        pool.await(client, 0);
        pool.close(CloseReason.POOL_CLOSED);
        assertThat(pool.isClosed()).isTrue();
        assertThat(client.failure().reason()).isEqualTo(WaitFailure.Reason.POOL_CLOSED);
        assertThat(other.connection().closed).isEqualTo(CloseReason.POOL_CLOSED);
        assertThat(lent.connection().closed).isNull();
        pool.release(lent);
        assertThat(lent.connection().closed).isEqualTo(CloseReason.POOL_CLOSED);
        pool.close(CloseReason.DIRTY);
        pool.retarget(server);
        pool.evict(CloseReason.EVICTED);
        pool.housekeep();
        assertThat(pool.stats().generation()).isEqualTo(1);
        assertThat(pool.stats().open()).isZero();
    }

    @Test
    void await_inAClosedPoolFailsInATaskOfItsOwn() {
        pool.close(CloseReason.POOL_CLOSED);
        FakeClient client = fixture.await("one");
        assertThat(client.failures).isEmpty();
        loop.drain();
        assertThat(client.failure().reason()).isEqualTo(WaitFailure.Reason.POOL_CLOSED);
        assertThat(server.connects).isEmpty();
    }

    @Test
    void close_closesAConnectThatArrivesLater() {
        fixture.await("one");
        ConnectResult<Connection> result = server.connects.getFirst();
        assertThat(result.isWanted()).isTrue();
        pool.close(CloseReason.POOL_CLOSED);
        assertThat(result.isWanted()).isFalse();
        assertThat(server.accept().closed).isEqualTo(CloseReason.POOL_CLOSED);
        assertThat(pool.stats().opened()).isZero();
    }

    @Test
    void pause_lendsNothingUntilResume() {
        Lease<Connection> lease = fixture.open();
        pool.pause();
        assertThat(pool.isPaused()).isTrue();
        assertThat(pool.isQuiet()).isFalse();
        FakeClient client = fixture.await("one");
        pool.release(lease);
        loop.drain();
        assertThat(pool.isQuiet()).isTrue();
        assertThat(pool.tryAcquire()).isNull();
        assertThat(client.grants).isEmpty();
        assertThat(server.connects).isEmpty();
        assertThat(pool.stats().summary()).endsWith("1 waiting, paused");
        pool.resume();
        assertThat(client.grants).isEmpty();
        loop.drain();
        assertThat(client.lease()).isSameAs(lease);
    }

    @Test
    void pause_insideATurnStopsTheGrants() {
        fixture.openIdle(2);
        fixture.await("one").onGranted = _ -> pool.pause();
        FakeClient two = fixture.await("two");
        loop.drain();
        assertThat(two.isWaiting()).isTrue();
        pool.resume();
        loop.drain();
        assertThat(two.grants).hasSize(1);
    }

    @Test
    void pause_withATurnPostedHoldsItBack() {
        fixture.openIdle(1);
        FakeClient client = fixture.await("one");
        pool.pause();
        loop.drain();
        assertThat(client.isWaiting()).isTrue();
    }

    @Test
    void pause_letsTimeOutsRun() {
        pool.pause();
        FakeClient client = fixture.await("one", 100);
        loop.pass(100, TimeUnit.MILLISECONDS);
        assertThat(client.failure().reason()).isEqualTo(WaitFailure.Reason.TIMEOUT);
    }

    @Test
    void take_closingADeadConnectionMayEmptyTheLine() {
        fixture.openIdle(2);
        FakeClient client = fixture.await("one");
        Lease<Connection> dead = first();
        dead.connection().usable = false;
        server.onClose = () -> pool.cancel(client);
        loop.drain();
        assertThat(client.grants).isEmpty();
        assertThat(pool.stats().idle()).isEqualTo(1);
        assertThat(pool.isQuiet()).isTrue();
    }

    private Lease<Connection> first() {
        List<Lease<Connection>> leases = new ArrayList<>();
        pool.forEachLease(leases::add);
        return leases.getFirst();
    }
}
