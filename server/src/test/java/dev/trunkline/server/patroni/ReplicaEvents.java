package dev.trunkline.server.patroni;

import static dev.trunkline.server.patroni.DrillEvent.Needs.NAMESPACES;
import static dev.trunkline.server.patroni.ReplicaEvent.Course.COMES;
import static dev.trunkline.server.patroni.ReplicaEvent.Course.LEAVES;
import static dev.trunkline.server.patroni.ReplicaEvent.Course.STAYS;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** All events of the drill for replicas, in the order in which they are run. */
final class ReplicaEvents {
    /** Of {@link ReplicaDrill}'s configuration. */
    private static final long LIMIT_BYTES = 64L << 20;

    private static final long BEHIND_BYTES = 110L << 20;
    /** As one message in the WAL. */
    private static final int PIECE_BYTES = 1 << 20;

    private static final double AT_ONCE = 1;
    /** A look that comes a second later, and one second in which it is not answered. */
    private static final double SILENT = 2.3;
    /** A look that comes a second later. */
    private static final double LOOK = 1.3;

    private static final double EQUAL = 0.5;
    private static final double THREE_OF_FOUR = 0.75;
    private static final double ALL = 1;

    private ReplicaEvents() {}

    static List<ReplicaEvent> all() {
        List<ReplicaEvent> all = new ArrayList<>(processes());
        all.addAll(states());
        all.addAll(roles());
        all.addAll(shares());
        return all;
    }

    private static List<ReplicaEvent> processes() {
        return List.of(
                stopped("replica-stopped", "all of a replica's PostgreSQL stopped (SIGSTOP) for 10 s"),
                killed().holding(5),
                ReplicaEvent.of(
                                "replica-shut-down",
                                "a replica's node shut down in order, and started 5 s later",
                                30,
                                LEAVES,
                                ReplicaExpectation.moves(AT_ONCE, 2).losingWhatRuns())
                        .struck(ReplicaEvents::shutDown)
                        .healed(scene -> scene.concerned().start()),
                ReplicaEvent.of(
                                "replica-cut-off",
                                "a replica cut off from everybody for 10 s",
                                35,
                                LEAVES,
                                ReplicaExpectation.moves(SILENT, SILENT + 1))
                        .needing(NAMESPACES)
                        .holding(10)
                        .struck(scene -> scene.cluster()
                                .network()
                                .unplug(scene.concerned().name()))
                        .healed(scene ->
                                scene.cluster().network().heal(scene.concerned().name())));
    }

    private static ReplicaEvent stopped(String name, String title) {
        return ReplicaEvent.of(name, title, 35, LEAVES, ReplicaExpectation.moves(SILENT, SILENT + 1))
                .holding(10)
                .struck(scene -> scene.concerned().signalPostgres("STOP"))
                .healed(scene -> scene.concerned().signalPostgres("CONT"));
    }

    static ReplicaEvent killed() {
        return ReplicaEvent.of(
                        "replica-killed",
                        "`kill -9` of a replica, Patroni and PostgreSQL, and a start 5 s later",
                        30,
                        LEAVES,
                        ReplicaExpectation.moves(AT_ONCE, 2).losingWhatRuns())
                .struck(scene -> scene.concerned().kill())
                .healed(scene -> scene.concerned().start());
    }

    static ReplicaEvent behind() {
        return ReplicaEvent.of(
                        "replica-behind",
                        "a replica's replay stopped while 110 MB are written, and resumed",
                        25,
                        LEAVES,
                        ReplicaExpectation.moves(LOOK, 1))
                .struck(ReplicaEvents::fallBehind)
                .healed(scene -> scene.concerned().signalReplay("CONT"));
    }

    private static List<ReplicaEvent> states() {
        return List.of(
                behind().holding(6),
                ReplicaEvent.of(
                                "tag-noloadbalance",
                                "`noloadbalance` set on a member for 5 s",
                                35,
                                LEAVES,
                                ReplicaExpectation.moves(LOOK, 1))
                        .holding(5)
                        .struck(scene -> {
                            tag(scene, "noloadbalance: true", "\"noloadbalance\": true");
                            scene.seenNow();
                        })
                        .healed(scene -> scene.concerned().tag("")),
                ReplicaEvent.of(
                                "replica-added",
                                "a node joins that was stopped before",
                                40,
                                COMES,
                                ReplicaExpectation.moves(Double.POSITIVE_INFINITY, 1))
                        .prepared(scene -> {
                            scene.concerned().stop();
                            scene.awaitReplicas(scene.cluster().nodes().size() - 2);
                        })
                        .struck(scene -> scene.concerned().start()));
    }

