package dev.trunkline.server.patroni;

import java.time.Duration;
import java.util.List;

/** One event, from a healthy cluster to a healthy cluster. */
final class ReplicaRun {
    /** How long the share of a replica grows that is new or was away, in the configuration of all events. */
    static final Duration RAMP = Duration.ofSeconds(5);

    /** For how long the load runs before the event. */
    private static final Duration BEFORE = Duration.ofSeconds(2);
    /** How long it runs on afterwards, so that late mistakes are seen, and a share can be measured. */
    private static final Duration AFTERWARDS = Duration.ofSeconds(3);
    /** Within that, each client does something once the event is over. */
    private static final Duration STUCK = Duration.ofSeconds(10);

    private final ReplicaScene scene;
    private final ReplicaEvent event;

    ReplicaRun(ReplicaScene scene, ReplicaEvent event) {
        this.scene = scene;
        this.event = event;
    }

    /** What it did to the clients. */
    ReplicaEffect run() throws Exception {
        scene.awaitHealth();
        scene.concerns(scene.replicas().getFirst());
        event.prepare().take(scene);
        Await.elapse(BEFORE);
        long clean = scene.forget();
        Await.elapse(BEFORE);
        scene.seenNow();
        long struck = scene.seen();
        try {
            event.strike().take(scene);
            Await.elapse(event.hold().minusNanos(System.nanoTime() - struck));
        } finally {
            event.heal().take(scene);
        }
        long back = System.nanoTime();
        scene.awaitAnswer(scene.returning());
        long answers = System.nanoTime();
        List<String> stuck = scene.crew().awaitWork(STUCK);
        scene.awaitHealth();
        Await.elapse(AFTERWARDS);
        Moments moments = new Moments(clean, struck, back, System.nanoTime());
        return ReplicaEffect.of(scene, event.course(), moments, answers, RAMP.toNanos(), stuck);
    }
}
