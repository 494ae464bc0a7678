package dev.trunkline.pooler.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trunkline.pooler.pool.FakeConnector.Connection;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PermitsTest {
    private final PoolFixture fixture = new PoolFixture();
    private final FakeConnector server = fixture.server;
    private final FakeLoop loop = fixture.loop;
    private final PermitLimit limit = new PermitLimit("max_db_connections of app", 2);
    private final Pool<Connection> a = fixture.pool("a", PoolFixture.sized(0, 10), Permits.of(limit));
    private final Pool<Connection> b = fixture.pool("b", PoolFixture.sized(0, 10), Permits.of(limit));

    @Test
    void pools_neverOpenMoreTogetherThanTheLimit() {
        await(a);
        await(a);
        await(a);
        await(b);
        assertThat(server.connects).hasSize(2);
        assertThat(limit.used()).isEqualTo(2);
        assertThat(limit.limit()).isEqualTo(2);
        assertThat(limit.name()).isEqualTo("max_db_connections of app");
    }

    @Test
    void failedConnect_givesItsPermitToWhoWaits() {
        await(a);
        await(a);
        FakeClient hungry = await(b);
        server.refuse(ConnectFailure.retry("refused"));
        loop.drain();
        assertThat(server.connects).hasSize(2);
        server.acceptAll();
        loop.drain();
        assertThat(hungry.grants).hasSize(1);
    }

    @Test
    void abandonedConnect_givesItsPermitBackAtOnce() {
        await(a);
        await(a);
        FakeClient hungry = await(b);
        a.close(CloseReason.POOL_CLOSED);
        loop.drain();
        assertThat(limit.used()).isEqualTo(1);
        assertThat(server.accept().closed).isNotNull();
        assertThat(server.accept().closed).isNotNull();
        server.accept();
        loop.drain();
        assertThat(hungry.grants).hasSize(1);
    }

    @Test
    void idleConnections_areGivenUpToAPoolThatHoldsFewer() {
        fillAndRelease(a, 2);
        FakeClient hungry = await(b);
        loop.drain();
        server.acceptAll();
        loop.drain();
        assertThat(hungry.grants).hasSize(1);
        assertThat(a.stats().closed(CloseReason.GIVEN_UP)).isEqualTo(1);
        assertThat(a.stats().idle()).isEqualTo(1);
    }

    @Test
    void idleConnections_areNotGivenUpToAPoolThatHoldsMoreUntilTheyAreSpare() {
        Lease<Connection> lease = fill(a, 1).getFirst().lease();
        fill(b, 1);
        a.release(lease);
        FakeClient hungry = await(b);
        loop.drain();
        assertThat(a.stats().idle()).isEqualTo(1);
        loop.pass(999, TimeUnit.MILLISECONDS);
        a.housekeep();
        assertThat(a.stats().idle()).isEqualTo(1);
        loop.pass(1, TimeUnit.MILLISECONDS);
        a.housekeep();
        loop.drain();
        server.acceptAll();
        loop.drain();
        assertThat(hungry.grants).hasSize(1);
        assertThat(a.stats().closed(CloseReason.GIVEN_UP)).isEqualTo(1);
    }

    @Test
    void release_givesUpToAPoolThatHoldsFarFewerThoughOthersWaitHere() {
        List<FakeClient> holders = fill(a, 2);
        FakeClient next = await(a);
        FakeClient hungry = await(b);
        loop.drain();
        a.release(holders.getFirst().lease());
        loop.drain();
        server.acceptAll();
        loop.drain();
        assertThat(hungry.grants).hasSize(1);
        assertThat(next.isWaiting()).isTrue();
        a.release(holders.getLast().lease());
        loop.drain();
        assertThat(next.grants).hasSize(1);
    }

    @Test
    void pools_thatWantMoreThanThereIsBecomeEqualAndThenExchangeNothing() {
        limit.changeLimit(8);
        Pool<Connection> first = fixture.pool("first", PoolFixture.sized(0, 8), Permits.of(limit));
        List<FakeClient> holders = fill(first, 8);
        for (int i = 0; i < 50; i++) {
            releaseOnGrant(first);
            releaseOnGrant(b);
        }
        holders.forEach(holder -> first.release(holder.lease()));
        settle();
        assertThat(first.stats().open()).isEqualTo(4);
        assertThat(b.stats().open()).isEqualTo(4);
        assertThat(first.stats().closedInAll()).isEqualTo(4);
        assertThat(first.stats().waiting() + b.stats().waiting()).isZero();
        assertThat(limit.used()).isEqualTo(8);
    }

    @Test
    void pools_thatShareLessThanOneEachTakeTurns() {
        limit.changeLimit(1);
        Lease<Connection> lease = fill(a, 1).getFirst().lease();
        FakeClient next = await(a);
        FakeClient hungry = await(b);
        loop.drain();
        a.release(lease);
        loop.drain();
        assertThat(next.grants).hasSize(1);
        FakeClient third = await(a);
        a.housekeep();
        a.release(next.lease());
        loop.drain();
        server.acceptAll();
        loop.drain();
        assertThat(hungry.grants).hasSize(1);
        assertThat(third.isWaiting()).isTrue();
        b.release(hungry.lease());
        loop.drain();
        server.acceptAll();
        loop.drain();
        assertThat(third.grants).hasSize(1);
    }

    @Test
    void permits_goToThePoolThatHoldsTheFewest() {
        limit.changeLimit(3);
        Pool<Connection> c = fixture.pool("c", PoolFixture.sized(0, 10), Permits.of(limit));
        fill(a, 1);
        List<FakeClient> holders = fill(c, 2);
        FakeClient second = await(a);
        FakeClient first = await(b);
        loop.drain();
        c.discard(holders.getFirst().lease(), CloseReason.SERVER_LOST);
        loop.drain();
        server.acceptAll();
        loop.drain();
        assertThat(first.grants).hasSize(1);
        assertThat(second.isWaiting()).isTrue();
    }

    @Test
    void cancel_ofTheLastWhoWaitsLeavesTheLine() {
        fill(a, 2);
        FakeClient gone = await(b);
        loop.drain();
        b.cancel(gone);
        a.housekeep();
        a.forEachLease(a::release);
        assertThat(a.stats().idle()).isEqualTo(2);
        assertThat(limit.used()).isEqualTo(2);
    }

    @Test
    void permit_onItsWayToAPoolThatNeedsItNoMoreGoesBack() {
        List<FakeClient> holders = fill(a, 2);
        FakeClient gone = await(b);
        loop.drain();
        a.discard(holders.getFirst().lease(), CloseReason.SERVER_LOST);
        b.cancel(gone);
        assertThat(limit.used()).isEqualTo(2);
        loop.drain();
        assertThat(limit.used()).isEqualTo(1);
        assertThat(server.connects).isEmpty();
    }

    @Test
    void permit_onItsWayToAPoolThatIsClosedGoesBack() {
        List<FakeClient> holders = fill(a, 2);
        await(b);
        loop.drain();
        a.discard(holders.getFirst().lease(), CloseReason.SERVER_LOST);
        b.close(CloseReason.POOL_CLOSED);
        loop.drain();
        assertThat(limit.used()).isEqualTo(1);
    }

    @Test
    void close_leavesTheLine() {
        fill(a, 2);
        await(b);
        b.close(CloseReason.POOL_CLOSED);
        loop.drain();
        a.forEachLease(a::release);
        assertThat(a.stats().idle()).isEqualTo(2);
    }

    @Test
    void press_onItsWayToAPoolThatIsClosedIsForgotten() {
        Lease<Connection> lease = fill(a, 2).getFirst().lease();
        await(b);
        a.close(CloseReason.POOL_CLOSED);
        loop.drain();
        a.release(lease);
        assertThat(lease.connection().closed).isEqualTo(CloseReason.POOL_CLOSED);
    }

    @Test
    void minimum_isOpenedOnlyWithFreePermitsAndTakesFromNobody() {
        fillAndRelease(a, 2);
        b.reconfigure(PoolFixture.sized(2, 10));
        b.housekeep();
        loop.drain();
        a.housekeep();
        assertThat(a.stats().idle()).isEqualTo(2);
        assertThat(b.stats().open()).isZero();
        a.close(CloseReason.POOL_CLOSED);
        b.housekeep();
        assertThat(server.connects).hasSize(2);
    }

    @Test
    void severalLimits_areAllRespectedAndPartlyTakenPermitsGoBack() {
        PermitLimit user = new PermitLimit("max_user_connections of bob", 1);
        Pool<Connection> first = fixture.pool("first", PoolFixture.sized(0, 10), Permits.of(limit, user));
        Pool<Connection> second = fixture.pool("second", PoolFixture.sized(0, 10), Permits.of(limit, user));
        Lease<Connection> lease = fill(first, 1).getFirst().lease();
        FakeClient hungry = await(second);
        assertThat(limit.used()).isEqualTo(1);
        assertThat(user.used()).isEqualTo(1);
        loop.drain();
        fill(a, 1);
        first.release(lease);
        loop.drain();
        server.acceptAll();
        loop.drain();
        assertThat(hungry.grants).hasSize(1);
        assertThat(limit.used()).isEqualTo(2);
        assertThat(user.used()).isEqualTo(1);
    }

    @Test
    void severalLimits_whereTheSecondRefusesWhatTheFirstHandedOverWaitForTheSecond() {
        limit.changeLimit(1);
        PermitLimit user = new PermitLimit("max_user_connections of bob", 1);
        Pool<Connection> both = fixture.pool("both", PoolFixture.sized(0, 10), Permits.of(limit, user));
        Pool<Connection> ofUser = fixture.pool("user", PoolFixture.sized(0, 10), Permits.of(user));
        Lease<Connection> blocking = fill(a, 1).getFirst().lease();
        Lease<Connection> other = fill(ofUser, 1).getFirst().lease();
        FakeClient hungry = await(both);
        loop.drain();
        a.discard(blocking, CloseReason.SERVER_LOST);
        loop.drain();
        assertThat(limit.used()).isZero();
        ofUser.discard(other, CloseReason.SERVER_LOST);
        loop.drain();
        server.acceptAll();
        loop.drain();
        assertThat(hungry.grants).hasSize(1);
    }

    @Test
    void changeLimit_lowerClosesTheIdleNowAndTheLentWhenTheyComeBack() {
        limit.changeLimit(4);
        List<FakeClient> holders = fill(a, 3);
        fillAndRelease(b, 1);
        FakeClient next = await(a);
        limit.changeLimit(1);
        assertThat(limit.used()).isEqualTo(4);
        loop.drain();
        assertThat(b.stats().closed(CloseReason.LIMIT_LOWERED)).isEqualTo(1);
        holders.forEach(holder -> a.release(holder.lease()));
        loop.drain();
        assertThat(a.stats().closed(CloseReason.LIMIT_LOWERED)).isEqualTo(2);
        assertThat(limit.used()).isEqualTo(1);
        assertThat(next.grants).hasSize(1);
    }

    @Test
    void changeLimit_higherServesThoseInLine() {
        fill(a, 2);
        FakeClient hungry = await(b);
        limit.changeLimit(3);
        loop.drain();
        server.acceptAll();
        loop.drain();
        assertThat(hungry.grants).hasSize(1);
    }

    @Test
    void limit_belowOneIsRefused() {
        assertThatThrownBy(() -> limit.changeLimit(0))
                .hasMessage("a limit of connections must be 1 or more, but it is 0");
        assertThatThrownBy(() -> new PermitLimit("none", 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void permit_forALoopThatIsGoneGoesToTheNext() {
        boolean[] gone = {false};
        Pool<Connection> lost = poolOf(task -> (gone[0] ? (Executor) PermitsTest::refuse : loop).execute(task));
        FakeClient inVain = new FakeClient("in vain");
        fill(lost, 1);
        List<FakeClient> holders = fill(a, 1);
        lost.await(inVain, 0);
        gone[0] = true;
        FakeClient hungry = await(b);
        loop.drain();
        a.discard(holders.getFirst().lease(), CloseReason.SERVER_LOST);
        loop.drain();
        server.acceptAll();
        loop.drain();
        assertThat(hungry.grants).hasSize(1);
        fill(b, 0);
        b.discard(hungry.lease(), CloseReason.SERVER_LOST);
        await(b);
        await(b);
        await(a);
        b.close(CloseReason.POOL_CLOSED);
        loop.drain();
        assertThat(limit.used()).isEqualTo(2);
        assertThat(inVain.grants).isEmpty();
    }

    @Test
    void permit_withOnlyALoopThatIsGoneInLineIsFree() {
        List<FakeClient> holders = fill(a, 2);
        Pool<Connection> lost = poolOf(PermitsTest::refuse);
        lost.await(new FakeClient("in vain"), 0);
        a.discard(holders.getFirst().lease(), CloseReason.SERVER_LOST);
        assertThat(limit.used()).isEqualTo(1);
    }

    private static void refuse(Runnable task) {
        throw new RejectedExecutionException("the loop of " + task + " is gone");
    }

    private Pool<Connection> poolOf(Executor executor) {
        PoolContext context = new PoolContext(
                executor, () -> true, loop::nowNanos, new SplittableRandom(1), loop, PoolListener.SILENT);
        return new Pool<>("lost", PoolFixture.sized(0, 10), server, Permits.of(limit), context);
    }

    private FakeClient await(Pool<Connection> pool) {
        FakeClient client = new FakeClient(pool.name());
        pool.await(client, 0);
        return client;
    }

    private void releaseOnGrant(Pool<Connection> pool) {
        await(pool).onGranted = pool::release;
    }

    /** Clients that each hold a connection opened for them. */
    private List<FakeClient> fill(Pool<Connection> pool, int count) {
        List<FakeClient> clients =
                Stream.generate(() -> await(pool)).limit(count).toList();
        settle();
        assertThat(clients).allSatisfy(client -> assertThat(client.grants).hasSize(1));
        return clients;
    }

    private void fillAndRelease(Pool<Connection> pool, int count) {
        fill(pool, count).forEach(client -> pool.release(client.lease()));
    }

    private void settle() {
        loop.drain();
        while (!server.connects.isEmpty()) {
            server.acceptAll();
            loop.drain();
        }
    }
}
