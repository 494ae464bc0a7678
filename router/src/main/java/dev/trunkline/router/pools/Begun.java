package dev.trunkline.router.pools;

/** Counts what was begun on one server, for as long as the process lives: pools come and go. Loop-confined. */
public final class Begun {
    private long count;

    void increment() {
        count++;
    }

    /** How often a client was to get a connection there. */
    public long count() {
        return count;
    }
}