    private static List<ReplicaEvent> roles() {
        return List.of(
                ReplicaEvent.of(
                                "replica-promoted",
                                "`SWITCHOVER TO` a replica; the old leader becomes one",
                                30,
                                LEAVES,
                                ReplicaExpectation.moves(AT_ONCE, 1))
                        .struck(ReplicaEvents::promote),
                ReplicaEvent.of(
                                "leader-killed",
                                "`kill -9` of the leader, Patroni and PostgreSQL",
                                45,
                                STAYS,
                                ReplicaExpectation.moves(Double.POSITIVE_INFINITY, 2)
                                        .losingTheLeader(4))
                        .struck(scene -> {
                            PatroniNode old = scene.cluster().leader();
                            scene.returns(old);
                            old.kill();
                            scene.awaitAnother(old);
                        })
                        .healed(scene -> scene.cluster().startDead()));
    }

    private static List<ReplicaEvent> shares() {
        return List.of(
                share("fair-least", "nothing, `replica_choice: least`", 60, EQUAL),
                share("fair-round-robin", "nothing, `replica_choice: round_robin`", 60, EQUAL)
                        .with("replica_choice: round_robin"),
                stopped("stopped-round-robin", "a replica's PostgreSQL stopped for 10 s, `replica_choice: round_robin`")
                        .with("replica_choice: round_robin"),
                share(
                                "fair-weighted",
                                "nothing, `replica_choice: weighted`, tags `trunkline_weight` 3 and 1",
                                60,
                                THREE_OF_FOUR)
                        .with("replica_choice: weighted")
                        .prepared(scene -> {
                            scene.concerned().tag("trunkline_weight: 3");
                            scene.awaitMember(scene.concerned(), "weight", "3");
                        })
                        .healed(scene -> scene.concerned().tag("")),
                share("prefer-tag", "nothing, `prefer_tag: zone=a`, which one replica has", 10, ALL)
                        .with("prefer_tag: zone=a")
                        .prepared(scene -> {
                            scene.concerned().tag("zone: a");
                            scene.awaitMember(scene.concerned(), "tags", "zone=a");
                        })
                        .healed(scene -> scene.concerned().tag("")),
                share("prefer-sync", "nothing, `prefer_sync: true`, `synchronous_mode` on", 10, ALL)
                        .with("prefer_sync: true")
                        .prepared(ReplicaEvents::synchronize)
                        .healed(scene -> scene.cluster().leader().configure("synchronous_mode", false)));
    }

    private static ReplicaEvent share(String name, String title, int seconds, double part) {
        return ReplicaEvent.of(name, title, seconds + 15, STAYS, ReplicaExpectation.part(part))
                .holding(seconds);
    }

    private static void shutDown(ReplicaScene scene) throws Exception {
        scene.concerned().stop();
        Await.elapse(Duration.ofSeconds(5));
    }

    /** Patroni ends a pause of replay by itself, so it is the process that stands still. */
    private static void fallBehind(ReplicaScene scene) throws Exception {
        scene.concerned().signalReplay("STOP");
        try (Connection connection = scene.cluster().leader().connect(PatroniCluster.DATABASE);
                Statement statement = connection.createStatement()) {
            for (long written = 0; written < BEHIND_BYTES; written += PIECE_BYTES) {
                if (written > LIMIT_BYTES && written - PIECE_BYTES <= LIMIT_BYTES) {
                    scene.seenNow();
                }
                statement.execute("SELECT pg_logical_emit_message(false, 'drill', repeat('x', " + PIECE_BYTES + "))");
            }
        }
    }

    private static void promote(ReplicaScene scene) throws Exception {
        PatroniNode old = scene.cluster().leader();
        scene.returns(old);
        String said =
                scene.front().console("SWITCHOVER main TO " + scene.concerned().name());
        if (!said.startsWith("switched over from " + old.name())) {
            throw new AssertionError("SWITCHOVER: " + said);
        }
        scene.seenSincePromotionOf(scene.concerned());
    }

    private static void tag(ReplicaScene scene, String tags, String told) throws Exception {
        scene.concerned().tag(tags);
        PatroniNode leader = scene.cluster().leader();
        Await.until(
                Duration.ofSeconds(10),
                () -> leader.request("GET", "/cluster", "").body().contains(told),
                () -> told + scene.cluster());
    }

    /** The one that Patroni has made synchronous is the one that is preferred. */
    private static void synchronize(ReplicaScene scene) throws Exception {
        scene.cluster().leader().configure("synchronous_mode", true);
        List<PatroniNode> synchronous = new ArrayList<>();
        scene.awaitTopology(rows -> {
            for (Map<String, String> row : rows) {
                if ("1".equals(row.get("sync"))) {
                    synchronous.add(scene.cluster().node(row.get("member")));
                }
            }
            return !synchronous.isEmpty();
        });
        scene.concerns(synchronous.getFirst());
    }
}
