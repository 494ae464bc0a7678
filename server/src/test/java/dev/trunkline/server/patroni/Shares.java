package dev.trunkline.server.patroni;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * How often transactions were begun on each replica, asked of the console every 50 ms; so times are right to that, and to how long the
 * answer takes. Servers are told by their ports. Thread-safe.
 */
final class Shares {
    private static final int PAUSE_MILLIS = 50;
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Front front;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final Deque<Sample> samples = new ArrayDeque<>();
    private Connection console;

    /** @param begun by the ports of all that were replicas so far, since the start of the proxy */
    private record Sample(long nanos, Map<Integer, Long> begun) {
        long of(int port) {
            return begun.getOrDefault(port, 0L);
        }

        long all() {
            return begun.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    private Shares(Front front) {
        this.front = front;
    }

    /** Begins to ask. */
    static Shares of(Front front) {
        Shares shares = new Shares(front);
        shares.thread.scheduleWithFixedDelay(shares::ask, 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        return shares;
    }

    /** What was seen before that is of no interest any more. */
    synchronized void forget(long beforeNanos) {
        while (samples.size() > 1 && samples.getFirst().nanos - beforeNanos < 0) {
            samples.removeFirst();
        }
    }

    /** When a transaction was begun there last, in this time; {@code fromNanos} if none was. */
    synchronized long lastBegun(int port, long fromNanos, long toNanos) {
        long last = fromNanos;
        Sample before = null;
        for (Sample sample : between(fromNanos, toNanos)) {
            if (before != null && sample.of(port) > before.of(port)) {
                last = sample.nanos;
            }
            before = sample;
        }
        return last;
    }

    /** When a transaction was begun there first after this; empty if none was. */
    synchronized OptionalLong firstBegun(int port, long fromNanos) {
        List<Sample> seen = between(fromNanos, System.nanoTime());
        return seen.stream()
                .filter(sample -> sample.of(port) > seen.getFirst().of(port))
                .mapToLong(Sample::nanos)
                .findFirst();
    }

    /** The end of the first whole second after this in which so much of all was begun there; empty if there was none. */
    synchronized OptionalLong reached(int port, double part, long fromNanos) {
        return between(fromNanos, System.nanoTime()).stream()
                .mapToLong(Sample::nanos)
                .filter(end -> end - fromNanos > WINDOW_NANOS)
                .filter(end -> part(port, end - WINDOW_NANOS, end) >= part)
                .findFirst();
    }

    /** Which part of all that was begun on replicas in this time was begun there, 0 to 1; not a number if nothing was. */
    synchronized double part(int port, long fromNanos, long toNanos) {
        List<Sample> seen = between(fromNanos, toNanos);
        if (seen.isEmpty()) {
            return Double.NaN;
        }
        Sample first = seen.getFirst();
        Sample last = seen.getLast();
        return (double) (last.of(port) - first.of(port)) / (last.all() - first.all());
    }

    void end() throws InterruptedException, SQLException {
        thread.shutdownNow();
        thread.awaitTermination(10, TimeUnit.SECONDS);
        if (console != null) {
            console.close();
        }
    }

    private List<Sample> between(long fromNanos, long toNanos) {
        return samples.stream()
                .filter(sample -> sample.nanos - fromNanos >= 0 && sample.nanos - toNanos <= 0)
                .toList();
    }

    private void ask() {
        try {
            if (console == null) {
                console = front.openConsole();
            }
            List<Map<String, String>> targets = Front.rows(console, "SHOW TARGETS");
            keep(targets, System.nanoTime());
        } catch (SQLException e) {
            console = null; // the proxy is not there; what was begun cannot have grown
        }
    }

    /** A server that is no replica now is not told of, and has what it had. */
    private synchronized void keep(List<Map<String, String>> targets, long nanos) {
        Map<Integer, Long> begun = samples.isEmpty() ? new HashMap<>() : new HashMap<>(samples.getLast().begun);
        targets.stream()
                .filter(target -> "replica".equals(target.get("role")))
                .forEach(target -> begun.put(Integer.valueOf(target.get("port")), Long.valueOf(target.get("begun"))));
        samples.addLast(new Sample(nanos, begun));
    }
}
