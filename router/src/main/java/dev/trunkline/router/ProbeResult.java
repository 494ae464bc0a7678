package dev.trunkline.router;

/**
 * What a server says about itself.
 *
 * @param inRecovery what {@code pg_is_in_recovery()} says: false only on a server that takes writes
 * @param timeline the timeline it writes on or follows, 1 or more
 * @param walPosition bytes of WAL written by a leader, or replayed by a replica; 0 if that is not known
 */
public record ProbeResult(boolean inRecovery, long timeline, long walPosition) {
    public ProbeResult {
        if (timeline < 1) {
            throw new IllegalArgumentException("timeline " + timeline + " is less than 1");
        }
        if (walPosition < 0) {
            throw new IllegalArgumentException("WAL position " + walPosition + " is negative");
        }
    }
}
