package dev.trunkline.router;

import java.util.concurrent.CompletionStage;

/** A source of truth about the members of one cluster. */
public interface Discovery extends AutoCloseable {
    /**
     * Looks once. The stage ends within the source's own time limits, on any thread; it fails with a
     * {@link DiscoveryException} if nobody who was asked gave a usable answer. Called again while a look is under way it may
     * return the same stage. Must not block.
     */
    CompletionStage<ClusterView> observe();

    /** Gives up what is held open. A look that is under way fails or ends. */
    @Override
    void close();
}
