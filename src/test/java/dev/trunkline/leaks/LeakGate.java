package dev.trunkline.leaks;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Fails the run, after its last test, if a buffer was collected unreleased in it. JUnit finds it through {@code META-INF/services}
 * and uses it for every test class; see docs/testing.md.
 */
public final class LeakGate implements BeforeAllCallback {
    /** A collection queues what it found on a thread of its own: after a second one the finds of the first are surely there. */
    private static final int COLLECTIONS = 2;

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getRoot()
                .getStore(Namespace.create(LeakGate.class))
                .getOrComputeIfAbsent(Run.class, _ -> new Run(), Run.class);
    }

    /** All tests of one JVM: the root store closes it after the last. */
    private static final class Run implements AutoCloseable {
        Run() {
            ResourceLeakDetector<Run> detector =
                    ResourceLeakDetectorFactory.instance().newResourceLeakDetector(Run.class);
            if (!(detector instanceof RecordingLeakDetector<Run>)) {
                throw new IllegalStateException("Leaks would go unseen: start this JVM with"
                        + " -Dio.netty.customResourceLeakDetector=" + RecordingLeakDetector.class.getName());
            }
            if (ResourceLeakDetector.getLevel() != ResourceLeakDetector.Level.PARANOID) {
                throw new IllegalStateException(
                        "Leaks would go unseen: start this JVM with -Dio.netty.leakDetection.level=paranoid");
            }
        }

        @Override
        public void close() {
            for (int i = 0; i < COLLECTIONS; i++) {
                collect();
            }
            RecordingLeakDetector.poll();
            List<String> leaks = RecordingLeakDetector.leaks();
            if (!leaks.isEmpty()) {
                throw new AssertionError(
                        "LEAK: " + leaks.size() + " in the tests of this module\n" + String.join("\n", leaks));
            }
        }

        private static void collect() {
            ReferenceQueue<Object> collected = new ReferenceQueue<>();
            WeakReference<Object> reference = new WeakReference<>(new Object(), collected);
            System.gc();
            awaitOne(collected);
            if (!reference.refersTo(null)) {
                throw new IllegalStateException("Leaks would go unseen: this JVM does not collect when told to");
            }
        }

        private static void awaitOne(ReferenceQueue<Object> collected) {
            try {
                collected.remove(TimeUnit.SECONDS.toMillis(30));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Interrupted while looking for leaks", e);
            }
        }
    }
}
