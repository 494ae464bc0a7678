package dev.trunkline.router.discovery;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The REST API of the node that leads, or that led until its lock ran out. May be used from any thread. It is asked one thing at a time.
 *
 * <p>While it leads, it is asked for a sign of life ({@code GET /liveness}): a Patroni that is frozen or was killed lets its lock run
 * out while its PostgreSQL goes on. Behind that it is asked if it leads on ({@code GET /leader}), as it does in failsafe mode, in which
 * nobody else is elected (Patroni's manual, "Patroni REST API" and "DCS Failsafe Mode").
 */
final class LeaderApi {
    /** For so long silence is a reason to look. A lock lasts 30 s by default. */
    static final Duration ALARM = Duration.ofMinutes(2);
    /** Between two times that it is asked if it leads on: where PostgreSQL hangs, each takes one of Patroni's threads. */
    static final Duration PAUSE = Duration.ofSeconds(5);

    private final Function<URI, CompletableFuture<Integer>> status;
    private final AtomicBoolean asking = new AtomicBoolean();
    private volatile @Nullable URI node;
    /** It has shown a sign of life since it was named: an API that cannot be reached from here says nothing by its silence. */
    private volatile boolean heard;

    private volatile long lastHeard;
    /** It has said that it leads, after its lock had run out. */
    private volatile boolean vouches;

    private volatile long nextQuestion = System.nanoTime();

    /** @param status asks an address, and gives the status of the answer or fails within a time limit */
    LeaderApi(Function<URI, CompletableFuture<Integer>> status) {
        this.status = status;
    }

    /** Takes note of an answer. True if the lock is free, and the one who had it does not say that it leads on: another may be elected. */
    boolean isElecting(PatroniAnswer answer) {
        if (!answer.unlocked()) {
            follow(answer.leaderApis());
            return false;
        }
        URI last = node;
        if (last != null && System.nanoTime() - nextQuestion >= 0 && asking.compareAndSet(false, true)) {
            var _ = status.apply(last.resolve("/leader")).whenComplete((code, failure) -> {
                vouches = failure == null && code == 200;
                nextQuestion = System.nanoTime() + (vouches ? 0 : PAUSE.toNanos());
                asking.set(false);
            });
        }
        return !vouches;
    }

    /**
     * Asks for a sign of life, unless it is being asked already.
     *
     * @param answerer who has just shown one
     * @param alarm is run if there is none, for the first {@link #ALARM} of silence
     */
    void pulse(URI answerer, Runnable alarm) {
        URI leader = node;
        if (leader == null) {
            return;
        }
        if (leader.getAuthority().equalsIgnoreCase(answerer.getAuthority())) {
            hear();
        } else if (asking.compareAndSet(false, true)) {
            var _ = status.apply(leader.resolve("/liveness")).whenComplete((_, failure) -> {
                asking.set(false);
                if (failure == null) {
                    hear();
                } else if (heard && System.nanoTime() - lastHeard < ALARM.toNanos()) {
                    alarm.run();
                }
            });
        }
    }

    private void follow(List<URI> leaders) {
        vouches = false;
        nextQuestion = System.nanoTime();
        if (!leaders.isEmpty() && !leaders.getFirst().equals(node)) {
            heard = false;
            node = leaders.getFirst();
        }
    }

    private void hear() {
        lastHeard = System.nanoTime();
        heard = true;
    }
}
