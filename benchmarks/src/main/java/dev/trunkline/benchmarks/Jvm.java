package dev.trunkline.benchmarks;

/** Arguments of the JVMs that JMH starts. */
final class Jvm {
    /** As in production: Netty reaches direct memory without bounds checks of the JDK. */
    static final String UNSAFE = "--sun-misc-unsafe-memory-access=allow";

    /** As in production: Netty follows no buffer. */
    static final String NO_LEAK_DETECTION = "-Dio.netty.leakDetection.level=disabled";

    /** Benchmarks run on threads that JMH does not make itself. */
    static final String OWN_THREADS = "-Djmh.executor=CUSTOM";

    /** Whose threads they are. */
    static final String LOOP_THREADS = "-Djmh.executor.class=dev.trunkline.benchmarks.LoopThreads";

    private Jvm() {}
}
