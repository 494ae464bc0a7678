package dev.trunkline.server.demo;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/** Tells the user what is going on, with the seconds since the start. */
final class Progress {
    private static final double NANOS_PER_SECOND = 1e9;

    private final PrintStream out;
    private final LongSupplier ticker;
    private final long start;

    /** @param ticker nanoseconds */
    Progress(PrintStream out, LongSupplier ticker) {
        this.out = out;
        this.ticker = ticker;
        this.start = ticker.getAsLong();
    }

    void step(String what) {
        out.printf(Locale.ROOT, "[%5.1f s] %s%n", seconds(), what);
        out.flush();
    }

    /** A line without a time. */
    void say(String text) {
        out.println(text);
        out.flush();
    }

    double seconds() {
        return (ticker.getAsLong() - start) / NANOS_PER_SECOND;
    }
}
