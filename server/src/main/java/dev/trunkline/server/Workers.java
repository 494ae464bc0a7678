package dev.trunkline.server;

import dev.trunkline.router.Topology;
import dev.trunkline.server.config.PoolSettings;
import dev.trunkline.server.state.ProxyState;
import dev.trunkline.server.state.WorkerSnapshot;
import dev.trunkline.wire.message.CancelRequest;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/** All workers. Thread-safe. */
final class Workers {
    private final List<Worker> all;
    private final Slices slices = new Slices();

    Workers(List<Worker> all) {
        this.all = List.copyOf(all);
    }

    void start() {
        all.forEach(Worker::start);
    }

    /**
     * Where this client of these pools is to live: on the one worker that is the home of small pools, so that their line is one; where
     * the fewest others are, of those that have a slice of large ones.
     */
    Worker homeFor(Channel channel, PoolKey key, PoolSettings settings) {
        int home = Slice.home(key, all.size());
        int count = all.get(home).slice(key, settings).count();
        if (count == 1) {
            return all.get(home);
        }
        int near = Math.floorMod(of(channel.eventLoop()).index() - home, all.size());
        int slice = slices.enter(key, count, near);
        channel.closeFuture().addListener(_ -> slices.leave(key, slice));
        return all.get((home + slice) % all.size());
    }

    /** The one whose loop this is. */
    Worker of(EventLoop loop) {
        for (Worker worker : all) {
            if (worker.loop().equals(loop)) {
                return worker;
            }
        }
        throw new IllegalArgumentException("the loop is no worker's");
    }

    /** Asks each worker for the session with this key: a process id that is a server's own does not say where to look. */
    void cancel(CancelRequest request) {
        onEach(worker -> worker.cancel(request.pid(), request.secret()));
    }

    void apply(String cluster, Topology topology) {
        onEach(worker -> worker.apply(cluster, topology));
    }

    /** Asks each on its loop, and adds up what they say. */
    CompletionStage<Integer> sum(ToIntFunction<Worker> question) {
        CompletableFuture<Integer> sum = CompletableFuture.completedFuture(0);
        for (Worker worker : all) {
            CompletableFuture<Integer> part =
                    CompletableFuture.supplyAsync(() -> question.applyAsInt(worker), worker.loop());
            sum = sum.thenCombine(part, Integer::sum);
        }
        return sum;
    }

    /** The same, waited for. Not to be called on a loop. */
    int ask(ToIntFunction<Worker> question) throws InterruptedException {
        try {
            return sum(question).toCompletableFuture().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Runs on the loop of each. */
    void onEach(Consumer<Worker> task) {
        all.forEach(worker -> worker.loop().execute(() -> task.accept(worker)));
    }

    /** Runs on the loop of each, and returns when it has run on all. Not to be called on a loop. */
    void onEachAwaited(Consumer<Worker> task) {
        List<CompletableFuture<Void>> runs = all.stream()
                .map(worker -> CompletableFuture.runAsync(() -> task.accept(worker), worker.loop()))
                .toList();
        runs.forEach(CompletableFuture::join);
    }

    /** Asks each for its part of a snapshot. */
    CompletionStage<List<WorkerSnapshot>> snapshots(ProxyState.Detail detail) {
        CompletableFuture<List<WorkerSnapshot>> result = CompletableFuture.completedFuture(new ArrayList<>());
        for (Worker worker : all) {
            CompletableFuture<WorkerSnapshot> part =
                    CompletableFuture.supplyAsync(() -> Snapshots.of(worker, detail), worker.loop());
            result = result.thenCombine(part, (parts, each) -> {
                parts.add(each);
                return parts;
            });
        }
        return result;
    }
}
