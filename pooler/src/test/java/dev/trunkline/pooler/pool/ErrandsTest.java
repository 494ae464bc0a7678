package dev.trunkline.pooler.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.pool.FakeConnector.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Clients that need a connection of their own kind: here the kind is the server that it leads to. */
class ErrandsTest {
    private final PoolFixture fixture = new PoolFixture();
    private final Pool<Connection> pool = fixture.pool;
    private final FakeLoop loop = fixture.loop;
    private final FakeConnector own = new FakeConnector("own");

    private FakeClient openFor(String name) {
        FakeClient client = new FakeClient(name);
        assertThat(pool.errands().open(client, own, 0)).isTrue();
        return client;
    }

    private Lease<Connection> connected(FakeClient client) {
        own.accept();
        loop.drain();
        return client.lease();
    }

    @Test
    void tryAcquire_lendsTheOneThatFitsThoughOthersComeFirst() {
        fixture.openIdle(2);
        Connection wanted = fixture.server.opened.getFirst();
        Lease<Connection> lease = pool.errands().tryAcquire(each -> each == wanted);
        assertThat(Objects.requireNonNull(lease).connection()).isSameAs(wanted);
        assertThat(pool.errands().tryAcquire(each -> each == wanted)).isNull();
        assertThat(pool.stats().idle()).isOne();
    }

    @Test
    void tryAcquire_closesDeadOnesOnTheWay() {
        fixture.openIdle(2);
        fixture.server.opened.forEach(each -> each.usable = false);
        assertThat(pool.errands().tryAcquire(_ -> true)).isNull();
        assertThat(fixture.server.closed).hasSize(2);
    }

    @Test
    void open_isForTheWaiterAloneAndNotForWhoStandsInLine() {
        FakeClient client = openFor("own");
        FakeClient other = fixture.await("other");
        assertThat(fixture.server.connects).hasSize(1);
        assertThat(client.isWaiting()).isTrue();
        Lease<Connection> lease = connected(client);
        assertThat(lease.connection().server).isSameAs(own);
        assertThat(lease.state()).isEqualTo(LeaseState.LENT);
        assertThat(other.grants).isEmpty();
        assertThat(client.isWaiting()).isFalse();
    }

    @Test
    void open_inAFullPoolTakesThePlaceOfTheIdleOneThatWouldBeLentLast() {
        fixture.openIdle(2);
        List<Lease<Connection>> idle = new ArrayList<>();
        pool.forEachLease(idle::add);
        openFor("own");
        assertThat(idle.getLast().connection().closed).isEqualTo(CloseReason.REPLACED);
        assertThat(idle.getFirst().connection().closed).isNull();
    }

    @Test
    void open_withNothingToReplaceIsRefused() {
        fixture.open();
        fixture.open();
        assertThat(pool.errands().open(new FakeClient("late"), own, 0)).isFalse();
        assertThat(own.connects).isEmpty();
    }

    @Test
    void open_doesNotOvertakeTheLineNorAPause() {
        Lease<Connection> one = fixture.open();
        fixture.open();
        fixture.await("first");
        pool.discard(one, CloseReason.DIRTY);
        assertThat(pool.errands().open(new FakeClient("second"), own, 0)).isFalse();
        pool.pause();
        assertThat(pool.errands().tryAcquire(_ -> true)).isNull();
    }

    @Test
    void exchange_closesOneAndOpensAnotherInItsPlace() {
        Lease<Connection> first = fixture.open();
        fixture.open();
        FakeClient waiting = fixture.await("waiting");
        FakeClient client = new FakeClient("own");
        pool.errands().exchange(first, client, own, 0);
        assertThat(first.connection().closed).isEqualTo(CloseReason.REPLACED);
        assertThat(fixture.server.connects).as("the place is taken").isEmpty();
        assertThat(connected(client).connection().server).isSameAs(own);
        assertThat(waiting.isWaiting()).isTrue();
        assertThat(pool.stats().lent()).isEqualTo(2);
    }

