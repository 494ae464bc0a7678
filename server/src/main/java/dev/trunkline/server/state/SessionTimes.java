package dev.trunkline.server.state;

/**
 * When things happened on a connection. Immutable.
 *
 * @param connectedAtMillis when it was made, milliseconds since 1970
 * @param requestAtMillis when its last request came (or went), milliseconds since 1970
 * @param waitNanos how long its current request has been waited for; 0 if none is
 */
public record SessionTimes(long connectedAtMillis, long requestAtMillis, long waitNanos) {}
