package dev.trunkline.server.client;

import dev.trunkline.router.pools.RoutedPool;
import org.jspecify.annotations.Nullable;

/**
 * What a session has for the routing of its transactions. Loop-confined.
 *
 * @param first the first batch on the present connection
 * @param texts whether batches read
 * @param proven the batch that was sent to a replica for that
 * @param notes where transactions begin and why
 * @param rerun runs a batch once more
 */
record RouteSide(FirstBatch first, BatchTexts texts, ProvenRead proven, RouteNotes notes, Rerun rerun) {
    static RouteSide of(ClientSide client, SessionHome home) {
        ReadTexts reads = home.readers().reads();
        BatchTexts texts = new BatchTexts(client, reads);
        FirstBatch first = new FirstBatch(home.readers().intents());
        ProvenRead proven = new ProvenRead(new HeldAnswer(client.channel(), home.counters()));
        RouteNotes notes =
                new RouteNotes(client.traits(), home.counters(), reads, WriteWatch.of(client.traits(), home));
        return new RouteSide(first, texts, proven, notes, new Rerun(first, texts, proven, client.channel()));
    }

    /** A transaction has got a connection from this pool. */
    void granted(@Nullable RoutedPool pool) {
        notes.granted(pool);
        rerun.begins(notes.isProven());
        if (notes.isProven() && RouteNotes.isReplica(pool)) {
            proven.begin();
        } else {
            proven.end();
        }
    }
}
