package dev.trunkline.pooler.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trunkline.pooler.pool.FakeConnector.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PoolLendingTest {
    private final PoolFixture fixture = new PoolFixture();
    private final Pool<Connection> pool = fixture.pool;
    private final FakeConnector server = fixture.server;
    private final FakeLoop loop = fixture.loop;

    @Test
    void tryAcquire_ofAnEmptyPoolLendsNothingAndOpensNothing() {
        assertThat(pool.tryAcquire()).isNull();
        assertThat(server.connects).isEmpty();
    }

    @Test
    void await_opensAConnectionAndGrantsItInATaskOfItsOwn() {
        FakeClient client = fixture.await("one");
        assertThat(client.isWaiting()).isTrue();
        Connection connection = server.accept();
        assertThat(client.grants).isEmpty();
        loop.drain();
        assertThat(client.lease().connection()).isSameAs(connection);
        assertThat(client.lease().state()).isEqualTo(LeaseState.LENT);
        assertThat(client.isWaiting()).isFalse();
        assertThat(pool.stats().lent()).isEqualTo(1);
    }

    @Test
    void await_neverOpensMoreThanTheMaximum() {
        fixture.await("one");
        fixture.await("two");
        fixture.await("three");
        assertThat(server.connects).hasSize(2);
        server.acceptAll();
        loop.drain();
        assertThat(server.connects).isEmpty();
        assertThat(pool.stats().lent()).isEqualTo(2);
        assertThat(pool.stats().waiting()).isEqualTo(1);
    }

    @Test
    void await_whileAConnectionIsIdleIsGrantedLaterAndOpensNone() {
        fixture.openIdle(1);
        FakeClient client = fixture.await("one");
        assertThat(client.grants).isEmpty();
        loop.drain();
        assertThat(client.grants).hasSize(1);
        assertThat(server.connectCalls).isEqualTo(1);
    }

    @Test
    void await_twiceIsRefused() {
        FakeClient client = fixture.await("one");
        assertThatThrownBy(() -> pool.await(client, 0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> pool.await(new FakeClient("two"), -1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void release_handsOnInATaskOfItsOwnAndInOrder() {
        Lease<Connection> first = fixture.open();
        Lease<Connection> second = fixture.open();
        List<String> order = new ArrayList<>();
        for (String name : List.of("one", "two", "three")) {
            FakeClient client = fixture.await(name);
            client.onGranted = lease -> {
                order.add(name);
                pool.release(lease);
                order.add(name + " released");
            };
        }
        pool.release(first);
        pool.release(second);
        assertThat(order).isEmpty();
        loop.drain();
        assertThat(order).containsExactly("one", "one released", "two", "two released", "three", "three released");
    }

    @Test
    void release_whileManyWaitLetsOtherTasksOfTheLoopRunBetweenTurns() {
        Lease<Connection> lease = fixture.open();
        fixture.open();
        List<String> order = new ArrayList<>();
        for (String name : List.of("one", "two")) {
            fixture.await(name).onGranted = granted -> {
                order.add(name);
                pool.release(granted);
            };
        }
        pool.release(lease);
        loop.execute(() -> order.add("other task"));
        loop.drain();
        assertThat(order).containsExactly("one", "other task", "two");
    }

    @Test
    void tryAcquire_whileSomebodyWaitsDoesNotOvertake() {
        Lease<Connection> first = fixture.open();
        fixture.open();
        FakeClient client = fixture.await("one");
        pool.release(first);
        assertThat(pool.tryAcquire()).isNull();
        loop.drain();
        assertThat(client.lease()).isSameAs(first);
    }

    @Test
    void tryAcquire_lendsTheLastUsedFirst() {
        fixture.openIdle(2);
        Lease<Connection> one = fixture.acquire();
        Lease<Connection> two = fixture.acquire();
        pool.release(two);
        pool.release(one);
        assertThat(pool.tryAcquire()).isSameAs(one);
        assertThat(pool.stats().granted()).isEqualTo(5);
        assertThat(one.timesLent()).isEqualTo(3);
    }

    @Test
    void tryAcquire_inRoundRobinLendsTheOneUnusedForLongest() {
        fixture.reconfigure(config -> new PoolConfig(
                2, 0, PoolConfig.Order.ROUND_ROBIN, Long.MAX_VALUE, 0, 0, config.connectRetryNanos(), 4));
        fixture.openIdle(2);
        Lease<Connection> one = fixture.acquire();
        pool.release(one);
        Lease<Connection> two = fixture.acquire();
        assertThat(two).isNotSameAs(one);
        pool.release(two);
        assertThat(pool.tryAcquire()).isSameAs(one);
    }

    @Test
    void release_ofALeaseThatIsNotLentIsRefused() {
        Lease<Connection> lease = fixture.open();
        pool.release(lease);
        assertThatThrownBy(() -> pool.release(lease))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("app#1 is not lent by app: it is IDLE");
        pool.discard(lease, CloseReason.SERVER_LOST);
        assertThatThrownBy(() -> pool.release(lease)).hasMessageEndingWith("it is CLOSED");
        Pool<Connection> other = fixture.pool("other", PoolFixture.PLAIN, Permits.unlimited());
        assertThatThrownBy(() -> other.discard(lease, CloseReason.DIRTY)).hasMessage("app#1 does not belong to other");
    }

    // Hazard D16
    @Test
    void tryAcquire_passesOverAConnectionThatDiedWhileIdle() {
        fixture.openIdle(2);
        Lease<Connection> dead = fixture.acquire();
        pool.release(dead);
        dead.connection().usable = false;
        assertThat(fixture.acquire()).isNotSameAs(dead);
        assertThat(dead.connection().closed).isEqualTo(CloseReason.SERVER_LOST);
        assertThat(pool.stats().open()).isEqualTo(1);
    }

    // Hazard D16
    @Test
    void await_whileOnlyDeadConnectionsAreIdleOpensANewOne() {
        fixture.openIdle(2);
        server.opened.forEach(connection -> connection.usable = false);
        FakeClient client = fixture.await("one");
        loop.drain();
        assertThat(client.grants).isEmpty();
        assertThat(server.closed).hasSize(2);
        Connection fresh = server.accept();
        loop.drain();
        assertThat(client.lease().connection()).isSameAs(fresh);
    }

    // Hazard D16
    @Test
    void discard_ofALentConnectionGivesTheNextInLineANewOne() {
        Lease<Connection> first = fixture.open();
        fixture.open();
        FakeClient client = fixture.await("one");
        assertThat(server.connects).isEmpty();
        pool.discard(first, CloseReason.SERVER_LOST);
        pool.discard(first, CloseReason.SERVER_LOST);
        assertThat(first.state()).isEqualTo(LeaseState.CLOSED);
        Connection fresh = server.accept();
        loop.drain();
        assertThat(client.lease().connection()).isSameAs(fresh);
        assertThat(pool.stats().closed(CloseReason.SERVER_LOST)).isEqualTo(1);
    }

    // Hazard D16
    @Test
    void discard_ofAnIdleConnectionTakesItOutOfThePool() {
        fixture.openIdle(1);
        pool.forEachLease(lease -> pool.discard(lease, CloseReason.SERVER_LOST));
        assertThat(pool.tryAcquire()).isNull();
        assertThat(pool.stats().open()).isZero();
    }

    // Hazard D16
    @Test
    void release_ofADeadConnectionClosesIt() {
        Lease<Connection> lease = fixture.open();
        lease.connection().usable = false;
        pool.release(lease);
        assertThat(lease.connection().closed).isEqualTo(CloseReason.SERVER_LOST);
        assertThat(pool.tryAcquire()).isNull();
    }

    @Test
    void cancel_takesOutOfTheLineWithoutAnAnswer() {
        FakeClient one = fixture.await("one", 100);
        FakeClient two = fixture.await("two", 100);
        FakeClient three = fixture.await("three", 100);
        assertThat(pool.cancel(two)).isTrue();
        assertThat(pool.cancel(two)).isFalse();
        server.acceptAll();
        loop.pass(1, TimeUnit.SECONDS);
        assertThat(one.grants).hasSize(1);
        assertThat(two.grants).isEmpty();
        assertThat(two.failures).isEmpty();
        assertThat(three.grants).hasSize(1);
        assertThat(fixture.pool("other", PoolFixture.PLAIN, Permits.unlimited()).cancel(one))
                .isFalse();
    }

    @Test
    void cancel_ofOneWhoWaitsElsewhereHasNoEffect() {
        FakeClient one = fixture.await("one");
        Pool<Connection> other = fixture.pool("other", PoolFixture.PLAIN, Permits.unlimited());
        assertThat(other.cancel(one)).isFalse();
        assertThat(one.isWaiting()).isTrue();
    }

    @Test
    void granted_saysHowLongTheWaitWas() {
        FakeClient client = fixture.await("one");
        loop.pass(30, TimeUnit.MILLISECONDS);
        assertThat(pool.stats().oldestWaitNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(30));
        server.accept();
        loop.drain();
        assertThat(client.waitedNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(30));
        assertThat(pool.stats().waited()).isEqualTo(1);
        assertThat(pool.stats().totalWaitNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(30));
        assertThat(pool.stats().oldestWaitNanos()).isZero();
    }

    @Test
    void granted_mayUseEveryMethodOfThePool() {
        fixture.openIdle(2);
        FakeClient again = new FakeClient("again");
        FakeClient client = fixture.await("one");
        client.onGranted = lease -> {
            pool.discard(lease, CloseReason.DIRTY);
            pool.await(again, 0);
            pool.housekeep();
            pool.await(client, 0);
        };
        loop.runOne();
        client.onGranted = _ -> {};
        assertThat(client.isWaiting()).isTrue();
        loop.drain();
        assertThat(again.grants).hasSize(1);
        server.acceptAll();
        loop.drain();
        assertThat(client.grants).hasSize(2);
    }

    @Test
    void granted_thatFailsLeavesTheOthersInLine() {
        Lease<Connection> lease = fixture.open();
        Lease<Connection> second = fixture.open();
        fixture.await("one").onGranted = _ -> {
            throw new IllegalArgumentException("on purpose");
        };
        FakeClient two = fixture.await("two");
        pool.release(lease);
        pool.release(second);
        assertThatThrownBy(loop::drain).hasMessage("on purpose");
        loop.drain();
        assertThat(two.grants).hasSize(1);
    }

    @Test
    void forEachLease_showsEveryStateAndTime() {
        Lease<Connection> lent = fixture.open();
        fixture.open();
        loop.pass(5, TimeUnit.SECONDS);
        List<LeaseState> states = new ArrayList<>();
        pool.release(lent);
        pool.forEachLease(lease -> states.add(lease.state()));
        assertThat(states).containsExactly(LeaseState.LENT, LeaseState.IDLE);
        assertThat(lent.openedNanos()).isEqualTo(loop.nowNanos() - TimeUnit.SECONDS.toNanos(5));
        assertThat(lent.stateSinceNanos()).isEqualTo(loop.nowNanos());
        assertThat(lent.lastUsedNanos()).isEqualTo(loop.nowNanos());
        assertThat(lent.pool()).isSameAs(pool);
        assertThat(lent.id()).isEqualTo(1);
        assertThat(lent.generation()).isEqualTo(pool.generation());
    }
}
