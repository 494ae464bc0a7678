package dev.trunkline.server.patroni;

import static dev.trunkline.server.patroni.DrillEvent.Course.MOVES;
import static dev.trunkline.server.patroni.DrillEvent.Course.PROXY;
import static dev.trunkline.server.patroni.DrillEvent.Course.RETURNS;
import static dev.trunkline.server.patroni.DrillEvent.Course.STAYS;
import static dev.trunkline.server.patroni.DrillEvent.Needs.NAMESPACES;
import static dev.trunkline.server.patroni.DrillEvent.Needs.PATRONI_3_0_3;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** All events of the drill, in the order in which they are run. */
final class DrillEvents {
    private static final double CONSOLE_GAP = 3;
    private static final double RESTART_GAP = 10;
    /** TCP sends again what was lost, after a pause that has doubled meanwhile. */
    private static final double AFTER_SILENCE = 10;

    private DrillEvents() {}

    static List<DrillEvent> all() {
        List<DrillEvent> all = new ArrayList<>(orderly());
        all.addAll(signals());
        all.addAll(patroniGone());
        all.addAll(networks());
        all.add(DrillEvent.of(
                        "trunkline-killed",
                        "`kill -9` of Trunkline, and a start at once",
                        15,
                        PROXY,
                        Expectation.proxyGone(RESTART_GAP),
                        (scene, _) -> scene.trunkline().kill())
                .healed((scene, _) -> scene.trunkline().startAgain()));
        all.add(killed());
        return all;
    }

    private static List<DrillEvent> orderly() {
        return List.of(
                DrillEvent.of(
                        "switchover-console",
                        "`SWITCHOVER` on the console",
                        15,
                        MOVES,
                        Expectation.held(CONSOLE_GAP),
                        DrillEvents::switchOver),
                DrillEvent.of(
                        "switchover-patronictl",
                        "`patronictl switchover`",
                        15,
                        MOVES,
                        Expectation.orderly(),
                        (scene, leader) -> scene.cluster().switchoverByControl(leader)));
    }

    private static DrillEvent killed() {
        return DrillEvent.of(
                "kill-9",
                "`kill -9` of the leader, Patroni and PostgreSQL",
                30,
                MOVES,
                Expectation.crash(),
                (_, leader) -> leader.kill());
    }

    private static List<DrillEvent> signals() {
        return List.of(
                DrillEvent.of(
                                "postmaster-stopped",
                                "the leader's postmaster stopped (SIGSTOP) for 15 s",
                                25,
                                STAYS,
                                Expectation.unnoticed(),
                                (_, leader) -> leader.signalPostmaster("STOP"))
                        .holding(15)
                        .healed((_, leader) -> leader.signalPostmaster("CONT")),
                DrillEvent.of(
                                "postgres-stopped",
                                "all of the leader's PostgreSQL stopped (SIGSTOP)",
                                45,
                                MOVES,
                                Expectation.crash(),
                                (_, leader) -> leader.signalPostgres("STOP"))
                        .needing(PATRONI_3_0_3)
                        .healed((_, leader) -> leader.signalPostgres("CONT")),
                DrillEvent.of(
                                "patroni-stopped",
                                "the leader's Patroni stopped (SIGSTOP); its node woken, or killed with Patroni before 3.0.3",
                                40,
                                MOVES,
                                Expectation.crash(),
                                (_, leader) -> leader.signalPatroni("STOP"))
                        .healed(DrillEvents::wakePatroni),
                DrillEvent.of(
                                "patroni-killed",
                                "`kill -9` of the leader's Patroni alone; then its PostgreSQL killed",
                                40,
                                MOVES,
                                Expectation.crash(),
                                (_, leader) -> leader.signalPatroni("KILL"))
                        .healed((_, leader) -> leader.kill()),
                DrillEvent.of(
                                "leader-frozen",
                                "the leader's host frozen for 40 s, and woken",
                                75,
                                MOVES,
                                Expectation.crash(),
                                (_, leader) -> leader.signalAll("STOP"))
                        .needing(PATRONI_3_0_3)
                        .holding(40)
                        .healed((_, leader) -> leader.signalAll("CONT")));
    }

