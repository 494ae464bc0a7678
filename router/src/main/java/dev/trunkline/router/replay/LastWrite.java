package dev.trunkline.router.replay;

/**
 * When one client was told last that something of its was committed. Loop-confined to the worker of the client.
 *
 * <p>Between the acknowledgement and the end of the turn of the loop in which it was read, the moment is open, and nothing covers it:
 * the clock that a worker reads once per turn may have been read in front of the acknowledgement.
 */
public final class LastWrite {
    private State state = State.NONE;
    private long nanos;

    private enum State {
        NONE,
        OPEN,
        TIMED
    }

    /** Something was acknowledged, at a moment that is told later by {@link #at}. */
    public void acknowledged() {
        state = State.OPEN;
    }

    /** A moment at or behind the latest acknowledgement. */
    public void at(long newNanos) {
        state = State.TIMED;
        nanos = newNanos;
    }

    /** True if the moment of the latest is still to come. */
    public boolean isOpen() {
        return state == State.OPEN;
    }

    /** True if the client has written anything. */
    public boolean isAny() {
        return state != State.NONE;
    }

    /** True if what the client has written is there where this is the coverage of. */
    public boolean isIn(Coverage coverage) {
        return switch (state) {
            case NONE -> true;
            case OPEN -> false;
            case TIMED -> coverage.includes(nanos);
        };
    }
}
