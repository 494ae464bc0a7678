package dev.trunkline.server.http;

import dev.trunkline.server.metrics.Metrics;
import dev.trunkline.server.state.ProxyState;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The pages that every process has. */
public final class StandardPages {
    private StandardPages() {}

    /**
     * {@code /metrics} for Prometheus, {@code /health} for a load balancer in front, {@code /api/v1/topology} for whoever wants to know
     * who leads and why.
     */
    public static Map<String, Page> of(Metrics metrics, ProxyState state) {
        return Map.of(
                "/metrics",
                () -> metrics.scrape().thenApply(text -> new Page.Content(200, Metrics.CONTENT_TYPE, text)),
                "/health",
                () -> CompletableFuture.completedFuture(health(state.health())),
                "/api/v1/topology",
                new TopologyPage(state));
    }

    /** 200 while clients are accepted, 503 while the process drains. */
    private static Page.Content health(ProxyState.Health health) {
        return switch (health) {
            case ACCEPTING -> json(200, "accepting");
            case DRAINING -> json(503, "draining");
        };
    }

    private static Page.Content json(int status, String word) {
        return new Page.Content(status, "application/json", "{\"status\":\"" + word + "\"}\n");
    }
}
