package dev.trunkline.server.metrics;

import dev.trunkline.server.state.ProxySnapshot;
import dev.trunkline.server.state.ProxyState;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.netty4.NettyAllocatorMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of the process. Safe to use from any thread.
 *
 * <p>A scrape asks the workers once. Scrapes that come while one is under way share its answer, so that no number of
 * readers makes more work. If the workers do not answer in time, the numbers of the last scrape are shown again and
 * {@code trunkline_scrape_stale} is 1.
 */
public final class Metrics implements AutoCloseable {
    /** The form that {@link #scrape} gives. Source: Prometheus' text exposition format. */
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final ProxyState state;
    private final Executor renderer;
    private final Duration limit;
    private final SnapshotCollector collector = new SnapshotCollector();
    private final JvmGcMetrics gc = new JvmGcMetrics();
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final AtomicReference<@Nullable CompletableFuture<String>> underWay = new AtomicReference<>();
    private volatile Freshness freshness = Freshness.STALE;

    private enum Freshness {
        FRESH,
        STALE
    }

    /**
     * @param version Trunkline's own version
     * @param renderer where the text is made: not a worker's loop
     * @param limit how long the workers have for an answer
     */
    public Metrics(ProxyState state, String version, Executor renderer, Duration limit) {
        this.state = state;
        this.renderer = renderer;
        this.limit = limit;
        registry.getPrometheusRegistry().register(collector);
        Gauge.builder("trunkline.build.version", () -> 1)
                .description("Always 1; the label tells the version")
                .tag("version", version)
                .register(registry);
        Gauge.builder("trunkline.scrape.stale", () -> freshness == Freshness.STALE ? 1 : 0)
                .description("1 if the workers did not answer in time, so that older numbers are shown, else 0")
                .register(registry);
        Gauge.builder("trunkline.draining", () -> state.health() == ProxyState.Health.DRAINING ? 1 : 0)
                .description("1 while no new clients are accepted, else 0")
                .register(registry);
        bindRuntime(ByteBufAllocator.DEFAULT);
    }

    /** For meters of other parts of the process. */
    public MeterRegistry registry() {
        return registry;
    }

    /** The text of a scrape. Completes on the renderer, at the latest a little after the limit. */
    public CompletionStage<String> scrape() {
        CompletableFuture<String> mine = new CompletableFuture<>();
        CompletableFuture<String> other = underWay.compareAndExchange(null, mine);
        if (other != null) {
            return other.minimalCompletionStage();
        }
        var _ = ask().handle(this::remember)
                .thenApplyAsync(_ -> registry.scrape(CONTENT_TYPE), renderer)
                .whenComplete((text, failure) -> finish(mine, text, failure));
        return mine.minimalCompletionStage();
    }

    /** Stops listening to the garbage collector. */
    @Override
    public void close() {
        gc.close();
        registry.close();
    }

    private CompletableFuture<ProxySnapshot> ask() {
        return CompletableFuture.completedFuture(ProxyState.Detail.COUNTS)
                .thenCompose(state::snapshot)
                .orTimeout(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    private Freshness remember(@Nullable ProxySnapshot snapshot, @Nullable Throwable failure) {
        if (snapshot != null && failure == null) {
            collector.update(snapshot);
            freshness = Freshness.FRESH;
        } else {
            freshness = Freshness.STALE;
        }
        return freshness;
    }

    private void finish(CompletableFuture<String> mine, @Nullable String text, @Nullable Throwable failure) {
        underWay.set(null);
        if (text != null) {
            mine.complete(text);
        } else {
            mine.completeExceptionally(failure == null ? new IllegalStateException("no text") : failure);
        }
    }

    private void bindRuntime(ByteBufAllocator allocator) {
        gc.bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ClassLoaderMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        if (allocator instanceof ByteBufAllocatorMetricProvider provider) {
            new NettyAllocatorMetrics(provider).bindTo(registry);
        }
    }
}
