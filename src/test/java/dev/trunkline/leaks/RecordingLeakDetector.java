package dev.trunkline.leaks;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakTracker;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Netty's leak detector, which also keeps what it reports. Netty makes one for each class that it tracks, by this class's name in
 * the system property {@code io.netty.customResourceLeakDetector}, on whatever thread comes first; hence the shared lists.
 *
 * @param <T> the class of the tracked resources
 */
public final class RecordingLeakDetector<T> extends ResourceLeakDetector<T> {
    private static final Queue<RecordingLeakDetector<?>> DETECTORS = new ConcurrentLinkedQueue<>();
    private static final Queue<String> LEAKS = new ConcurrentLinkedQueue<>();

    /** Called by Netty. */
    public RecordingLeakDetector(Class<?> resourceType, int samplingInterval) {
        super(resourceType, samplingInterval);
        DETECTORS.add(this);
    }

    /** Called by Netty where a class still asks with the number of active instances, which means nothing any more. */
    public RecordingLeakDetector(Class<?> resourceType, int samplingInterval, long maxActive) {
        this(resourceType, samplingInterval);
    }

    /** All leaks reported so far in this JVM, in the words of Netty's log. */
    static List<String> leaks() {
        return List.copyOf(LEAKS);
    }

    /** Reports the resources that were collected unreleased until now. */
    static void poll() {
        DETECTORS.forEach(RecordingLeakDetector::pollOne);
    }

    /** A detector looks at what was collected whenever it is asked to track something. */
    @SuppressWarnings("unchecked") // The detector only takes the identity of what it tracks.
    private void pollOne() {
        T nothing = (T) new Object();
        ResourceLeakTracker<T> tracker = trackForcibly(nothing);
        tracker.close(nothing);
    }

    @Override
    protected boolean needReport() {
        return true; // Whatever the level of the log is.
    }

    @Override
    protected void reportTracedLeak(String resourceType, String records) {
        LEAKS.add(resourceType + " was not released before it was collected. Its records:" + records);
        super.reportTracedLeak(resourceType, records);
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
        LEAKS.add(resourceType + " was not released before it was collected; no record was kept.");
        super.reportUntracedLeak(resourceType);
    }
}
