package dev.trunkline.router;

/**
 * Hears whether the leader is about to stop. Called on the watcher's thread, in turn; must not block. What {@link TopologyWatcher}
 * announces of the topology is told before the end of a doubt.
 */
public interface DoubtListener {
    /** Nothing new should begin on the present leader. */
    void doubted();

    /** It leads on, or leads no more. */
    void settled();
}