    @Test
    void connectionOfAnErrand_isTakenBackAndLentToAnybody() {
        Lease<Connection> lease = connected(openFor("own"));
        pool.release(lease);
        assertThat(pool.tryAcquire()).isSameAs(lease);
        pool.discard(lease, CloseReason.DIRTY);
        assertThat(own.closed).containsExactly(lease.connection());
    }

    @Test
    void cancel_leavesTheConnectionToWhoeverComes() {
        FakeClient client = openFor("gone");
        FakeClient waiting = fixture.await("waiting");
        assertThat(pool.cancel(client)).isTrue();
        assertThat(client.isWaiting()).isFalse();
        assertThat(pool.cancel(client)).isFalse();
        own.accept();
        loop.drain();
        assertThat(client.grants).isEmpty();
        assertThat(waiting.lease().connection().server).isSameAs(own);
    }

    @Test
    void failureThatStays_isToldToTheWaiterAndHoldsNobodyElseUp() {
        FakeClient client = openFor("own");
        own.refuse(ConnectFailure.failWaiters("no such parameter"));
        assertThat(client.failure().reason()).isEqualTo(WaitFailure.Reason.CONNECT_FAILED);
        assertThat(Objects.requireNonNull(client.failure().lastConnectFailure()).message())
                .isEqualTo("no such parameter");
        assertThat(pool.stats().connectFailures()).isOne();
        fixture.await("other");
        assertThat(fixture.server.connects).as("no retry delay").hasSize(1);
    }

    @Test
    void failureThatMayPass_sendsTheWaiterToTheLineWithItsTimeLeft() {
        FakeClient client = new FakeClient("own");
        pool.errands().open(client, own, TimeUnit.MILLISECONDS.toNanos(100));
        own.refuse(ConnectFailure.retry("starting up"));
        assertThat(client.isWaiting()).isTrue();
        assertThat(fixture.server.connects).as("the pool's own").hasSize(1);
        loop.pass(110, TimeUnit.MILLISECONDS);
        assertThat(client.failure().reason()).isEqualTo(WaitFailure.Reason.TIMEOUT);
    }

    @Test
    void retarget_sendsTheWaiterToTheLineForTheNewServer() {
        FakeClient client = openFor("own");
        FakeConnector newServer = new FakeConnector("new");
        pool.retarget(newServer);
        newServer.accept();
        loop.drain();
        assertThat(client.lease().connection().server).isSameAs(newServer);
        Connection late = own.accept();
        assertThat(late.closed).isEqualTo(CloseReason.RETARGETED);
        assertThat(client.grants).hasSize(1);
    }

    @Test
    void evict_sendsTheWaiterToTheLineWhenItsConnectionIsThere() {
        FakeClient client = openFor("own");
        pool.evict(CloseReason.EVICTED);
        Connection stale = own.accept();
        assertThat(stale.closed).isEqualTo(CloseReason.EVICTED);
        fixture.server.accept();
        loop.drain();
        assertThat(client.lease().connection().server).isSameAs(fixture.server);
    }

    @Test
    void close_failsTheWaiter() {
        FakeClient client = openFor("own");
        pool.close(CloseReason.POOL_CLOSED);
        assertThat(client.failure().reason()).isEqualTo(WaitFailure.Reason.POOL_CLOSED);
    }

    @Test
    void exchange_thatLosesItsPlaceToAnotherPoolWaitsInLine() {
        PermitLimit limit = new PermitLimit("both", 1);
        Permits permits = new Permits(List.of(limit));
        Pool<Connection> mine = fixture.pool("mine", PoolFixture.PLAIN, permits);
        Pool<Connection> other = fixture.pool("other", PoolFixture.PLAIN, permits);
        FakeClient opener = new FakeClient("opener");
        mine.await(opener, 0);
        fixture.server.accept();
        loop.drain();
        other.await(new FakeClient("elsewhere"), 0);
        loop.drain();
        FakeClient client = new FakeClient("own");
        mine.errands().exchange(opener.lease(), client, own, 0);
        assertThat(client.isWaiting()).isTrue();
        assertThat(own.connects).isEmpty();
    }
}
