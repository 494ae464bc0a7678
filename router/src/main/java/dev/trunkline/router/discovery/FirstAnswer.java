package dev.trunkline.router.discovery;

import dev.trunkline.router.DiscoveryException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

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
        Round round = new Round(order);
        round.next();
        return round.told;
    }

    private final class Round {
        private final CompletableFuture<Told<A>> told = new CompletableFuture<>();
        private final List<URI> order;
        private final List<String> failures = new ArrayList<>();
        private int asked;
        private int unanswered;

        Round(List<URI> order) {
            this.order = order;
        }

        void next() {
            URI node = claim();
            if (node != null) {
                ask(node);
            }
        }

        /** The next one that may be asked; null if there is none, or nobody has to be asked any more. */
        private @Nullable URI claim() {
            String nobody;
            synchronized (this) {
                while (asked < order.size() && !told.isDone()) {
                    URI node = order.get(asked++);
                    if (owing.add(node)) {
                        unanswered++;
                        return node;
                    }
                    failures.add(node.getAuthority() + ": has yet to answer an earlier question");
                }
                if (unanswered > 0 || told.isDone()) {
                    return null;
                }
                nobody = String.join("; ", failures);
            }
            told.completeExceptionally(new DiscoveryException(nobody));
            return null;
        }

        private void ask(URI node) {
            int turn = turn();
            var _ = call.apply(node).whenComplete((answer, failure) -> {
                owing.remove(node);
                if (failure == null) {
                    told.complete(new Told<>(node, answer));
                } else {
                    failed(node, failure);
                }
            });
            later.execute(() -> {
                if (turn == turn()) {
                    next();
                }
            });
        }

        /** How many have been asked, or passed over. */
        private synchronized int turn() {
            return asked;
        }

        private void failed(URI node, Throwable failure) {
            synchronized (this) {
                unanswered--;
                failures.add(node.getAuthority() + ": " + Failures.message(failure));
            }
            next();
        }
    }
}
