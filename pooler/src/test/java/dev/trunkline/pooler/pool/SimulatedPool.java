package dev.trunkline.pooler.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.pool.FakeConnector.Connection;
import dev.trunkline.pooler.pool.FakeConnector.PendingCheck;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** One pool of a simulation, next to a plain record of what must be true of it. */
final class SimulatedPool implements PoolListener {
    /** No configuration of a simulation waits longer after a failed connect. */
    static final long LONGEST_RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    final List<PermitLimit> limits;
    final Pool<Connection> pool;
    /** Those who wait, in the order in which they must be served. */
    final LinkedHashSet<SimulatedClient> line = new LinkedHashSet<>();
    /** Who holds what. */
    final Map<Lease<Connection>, SimulatedClient> held = new HashMap<>();

    private final List<FakeConnector> servers = new ArrayList<>();
    private final FakeLoop loop;
    private int serversMade;
    private int opened;
    private int closed;
    private long lastFailureNanos = Long.MIN_VALUE / 2;

    SimulatedPool(String name, FakeLoop loop, List<PermitLimit> limits, SplittableRandom random, Runnable mischief) {
        this.loop = loop;
        this.limits = limits;
        this.mischief = mischief;
        Permits permits = new Permits(limits);
        pool = new Pool<>(name, config(random), newServer(name), permits, loop.context(random.split(), this));
    }

    private final Runnable mischief;

    static PoolConfig config(SplittableRandom random) {
        int max = random.nextInt(1, 7);
        long[] lifetimes = {0, TimeUnit.SECONDS.toNanos(20), Long.MAX_VALUE, Long.MAX_VALUE};
        long[] retries = {0, TimeUnit.MILLISECONDS.toNanos(100), LONGEST_RETRY_NANOS};
        return new PoolConfig(
                max,
                random.nextInt(0, max + 1),
                random.nextBoolean() ? PoolConfig.Order.LIFO : PoolConfig.Order.ROUND_ROBIN,
                lifetimes[random.nextInt(lifetimes.length)],
                TimeUnit.SECONDS.toNanos(random.nextInt(0, 10)),
                TimeUnit.SECONDS.toNanos(random.nextInt(0, 5)),
                retries[random.nextInt(retries.length)],
                random.nextInt(1, 5));
    }

    FakeConnector newServer(String name) {
        FakeConnector server = new FakeConnector(name + "-" + serversMade++ + "-");
        server.onClose = mischief;
        servers.removeIf(old -> old.connects.isEmpty() && old.checks.isEmpty());
        servers.add(server);
        return server;
    }

    /** Gives one connect that is under way its answer, if there is one. */
    void answerConnect(SplittableRandom random, ConnectFailure failure) {
        List<ConnectResult<Connection>> connects = new ArrayList<>();
        servers.forEach(server -> connects.addAll(server.connects));
        if (connects.isEmpty()) {
            return;
        }
        ConnectResult<Connection> result = connects.get(random.nextInt(connects.size()));
        FakeConnector server = serverOf(result);
        server.connects.remove(result);
        loop.execute(() -> {
            if (random.nextInt(4) == 0) {
                result.failed(failure);
            } else {
                result.connected(new Connection(server, 0));
            }
        });
    }

    /** Gives one check that is under way its answer, if there is one. */
    void answerCheck(SplittableRandom random) {
        for (FakeConnector server : servers) {
            PendingCheck check = server.checks.poll();
            if (check != null && random.nextInt(4) == 0) {
                check.result().dead("no answer");
                return;
            }
            if (check != null) {
                check.result().alive();
                return;
            }
        }
    }

    boolean hasOpenQuestions() {
        return servers.stream().anyMatch(server -> !server.connects.isEmpty() || !server.checks.isEmpty());
    }

    List<Lease<Connection>> leases() {
        List<Lease<Connection>> leases = new ArrayList<>();
        pool.forEachLease(leases::add);
        return leases;
    }

    void lent(Lease<Connection> lease, SimulatedClient client) {
        assertThat(pool.isPaused()).as("lent while paused").isFalse();
        assertThat(lease.state()).isEqualTo(LeaseState.LENT);
        assertThat(lease.generation()).as("lent though of an older generation").isEqualTo(pool.generation());
        assertThat(lease.connection().usable).as("lent though dead").isTrue();
        assertThat(lease.connection().closed).as("lent though closed").isNull();
        assertThat(held.put(lease, client)).as("lent twice").isNull();
    }

    @Override
    public void opened(Lease<?> lease) {
        opened++;
    }

    @Override
    public void closed(Lease<?> lease, CloseReason reason) {
        closed++;
        assertThat(lease.state()).isEqualTo(LeaseState.CLOSED);
    }

    @Override
    public void connectFailed(Pool<?> failing, ConnectFailure failure) {
        lastFailureNanos = loop.nowNanos();
    }

    /** What is true between any two calls. */
    void check() {
        PoolStats stats = pool.stats();
        assertThat(stats.lent()).as("lent").isEqualTo(held.size());
        assertThat(stats.waiting()).as("waiting").isEqualTo(line.size());
        assertThat(stats.opened()).as("opened").isEqualTo(opened);
        assertThat(stats.closedInAll()).as("closed").isEqualTo(closed);
        assertThat(stats.open()).as("open").isEqualTo(opened - closed).isEqualTo(leases().size());
        assertThat(stats.lent() + stats.idle() + stats.checking()).isEqualTo(stats.open());
        assertThat(pool.isQuiet()).isEqualTo(held.isEmpty());
        assertThat(leases().stream().map(Lease::connection).distinct().count()).isEqualTo(stats.open());
        assertThat(leases())
                .allSatisfy(lease -> assertThat(lease.connection().closed).isNull());
        for (Lease<Connection> lease : leases()) {
            if (lease.state() != LeaseState.LENT) {
                assertThat(lease.generation())
                        .as("kept though of an older generation")
                        .isEqualTo(pool.generation());
            }
        }
    }

    /** What is true when the loop has nothing left to do. */
    void checkAtRest() {
        PoolStats stats = pool.stats();
        if (stats.waiting() == 0 || pool.isPaused()) {
            return;
        }
        assertThat(pool.isClosed()).as("somebody waits in a closed pool").isFalse();
        assertThat(stats.idle()).as("somebody waits while a connection is idle").isZero();
        boolean backsOff = loop.nowNanos() - lastFailureNanos <= LONGEST_RETRY_NANOS + Pool.TIMEOUT_SLACK_NANOS;
        boolean full = stats.open() + stats.connecting() >= stats.max()
                || stats.connecting() >= pool.config().maxConnecting()
                || limits.stream().anyMatch(limit -> limit.used() >= limit.limit());
        assertThat(stats.connecting() > 0 || full || backsOff)
                .as("somebody waits and nothing is done: " + pool.name() + " " + stats.summary())
                .isTrue();
    }

    private FakeConnector serverOf(ConnectResult<Connection> result) {
        return servers.stream()
                .filter(server -> server.connects.contains(result))
                .findFirst()
                .orElseThrow();
    }
}
