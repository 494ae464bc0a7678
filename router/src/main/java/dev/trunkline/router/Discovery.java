package dev.trunkline.router;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A source of truth about the members of one cluster. */
public interface Discovery extends AutoCloseable {
    /**
     * Looks once. The stage ends within the source's own time limits, on any thread; it fails with a
     * {@link DiscoveryException} if nobody who was asked gave a usable answer. Called again while a look is under way it may
     * return the same stage. Must not block.
     */
    CompletionStage<ClusterView> observe();

    /**
     * Has what the source tells of its own accord told to {@code listener}, until {@link #close}. To be called once, before the
     * first look. A source that tells nothing by itself does nothing here.
     */
    default void listen(Listener listener) {}

    /** Who hears of news. Called on any thread; must not block. What it hears decides nothing: it is a reason to look. */
    interface Listener {
        /** Something may have changed that a look would show. */
        void changed();

        /** Who keeps the leader's lock does not answer, so that it may run out. Told again as long as that lasts. */
        default void leaderUnattended() {}

        /**
         * Somebody has asked for a switchover that begins at once.
         *
         * @param leader the name of the member that is to step down; null if any
         * @param candidate the name of the member that is to lead; null if any
         */
        void switchoverAsked(@Nullable String leader, @Nullable String candidate);
    }

    /** Gives up what is held open. A look that is under way fails or ends. */
    @Override
    void close();
}
