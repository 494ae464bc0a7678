package dev.trunkline.server.patroni;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * All that can happen to the replicas of a cluster, one event after the other, and how the load is shared among them. Started by
 * bin/replica-drill, whose options are the system properties {@code drill.…}; what it prints begins with {@code drill:}.
 */
@Tag("long")
class ReplicaDrill implements DrillProgram.Stage<ReplicaEvent> {
    static final String CLUSTER = "failover_hold: 60s, switchover_wait: 5s, max_replica_lag: 64MB, replica_ramp: "
            + ReplicaRun.RAMP.toSeconds() + "s";
    static final String DATABASE = "pool_size: 10, read_routing: auto, consistency: session";

    private final ReplicaTable table = new ReplicaTable();
    private @Nullable Stage stage;

    /** A cluster, and the Trunkline in front of it with the settings of some events. */
    private record Stage(PatroniCluster cluster, Trunkline trunkline, String settings, ReplicaScene scene) {
        static Stage of(PatroniCluster cluster, String settings)
                throws IOException, InterruptedException, SQLException {
            String all = settings.isEmpty() ? CLUSTER : CLUSTER + ", " + settings;
            Trunkline trunkline =
                    Trunkline.start(cluster, new Trunkline.Settings(all, DATABASE, "replica-drill.trunkline.log"));
            return new Stage(cluster, trunkline, settings, new ReplicaScene(cluster, trunkline));
        }

        /** Another Trunkline takes the place of this one. */
        Stage with(String others) throws IOException, InterruptedException, SQLException {
            scene.end();
            trunkline.stop();
            return of(cluster, others);
        }
    }

    // Hazards R5 and R16
    @Test
    void everyEvent_movesTheReadsAndFailsNone() throws Exception {
        DrillProgram.run(ReplicaEvents.all(), this);
    }

    @Override
    public void run(Programs programs, ReplicaEvent event, int number, DrillReport report) throws Exception {
        ReplicaEffect effect = new ReplicaRun(scene(programs, event.settings()), event).run();
        table.add(event, effect);
        DrillReport.say(ReplicaTable.line(event, number, effect));
        List<String> complaints = event.expectation().complaints(effect);
        complaints.forEach(complaint -> report.wrong(event.name(), number, complaint));
        if (!complaints.isEmpty()) {
            effect.told().forEach(DrillReport::say);
        }
    }

    @Override
    public List<String> table() {
        return table.lines();
    }

    private ReplicaScene scene(Programs programs, String settings)
            throws IOException, InterruptedException, SQLException {
        Stage present = stage;
        if (present == null) {
            PatroniCluster cluster = PatroniCluster.startApart(programs);
            try {
                present = Stage.of(cluster, settings);
            } catch (IOException | InterruptedException | SQLException | RuntimeException | AssertionError e) {
                cluster.end();
                throw e;
            }
        } else if (!present.settings.equals(settings)) {
            present = present.with(settings);
        }
        stage = present;
        return present.scene;
    }

    /** Also after a mistake: what it has left behind is not the next one's fault. */
    @Override
    public void end() throws IOException, InterruptedException, SQLException {
        Stage present = stage;
        stage = null;
        if (present != null) {
            present.scene.end();
            present.cluster.end();
        }
    }
}