    private static List<DrillEvent> patroniGone() {
        return List.of(
                DrillEvent.of(
                                "rest-stopped",
                                "Patroni's REST APIs gone for 10 s",
                                20,
                                STAYS,
                                Expectation.unnoticed(),
                                (scene, _) -> scene.cluster().stopRest())
                        .holding(10)
                        .healed((scene, _) -> scene.cluster().resumeRest()),
                DrillEvent.of(
                                "etcd-stopped-failsafe",
                                "etcd stopped for 30 s, with failsafe mode",
                                50,
                                STAYS,
                                Expectation.unnoticed(),
                                (scene, _) -> scene.cluster().stopEtcd())
                        .holding(30)
                        .prepared((scene, _) -> scene.cluster().failsafe(true))
                        .healed(DrillEvents::startEtcdWithoutFailsafe),
                DrillEvent.of(
                                "etcd-stopped",
                                "etcd stopped for 15 s, without failsafe mode",
                                45,
                                RETURNS,
                                Expectation.orderly(),
                                (scene, _) -> scene.cluster().stopEtcd())
                        .holding(15)
                        .healed((scene, _) -> scene.cluster().startEtcd()));
    }

    private static List<DrillEvent> networks() {
        return List.of(
                DrillEvent.of(
                                "host-crash",
                                "the leader's host gone without a word",
                                45,
                                MOVES,
                                Expectation.crash(),
                                DrillEvents::crashHost)
                        .needing(NAMESPACES)
                        .healed(DrillEvents::healNetwork),
                DrillEvent.of(
                                "cut-from-peers",
                                "the leader cut off from etcd and its peers, not from Trunkline",
                                40,
                                MOVES,
                                Expectation.crash(),
                                (scene, leader) -> scene.cluster()
                                        .network()
                                        .silence(leader.name(), scene.cluster().peersOf(leader)))
                        .needing(NAMESPACES)
                        .healed(DrillEvents::healNetwork),
                DrillEvent.of(
                                "cut-from-etcd-failsafe",
                                "the leader cut off from etcd alone for 30 s, with failsafe mode",
                                50,
                                STAYS,
                                Expectation.unnoticed(),
                                (scene, leader) ->
                                        scene.cluster().network().silence(leader.name(), List.of(Network.ETCD)))
                        .needing(NAMESPACES)
                        .holding(30)
                        .prepared((scene, _) -> scene.cluster().failsafe(true))
                        .healed(DrillEvents::healNetworkWithoutFailsafe),
                DrillEvent.of(
                                "cut-from-trunkline",
                                "the leader cut off from Trunkline alone, for 10 s",
                                40,
                                RETURNS,
                                Expectation.orderly().added(AFTER_SILENCE),
                                (scene, leader) -> scene.cluster().network().silenceToClients(leader.name()))
                        .needing(NAMESPACES)
                        .holding(10)
                        .healed(DrillEvents::healNetwork));
    }

    private static void switchOver(Scene scene, PatroniNode leader) throws Exception {
        String said = scene.trunkline().console("SWITCHOVER");
        if (!said.startsWith("switched over from " + leader.name())) {
            throw new AssertionError("SWITCHOVER: " + said);
        }
    }

    private static void startEtcdWithoutFailsafe(Scene scene, PatroniNode leader) throws Exception {
        scene.cluster().startEtcd();
        scene.awaitHealth();
        scene.cluster().failsafe(false);
    }

    private static void healNetworkWithoutFailsafe(Scene scene, PatroniNode leader) throws Exception {
        healNetwork(scene, leader);
        scene.awaitHealth();
        scene.cluster().failsafe(false);
    }

    /** An old one would take the lock back that it has lost, and its leader's timeline with it. */
    private static void wakePatroni(Scene scene, PatroniNode leader) throws IOException, InterruptedException {
        if (scene.cluster().mayWake()) {
            leader.signalPatroni("CONT");
        } else {
            leader.kill();
        }
    }

    private static void crashHost(Scene scene, PatroniNode leader) throws IOException, InterruptedException {
        scene.cluster().network().unplug(leader.name());
        leader.kill();
        scene.cluster().network().forget(leader.name());
    }

    private static void healNetwork(Scene scene, PatroniNode leader) throws IOException, InterruptedException {
        scene.cluster().network().heal(leader.name());
    }
}
