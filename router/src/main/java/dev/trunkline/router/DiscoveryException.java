package dev.trunkline.router;

/** Nobody who was asked could say how the cluster is. Has no stack trace: its message tells what each of them answered. */
public final class DiscoveryException extends RuntimeException {
    public DiscoveryException(String message) {
        super(message, null, false, false);
    }
}
