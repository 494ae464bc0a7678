package dev.trunkline.server.state;

import java.util.List;
import java.util.concurrent.CompletionStage;

/** What the console, the metrics and the health page may ask of the running process. Safe to call from any thread. */
public interface ProxyState {
    /**
     * Asks every worker once and puts the answers together. The stage may complete on any thread, and late or never if a
     * worker hangs: a caller sets its own time limit.
     */
    CompletionStage<ProxySnapshot> snapshot(Detail detail);

    /** What is known of the clusters now. Answers at once: no worker is asked. */
    List<ClusterRow> clusters();

    /** Whether new clients are accepted now. Answers at once. */
    Health health();

    /** How much a snapshot holds. */
    enum Detail {
        /** Numbers only: the lists of clients and servers are empty. */
        COUNTS,
        /** Also one row for each client and each server connection. */
        SESSIONS
    }

    /** Whether a load balancer should send new clients here. */
    enum Health {
        ACCEPTING,
        DRAINING
    }
}
