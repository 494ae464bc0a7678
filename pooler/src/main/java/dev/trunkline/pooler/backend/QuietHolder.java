package dev.trunkline.pooler.backend;

import dev.trunkline.wire.PgError;
import dev.trunkline.wire.TxStatus;

/**
 * A holder with no client to pass things on to. It sends a few small queries of the proxy's own, whose answers and
 * {@link #onReadEnd} tell it all that it needs to know.
 */
public interface QuietHolder extends Holder {
    /** Nothing: {@link #onReadEnd} looks at the whole. */
    @Override
    default void onReady(TxStatus status) {}

    /** Nothing: the connection has noted it itself. */
    @Override
    default void onParameter(String name, String value) {}

    /** Nothing: no client's state is at stake. */
    @Override
    default void onDiscarded(Discarded what) {}

    /** Nothing: the answer to the query says so too. */
    @Override
    default void onError(PgError error) {}

    /** Nothing: nothing was relayed. */
    @Override
    default void onReadComplete() {}

    /** Nothing: what it sends is small. */
    @Override
    default void onWritability(Flow flow) {}
}
