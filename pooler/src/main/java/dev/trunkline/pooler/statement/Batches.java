package dev.trunkline.pooler.statement;

/**
 * The batches of one server connection, by number: a batch is what is sent up to a message that ReadyForQuery answers. Numbers
 * never repeat, over all connections of the process.
 *
 * <p>A server that meets an error ignores the rest of the batch (PostgreSQL manual, "Extended Query"). So within one batch what
 * stands behind a change is only carried out if that was; what was changed in an earlier batch is not certain before that
 * has come to its end.
 */
public interface Batches {
    /** Those of a server that has answered all that it was ever sent. */
    Batches AT_REST = new Batches() {
        @Override
        public long current() {
            return 1;
        }

        @Override
        public long oldest() {
            return 1;
        }

        @Override
        public boolean isOpen(long batch) {
            return false;
        }

        @Override
        public boolean isQuiet() {
            return true;
        }
    };

    /** The batch that is being sent. */
    long current();

    /** The first that is not answered to its end; {@link #current} if there is none. */
    long oldest();

    /** True if the server has answered all that it was sent, also in the middle of a batch. */
    boolean isQuiet();

    /** True if the server has not answered that batch to its end. */
    default boolean isOpen(long batch) {
        return batch - oldest() >= 0 && batch - current() <= 0;
    }

    /** As {@link #isOpen}, but for a batch in front of the current one. */
    default boolean isUncertain(long batch) {
        return batch - oldest() >= 0 && batch - current() < 0;
    }
}
