package dev.trunkline.benchmarks;

/** Arguments of the JVMs that JMH starts. */
final class Jvm {
    /** As in production: Netty reaches direct memory without bounds checks of the JDK. */
    static final String UNSAFE = "--sun-misc-unsafe-memory-access=allow";

    private Jvm() {}
}
