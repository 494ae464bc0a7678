package dev.trunkline.server.differential;

/**
 * A difference, as short as it could be made.
 *
 * @param seed makes the scenario in which it was met first
 * @param played the short scenario, or that one if the difference did not come again
 * @param again whether it came again when the scenario was played again
 */
record Finding(long seed, Played played, Repetition again) {
    enum Repetition {
        /** It comes each time, or at least often enough. */
        CAME_AGAIN,
        /** It has to do with time. */
        DID_NOT_COME_AGAIN
    }
}
