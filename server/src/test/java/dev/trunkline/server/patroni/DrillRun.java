package dev.trunkline.server.patroni;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One event, from a healthy cluster to a healthy cluster. */
final class DrillRun {
    /** For how long the load runs before the event. */
    private static final Duration BEFORE = Duration.ofSeconds(2);
    /** How long the load runs on after an event, so that late mistakes are seen. */
    private static final Duration AFTERWARDS = Duration.ofSeconds(2);
    /** Within that, each client does something once there is a leader. */
    private static final Duration STUCK = Duration.ofSeconds(10);
    /** PgBouncer may wait for its server that long; how long it does is measured and no mistake. */
    private static final Duration RIVALS = Duration.ofSeconds(90);

    private final Scene scene;
    private final DrillEvent event;
    private final List<String> stuck = new ArrayList<>();

    DrillRun(Scene scene, DrillEvent event) {
        this.scene = scene;
        this.event = event;
    }

    /** What it did to the clients of Trunkline, and then to those of its rivals. */
    List<Effect> run() throws Exception {
        PatroniNode old = scene.awaitHealth();
        event.prepare().take(scene, old);
        long clean = scene.forget();
        Await.elapse(BEFORE);
        scene.strike();
        try {
            event.strike().take(scene, old);
            last(old);
        } finally {
            event.heal().take(scene, old);
        }
        long healed = System.nanoTime();
        awaitWork(scene.leader(), "afterwards");
        PatroniNode leader = scene.awaitHealth();
        for (Crew rival : scene.rivals()) {
            rival.awaitWork(leader, RIVALS);
        }
        Await.elapse(AFTERWARDS);
        return effects(new Moments(clean, scene.struck(), back(leader, healed), System.nanoTime()), leader);
    }

    /** Until another node leads if that is its course, and for as long as it is to last. */
    private void last(PatroniNode old) throws InterruptedException {
        switch (event.course()) {
            case MOVES -> awaitWork(scene.awaitAnother(old), "meanwhile");
            case STAYS -> awaitWork(old, "meanwhile");
            case RETURNS, PROXY -> {}
        }
        Duration past = Duration.ofNanos(System.nanoTime() - scene.struck());
        if (past.compareTo(event.hold()) < 0) {
            Await.elapse(event.hold().minus(past));
        }
    }

    private void awaitWork(PatroniNode leader, String when) throws InterruptedException {
        scene.crew().awaitWork(leader, STUCK).forEach(client -> stuck.add(client + " " + when));
    }

    private long back(PatroniNode leader, long healed) {
        return switch (event.course()) {
            case MOVES -> scene.writableSince(leader, scene.struck());
            case RETURNS -> scene.writableSince(leader, healed);
            case STAYS, PROXY -> scene.struck();
        };
    }

    private List<Effect> effects(Moments moments, PatroniNode leader) throws Exception {
        Rows rows = Rows.of(leader);
        List<Effect> effects = new ArrayList<>();
        effects.add(Effect.of(scene.crew(), moments, leader, rows, stuck));
        if (event.course() != DrillEvent.Course.PROXY) {
            for (Crew rival : scene.rivals()) {
                effects.add(Effect.of(rival, moments, leader, rows, List.of()));
            }
        }
        return effects;
    }
}
