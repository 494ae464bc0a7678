package dev.trunkline.pooler.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trunkline.pooler.pool.FakeConnector.Connection;
import dev.trunkline.pooler.pool.FakeConnector.PendingCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PoolHousekeepingTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final PoolFixture fixture = new PoolFixture();
    private final Pool<Connection> pool = fixture.pool;
    private final FakeConnector server = fixture.server;
    private final FakeLoop loop = fixture.loop;

    @Test
    void housekeep_opensTheMinimumAndKeepsIt() {
        pool.reconfigure(PoolFixture.sized(2, 3));
        assertThat(server.connects).hasSize(2);
        server.acceptAll();
        pool.forEachLease(lease -> pool.discard(lease, CloseReason.SERVER_LOST));
        assertThat(server.connects).hasSize(2);
    }

    @Test
    void housekeep_opensTheMinimumOfANewPool() {
        Pool<Connection> fresh = fixture.pool("fresh", PoolFixture.sized(1, 1), Permits.unlimited());
        assertThat(server.connects).isEmpty();
        fresh.housekeep();
        assertThat(server.connects).hasSize(1);
    }

    @Test
    void housekeep_whilePausedOpensNoMinimum() {
        pool.pause();
        pool.reconfigure(PoolFixture.sized(2, 3));
        pool.housekeep();
        assertThat(server.connects).isEmpty();
        pool.resume();
        assertThat(server.connects).hasSize(2);
    }

    @Test
    void housekeep_closesWhatIsTooOldWithinTheLastTenthOfItsLifetime() {
        pool.reconfigure(config(20, 100, 0, 1));
        fixture.openIdle(20);
        List<Long> ages = new ArrayList<>();
        long opened = loop.nowNanos();
        server.onClose = () -> ages.add((loop.nowNanos() - opened) / SECOND);
        for (int i = 0; i < 100; i++) {
            loop.pass(1, TimeUnit.SECONDS);
            pool.housekeep();
        }
        assertThat(ages).hasSize(20).allSatisfy(age -> assertThat(age).isBetween(90L, 100L));
        assertThat(ages.stream().distinct().count()).isGreaterThan(4);
        assertThat(pool.stats().closed(CloseReason.LIFETIME)).isEqualTo(20);
    }

    @Test
    void release_ofATooOldConnectionClosesIt() {
        pool.reconfigure(config(2, 100, 0, 1));
        Lease<Connection> lease = fixture.open();
        loop.pass(100, TimeUnit.SECONDS);
        pool.housekeep();
        assertThat(lease.connection().closed).isNull();
        pool.release(lease);
        assertThat(lease.connection().closed).isEqualTo(CloseReason.LIFETIME);
    }

    @Test
    void release_withLifetimeZeroClosesAfterTheFirstUseAndNotBefore() {
        pool.reconfigure(config(2, 0, 0, 4));
        FakeClient client = fixture.await("one");
        FakeClient gone = fixture.await("gone");
        pool.cancel(gone);
        server.acceptAll();
        loop.pass(1, TimeUnit.HOURS);
        pool.housekeep();
        assertThat(pool.stats().idle()).isEqualTo(1);
        pool.release(client.lease());
        assertThat(client.lease().connection().closed).isEqualTo(CloseReason.SINGLE_USE);
    }

    @Test
    void housekeep_closesWhatIsUnusedForTooLongButKeepsTheMinimum() {
        pool.reconfigure(new PoolConfig(4, 1, PoolConfig.Order.LIFO, Long.MAX_VALUE, 60 * SECOND, 0, SECOND, 4));
        fixture.openIdle(4);
        loop.pass(30, TimeUnit.SECONDS);
        Lease<Connection> used = fixture.acquire();
        pool.release(used);
        loop.pass(29, TimeUnit.SECONDS);
        pool.housekeep();
        assertThat(pool.stats().idle()).isEqualTo(4);
        loop.pass(1, TimeUnit.SECONDS);
        pool.housekeep();
        assertThat(pool.stats().idle()).isEqualTo(1);
        assertThat(used.state()).isEqualTo(LeaseState.IDLE);
        loop.pass(1, TimeUnit.HOURS);
        pool.housekeep();
        assertThat(pool.stats().idle()).isEqualTo(1);
        assertThat(pool.stats().closed(CloseReason.IDLE)).isEqualTo(3);
    }

    // Hazard D16
    @Test
    void housekeep_closesWhatDiedWhileIdle() {
        fixture.openIdle(2);
        server.opened.getFirst().usable = false;
        pool.housekeep();
        assertThat(server.opened.getFirst().closed).isEqualTo(CloseReason.SERVER_LOST);
        assertThat(pool.stats().idle()).isEqualTo(1);
    }

    // Hazard D16
    @Test
    void housekeep_asksTheIdleForASignOfLife() {
        pool.reconfigure(config(4, 10_000, 30, 2));
        fixture.openIdle(4);
        loop.pass(30, TimeUnit.SECONDS);
        pool.housekeep();
        assertThat(pool.stats().checking()).isEqualTo(2);
        assertThat(pool.stats().open()).isEqualTo(4);
        PendingCheck good = server.checks.remove();
        PendingCheck bad = server.checks.remove();
        good.result().alive();
        bad.result().dead("no answer within 5 s");
        assertThat(bad.connection().closed).isEqualTo(CloseReason.CHECK_FAILED);
        assertThat(pool.stats().idle()).isEqualTo(3);
        assertThatThrownBy(() -> good.result().alive()).hasMessage("a check must be reported once");
        pool.housekeep();
        assertThat(server.checks).extracting(PendingCheck::connection).doesNotContain(good.connection());
    }

    @Test
    void check_doesNotMakeAConnectionTheNextToBeLentNorYounger() {
        pool.reconfigure(
                new PoolConfig(2, 0, PoolConfig.Order.LIFO, Long.MAX_VALUE, 60 * SECOND, 30 * SECOND, SECOND, 4));
        fixture.openIdle(2);
        loop.pass(30, TimeUnit.SECONDS);
        Lease<Connection> used = fixture.acquire();
        pool.release(used);
        pool.housekeep();
        server.checks.remove().result().alive();
        assertThat(fixture.acquire()).isSameAs(used);
        pool.release(used);
        loop.pass(30, TimeUnit.SECONDS);
        pool.housekeep();
        assertThat(pool.stats().closed(CloseReason.IDLE)).isEqualTo(1);
        assertThat(used.connection().closed).isNull();
    }

    @Test
    void check_thatEndsGivesTheConnectionToWhoWaits() {
        pool.reconfigure(config(1, 10_000, 30, 1));
        fixture.openIdle(1);
        loop.pass(30, TimeUnit.SECONDS);
        pool.housekeep();
        FakeClient client = fixture.await("one");
        loop.drain();
        assertThat(client.isWaiting()).isTrue();
        server.checks.remove().result().alive();
        loop.drain();
        assertThat(client.grants).hasSize(1);
    }

    @Test
    void check_passedOverALoweredLimitOrByADeadConnectionClosesIt() {
        pool.reconfigure(config(3, 10_000, 30, 4));
        fixture.openIdle(3);
        loop.pass(30, TimeUnit.SECONDS);
        pool.housekeep();
        pool.reconfigure(config(2, 10_000, 30, 4));
        server.checks.remove().result().alive();
        assertThat(pool.stats().closed(CloseReason.LIMIT_LOWERED)).isEqualTo(1);
        PendingCheck dead = server.checks.remove();
        dead.connection().usable = false;
        dead.result().alive();
        assertThat(dead.connection().closed).isEqualTo(CloseReason.SERVER_LOST);
        server.checks.remove().result().alive();
        assertThat(pool.stats().idle()).isEqualTo(1);
    }

    @Test
    void check_ofAConnectionThatWasDiscardedMeanwhileIsForgotten() {
        pool.reconfigure(config(1, 10_000, 30, 1));
        fixture.openIdle(1);
        loop.pass(30, TimeUnit.SECONDS);
        pool.housekeep();
        pool.forEachLease(lease -> pool.discard(lease, CloseReason.SERVER_LOST));
        server.checks.remove().result().dead("gone");
        assertThat(pool.stats().closedInAll()).isEqualTo(1);
    }

    @Test
    void housekeep_skipsWhatACallbackHasTakenMeanwhile() {
        fixture.openIdle(2);
        server.opened.forEach(connection -> connection.usable = false);
        server.onClose = () -> pool.forEachLease(lease -> pool.discard(lease, CloseReason.DIRTY));
        pool.housekeep();
        assertThat(pool.stats().closedInAll()).isEqualTo(2);
    }

    @Test
    void reconfigure_lowerClosesTheIdleNowAndTheLentWhenTheyComeBack() {
        pool.reconfigure(PoolFixture.sized(0, 4));
        fixture.openIdle(4);
        List<Lease<Connection>> lent = List.of(fixture.acquire(), fixture.acquire(), fixture.acquire());
        pool.reconfigure(PoolFixture.sized(0, 2));
        assertThat(pool.stats().idle()).isZero();
        lent.forEach(pool::release);
        assertThat(pool.stats().idle()).isEqualTo(2);
        assertThat(pool.stats().closed(CloseReason.LIMIT_LOWERED)).isEqualTo(2);
    }

    @Test
    void reconfigure_lowerClosesWhatArrivesOverTheLimit() {
        pool.reconfigure(PoolFixture.sized(0, 2));
        fixture.open();
        fixture.await("one");
        pool.reconfigure(PoolFixture.sized(0, 1));
        assertThat(server.accept().closed).isEqualTo(CloseReason.LIMIT_LOWERED);
        assertThat(pool.config().maxSize()).isEqualTo(1);
    }

    @Test
    void reconfigure_higherServesThoseWhoWait() {
        pool.reconfigure(PoolFixture.sized(0, 1));
        fixture.open();
        FakeClient client = fixture.await("one");
        pool.reconfigure(PoolFixture.sized(0, 2));
        server.accept();
        loop.drain();
        assertThat(client.grants).hasSize(1);
    }

    private static PoolConfig config(int max, long lifetimeSeconds, long checkSeconds, int connecting) {
        return new PoolConfig(
                max, 0, PoolConfig.Order.LIFO, lifetimeSeconds * SECOND, 0, checkSeconds * SECOND, SECOND, connecting);
    }
}
