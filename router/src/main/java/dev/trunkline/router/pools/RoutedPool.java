package dev.trunkline.router.pools;

import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.backend.ServerTarget;
import dev.trunkline.pooler.pool.Pool;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Load;
import dev.trunkline.router.Share;
import dev.trunkline.router.replay.Coverage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A pool, or a worker's slice of one, and where it leads. Loop-confined. */
public final class RoutedPool implements Load {
    private final Pool<ServerConnection> pool;
    private final Duty duty;
    private @Nullable Endpoint endpoint;
    private int outstanding;
    /** Shared with its slices on other workers. */
    private final AtomicInteger pinned;

    private final Begun begun;
    private final Share share;
    private final Coverage coverage;

    RoutedPool(Pool<ServerConnection> pool, Duty duty, @Nullable Endpoint endpoint, Books books) {
        this.pool = pool;
        this.duty = duty;
        this.endpoint = endpoint;
        this.pinned = books.pinned;
        this.begun = books.begun;
        this.share = books.share;
        this.coverage = books.coverage;
    }

    /** What is known of a pool besides. */
    record Books(AtomicInteger pinned, Begun begun, Share share, Coverage coverage) {}

    /** What a pool is for. */
    public enum Duty {
        LEADER,
        REPLICA,
        /** Where those wait who may only go to a replica while there is none. */
        WAITING_FOR_REPLICA
    }

    public Pool<ServerConnection> pool() {
        return pool;
    }

    public Duty duty() {
        return duty;
    }

    /** The server that it leads to; null while there is none. */
    public @Nullable Endpoint endpoint() {
        return endpoint;
    }

    /** What its server must say it is. */
    ServerTarget.Standing standing() {
        return duty == Duty.LEADER ? ServerTarget.Standing.LEADER : ServerTarget.Standing.ANY;
    }

    /** What its server has of the leader's writes; nothing is known of one that is no replica. */
    public Coverage coverage() {
        return coverage;
    }

    void endpoint(@Nullable Endpoint newEndpoint) {
        this.endpoint = newEndpoint;
    }

    /** Somebody waits here or has got a connection. */
    public void begun() {
        outstanding++;
        begun.increment();
    }

    /** Somebody has given a connection back, or has stopped waiting. */
    public void ended() {
        outstanding--;
    }

    /** A client keeps its connection from here beyond its transactions. */
    public void pinned() {
        pinned.incrementAndGet();
    }

    /** A client keeps its connection no longer. */
    public void unpinned() {
        pinned.decrementAndGet();
    }

    /** How many connections are kept beyond transactions, in all slices of the pool. */
    public int pinnedCount() {
        return pinned.get();
    }

    /** How often somebody came here, in this pool and those with its name before it. */
    public long begunCount() {
        return begun.count();
    }

    @Override
    public int outstanding() {
        return outstanding;
    }

    @Override
    public Share share() {
        return share;
    }
}
