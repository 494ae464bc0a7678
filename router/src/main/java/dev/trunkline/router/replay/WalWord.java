package dev.trunkline.router.replay;

import org.jspecify.annotations.Nullable;

/**
 * What a server says of its WAL.
 *
 * @param inRecovery false on a server that takes writes
 * @param position the next insert of a leader, or what a replica has replayed up to; 0 if it has replayed nothing
 * @param standing what else holds; null if it was not asked for
 */
public record WalWord(
        boolean inRecovery, long position, @Nullable Standing standing) {
    /**
     * What holds for as long as the server is not restarted, but that a replica can be promoted, or follow a leader to a later timeline.
     *
     * @param timeline on which it writes, or that it is certain to have reached
     * @param layout of its WAL
     */
    record Standing(boolean inRecovery, long timeline, WalLayout layout) {}
}
