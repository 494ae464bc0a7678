package dev.trunkline.router;

import java.util.concurrent.CompletionStage;

/** Asks a server itself what it is. {@link ProbeQuery} has the statement to ask with. */
@FunctionalInterface
public interface ServerProbe {
    /**
     * Asks once. The stage must end within a time limit of the probe's own, on any thread, and leave no connection behind
     * that hangs. Each caller (the watcher, and a source that asks the servers) has at most one probe under way for an
     * endpoint. It fails with a {@link ProbeException} where the reason is known; any other failure counts as {@link ProbeException.Kind#UNANSWERED}. Must not block.
     */
    CompletionStage<ProbeResult> probe(Endpoint endpoint);

    /** False if it repeats what the source of the cluster said last. */
    default boolean isServersOwnWord() {
        return true;
    }
}
