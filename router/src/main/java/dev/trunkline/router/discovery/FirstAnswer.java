package dev.trunkline.router.discovery;

import dev.trunkline.router.DiscoveryException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Asks one node for what all of them know, and the next one as soon as that one fails or has not answered for {@link #PATIENCE}; the first
 * usable answer counts. A node that owes the answer to an earlier question is passed over, so that none ever has two. May be used from any
 * thread.
 */
final class FirstAnswer<A> {
    /** Long enough for a node that is well, and short beside the limit after which one counts as silent. */
    static final Duration PATIENCE = Duration.ofMillis(100);

    private final Function<URI, CompletableFuture<A>> call;
    private final Executor later;
    private final Set<URI> owing = ConcurrentHashMap.newKeySet();

    /**
     * Of {@code node}.
     *
     * @param answer what it has said
     */
    record Told<A>(URI node, A answer) {}

    /** @param call asks a node, and fails within a time limit if that gives no usable answer */
    FirstAnswer(Function<URI, CompletableFuture<A>> call) {
        this(call, CompletableFuture.delayedExecutor(PATIENCE.toNanos(), TimeUnit.NANOSECONDS, Runnable::run));
    }

    /** @param later runs what it is given behind {@link #PATIENCE} */
    FirstAnswer(Function<URI, CompletableFuture<A>> call, Executor later) {
        this.call = call;
        this.later = later;
    }

    /**
     * Fails with a {@link DiscoveryException} that tells what each one has failed with, if nobody gives an answer. That is known within the
     * time limit of a node, behind one {@link #PATIENCE} for each of the others at most.
     *
     * @param order whom to ask, best first
     */
    CompletableFuture<Told<A>> of(List<URI> order) {
        return new Round(order).begin();
    }

    /** May be told of answers by several threads at a time. */
    private final class Round {
        private final CompletableFuture<Told<A>> told = new CompletableFuture<>();
        private final List<URI> order;
        private final Queue<String> failures = new ConcurrentLinkedQueue<>();
        private final AtomicInteger turns = new AtomicInteger();
        /** So many have neither failed nor been passed over. */
        private final AtomicInteger left;

        Round(List<URI> order) {
            this.order = order;
            this.left = new AtomicInteger(order.size());
        }

        CompletableFuture<Told<A>> begin() {
            if (order.isEmpty()) {
                told.completeExceptionally(new DiscoveryException("there is nobody to ask"));
            }
            next();
            return told;
        }

        private void next() {
            while (!told.isDone()) {
                int turn = turns.getAndIncrement();
                if (turn >= order.size()) {
                    return;
                }
                URI node = order.get(turn);
                if (owing.add(node)) {
                    ask(node, turn);
                    return;
                }
                failed(node, "has yet to answer an earlier question");
            }
        }

        private void ask(URI node, int turn) {
            var _ = call.apply(node).whenComplete((answer, failure) -> {
                owing.remove(node);
                if (failure == null) {
                    told.complete(new Told<>(node, answer));
                } else {
                    failed(node, Failures.message(failure));
                    next();
                }
            });
            later.execute(() -> {
                if (turns.get() == turn + 1) {
                    next();
                }
            });
        }

        private void failed(URI node, String why) {
            failures.add(node.getAuthority() + ": " + why);
            if (left.decrementAndGet() == 0) {
                told.completeExceptionally(new DiscoveryException(String.join("; ", failures)));
            }
        }
    }
}
