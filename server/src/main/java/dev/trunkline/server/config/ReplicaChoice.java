package dev.trunkline.server.config;

import dev.trunkline.router.Balancer;

/** How the replica of the next transaction is chosen. */
public enum ReplicaChoice implements Keyword {
    /** Whoever has the least to do. */
    LEAST("least", Balancer.Strategy.LEAST),
    /** One after the other. */
    ROUND_ROBIN("round_robin", Balancer.Strategy.ROUND_ROBIN),
    /** In turn, as often as the weights say. */
    WEIGHTED("weighted", Balancer.Strategy.WEIGHTED);

    private final String keyword;
    private final Balancer.Strategy strategy;

    ReplicaChoice(String keyword, Balancer.Strategy strategy) {
        this.keyword = keyword;
        this.strategy = strategy;
    }

    @Override
    public String keyword() {
        return keyword;
    }

    /** What the router calls it. */
    Balancer.Strategy strategy() {
        return strategy;
    }
}
