package dev.trunkline.pooler.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trunkline.pooler.pool.FakeConnector.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PoolConnectingTest {
    private static final ConnectFailure DOWN = ConnectFailure.retry("connection refused");
    private static final ConnectFailure WRONG = ConnectFailure.failWaiters("password authentication failed");

    private final PoolFixture fixture = new PoolFixture(PoolFixture.sized(0, 10));
    private final Pool<Connection> pool = fixture.pool;
    private final FakeConnector server = fixture.server;
    private final FakeLoop loop = fixture.loop;

    @Test
    void connect_opensAtMostSoManyAtOnce() {
        for (int i = 0; i < 8; i++) {
            fixture.await("client");
        }
        assertThat(server.connects).hasSize(4);
        server.accept();
        assertThat(server.connects).hasSize(4);
        assertThat(pool.stats().connecting()).isEqualTo(4);
    }

    @Test
    void connect_thatArrivesAfterTheNeedIsGoneLiesIdle() {
        FakeClient client = fixture.await("one");
        pool.cancel(client);
        server.accept();
        assertThat(pool.tryAcquire()).isNotNull();
    }

    // Hazard R8: those who wait go on waiting while the server is down, and do not wait longer than it is.
    @Test
    void failed_withRetryKeepsThoseWhoWaitAndTriesAgainAfterTheDelay() {
        FakeClient client = fixture.await("one", 60_000);
        server.refuse(DOWN);
        assertThat(server.connects).isEmpty();
        loop.pass(999, TimeUnit.MILLISECONDS);
        assertThat(server.connects).isEmpty();
        loop.pass(6, TimeUnit.MILLISECONDS);
        assertThat(server.connects).hasSize(1);
        server.accept();
        loop.drain();
        assertThat(client.grants).hasSize(1);
        assertThat(pool.stats().connectFailures()).isEqualTo(1);
    }

    // Hazard R8
    @Test
    void failed_withRetryUntilTheTimeIsUpTellsTheLastFailure() {
        FakeClient client = fixture.await("one", 1_500);
        server.refuse(DOWN);
        loop.pass(1_005, TimeUnit.MILLISECONDS);
        server.refuse(DOWN);
        loop.pass(500, TimeUnit.MILLISECONDS);
        assertThat(client.failure().reason()).isEqualTo(WaitFailure.Reason.TIMEOUT);
        assertThat(client.failure().lastConnectFailure()).isEqualTo(DOWN);
        assertThat(client.failure().message()).endsWith("; the last connect failed: connection refused");
    }

    @Test
    void failed_isProbedByOneConnectUntilOneSucceeds() {
        for (int i = 0; i < 3; i++) {
            fixture.await("client");
        }
        while (!server.connects.isEmpty()) {
            server.refuse(DOWN);
        }
        loop.pass(2, TimeUnit.SECONDS);
        assertThat(server.connects).hasSize(1);
        server.accept();
        assertThat(server.connects).hasSize(2);
    }

    // Hazards R5 and R8: a failure that waiting cannot mend is told at once, and to the one pool that it concerns.
    @Test
    void failed_withFailWaitersFailsAllWhoWait() {
        Pool<Connection> other = fixture.pool("other", PoolFixture.PLAIN, Permits.unlimited());
        FakeClient one = fixture.await("one");
        FakeClient two = fixture.await("two");
        FakeClient stranger = new FakeClient("stranger");
        other.await(stranger, 0);
        server.refuse(WRONG);
        assertThat(one.failure().reason()).isEqualTo(WaitFailure.Reason.CONNECT_FAILED);
        assertThat(one.failure().lastConnectFailure()).isEqualTo(WRONG);
        assertThat(two.failure().message()).contains("no connection could be opened", "password authentication failed");
        assertThat(stranger.isWaiting()).isTrue();
        server.refuse(WRONG);
        server.accept();
        loop.drain();
        assertThat(stranger.grants).hasSize(1);
    }

    // Hazard R8
    @Test
    void await_soonAfterAFailureThatWaitingCannotMendFailsAtOnce() {
        fixture.await("one");
        server.refuse(WRONG);
        FakeClient soon = fixture.await("soon");
        assertThat(soon.failures).isEmpty();
        loop.drain();
        assertThat(soon.failure().reason()).isEqualTo(WaitFailure.Reason.CONNECT_FAILED);
        loop.pass(1, TimeUnit.SECONDS);
        FakeClient later = fixture.await("later");
        loop.drain();
        assertThat(later.isWaiting()).isTrue();
        server.accept();
        loop.drain();
        assertThat(later.grants).hasSize(1);
    }

    @Test
    void failed_withFailWaitersKeepsThoseWhomAnOpenConnectionCanServe() {
        Lease<Connection> lease = fixture.open();
        FakeClient client = fixture.await("one");
        server.refuse(WRONG);
        loop.drain();
        assertThat(client.isWaiting()).isTrue();
        pool.release(lease);
        loop.drain();
        assertThat(client.grants).hasSize(1);
    }

    @Test
    void discard_ofTheLastConnectionAfterAFailureThatWaitingCannotMendFailsThoseWhoWait() {
        Lease<Connection> lease = fixture.open();
        FakeClient client = fixture.await("one");
        server.refuse(WRONG);
        pool.discard(lease, CloseReason.SERVER_LOST);
        assertThat(client.failures).isEmpty();
        loop.drain();
        assertThat(client.failures).hasSize(1);
    }

    @Test
    void failed_withFailWaitersWhilePausedFailsThemAtResume() {
        FakeClient client = fixture.await("one");
        pool.pause();
        server.refuse(WRONG);
        loop.drain();
        assertThat(client.isWaiting()).isTrue();
        pool.resume();
        loop.drain();
        assertThat(client.failures).hasSize(1);
    }

    @Test
    void failed_withFailWaitersAndNoDelayStillFailsThoseWhoWait() {
        pool.reconfigure(new PoolConfig(1, 0, PoolConfig.Order.LIFO, Long.MAX_VALUE, 0, 0, 0, 1));
        FakeClient client = fixture.await("one");
        server.refuse(WRONG);
        assertThat(client.failures).hasSize(1);
        assertThat(server.connects).isEmpty();
    }

    @Test
    void connect_thatThrowsCountsAsAFailure() {
        server.onConnect = new IllegalArgumentException("on purpose");
        FakeClient client = fixture.await("one", 1_000);
        assertThat(pool.stats().connecting()).isEqualTo(1);
        loop.pass(1_010, TimeUnit.MILLISECONDS);
        assertThat(client.failure().message()).contains("the connector failed: ", "on purpose");
    }

    @Test
    void result_isReportedOnceAndNotInsideConnect() {
        fixture.await("one");
        ConnectResult<Connection> result = server.connects.getFirst();
        server.accept();
        assertThatThrownBy(() -> result.failed(DOWN)).hasMessage("a connect must be reported once");
        FakeConnector hasty = new FakeConnector("hasty");
        hasty.hasty = true;
        pool.retarget(hasty);
        FakeClient client = fixture.await("two", 10);
        loop.pass(10, TimeUnit.MILLISECONDS);
        assertThat(client.failure().message()).contains("must not be reported before");
    }

    @Test
    void listener_hearsOfConnectionsAndFailures() {
        List<String> heard = new ArrayList<>();
        Pool<Connection> heardPool = fixture.pool("heard", checked(), Permits.unlimited(), new PoolListener() {
            @Override
            public void opened(Lease<?> lease) {
                heard.add("opened " + lease);
            }

            @Override
            public void closed(Lease<?> lease, CloseReason reason) {
                heard.add("closed " + lease + " because " + reason.text());
            }

            @Override
            public void connectFailed(Pool<?> failing, ConnectFailure failure) {
                heard.add(failing.name() + ": " + failure.message());
            }

            @Override
            public void checkFailed(Lease<?> lease, String why) {
                heard.add("check of " + lease + ": " + why);
            }
        });
        FakeClient client = new FakeClient("one");
        heardPool.await(client, 0);
        server.refuse(DOWN);
        loop.pass(2, TimeUnit.SECONDS);
        server.accept();
        loop.drain();
        heardPool.release(client.lease());
        loop.pass(2, TimeUnit.SECONDS);
        heardPool.housekeep();
        server.checks.remove().result().dead("no answer");
        assertThat(heard)
                .containsExactly(
                        "heard: connection refused",
                        "opened heard#1",
                        "check of heard#1: no answer",
                        "closed heard#1 because it did not pass the check of idle connections");
    }

    @Test
    void silentListener_hearsNothingAndBreaksNothing() {
        PoolListener silent = PoolListener.SILENT;
        silent.checkFailed(fixture.open(), "no answer");
        silent.connectFailed(pool, DOWN);
        assertThat(pool.stats().lent()).isEqualTo(1);
    }

    private static PoolConfig checked() {
        return new PoolConfig(1, 0, PoolConfig.Order.LIFO, Long.MAX_VALUE, 0, 1_000_000_000L, 1_000_000_000L, 1);
    }
}
