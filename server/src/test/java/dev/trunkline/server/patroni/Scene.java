package dev.trunkline.server.patroni;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A cluster, Trunkline and perhaps its rivals in front of it, and a crew of clients of each. One thread at a time. */
final class Scene {
    private static final Duration RESUMED = Duration.ofSeconds(60);

    private final PatroniCluster cluster;
    private final Trunkline trunkline;
    private final Observer observer;
    private final Crew crew;
    private final List<Crew> rivals = new ArrayList<>();
    private long struck;

    private Scene(PatroniCluster cluster, Trunkline trunkline) throws SQLException {
        this.cluster = cluster;
        this.trunkline = trunkline;
        Works.createTable(trunkline.url());
        this.observer = Observer.of(cluster.nodes());
        this.crew = Crew.of(trunkline);
    }

    /** Returns when the clients are at work. */
    static Scene start(Programs programs, boolean withRivals) throws IOException, InterruptedException, SQLException {
        PatroniCluster cluster = PatroniCluster.startApart(programs);
        try {
            Scene scene = new Scene(cluster, Trunkline.start(cluster, Trunkline.Settings.FAILOVER));
            if (withRivals) {
                Rivals fronts = Rivals.start(cluster, programs);
                scene.rivals.add(Crew.writers("HAProxy", fronts.haproxyUrl(), 1));
                scene.rivals.add(Crew.writers("PgBouncer, HAProxy", fronts.pgbouncerUrl(), 2));
            }
            return scene;
        } catch (IOException | InterruptedException | SQLException | RuntimeException | AssertionError e) {
            cluster.end();
            throw e;
        }
    }

    PatroniCluster cluster() {
        return cluster;
    }

    Trunkline trunkline() {
        return trunkline;
    }

    /** Of Trunkline. */
    Crew crew() {
        return crew;
    }

    /** HAProxy's and PgBouncer's, if they are there. */
    List<Crew> rivals() {
        return rivals;
    }

    /** The event begins now. */
    void strike() {
        struck = System.nanoTime();
    }

    long struck() {
        return struck;
    }

    /** Everybody is well: one leads, the others stream, and reads have found their way to those others. */
    PatroniNode awaitHealth() throws IOException, InterruptedException {
        cluster.startDead();
        cluster.awaitStreaming();
        PatroniNode leader = cluster.leader();
        long now = System.nanoTime();
        Load readers = crew.loads().get(Crew.READERS);
        Await.until(
                RESUMED,
                () -> readers.done(now).stream()
                                .map(read -> read.place().port())
                                .filter(port -> port != leader.postgresPort())
                                .distinct()
                                .count()
                        == cluster.nodes().size() - 1,
                () -> "reads on each replica; failures " + readers.failures(now) + cluster);
        return leader;
    }

    /** What was written so far does not count any more; returns from when on it does. */
    long forget() throws SQLException, InterruptedException {
        try (Connection connection = cluster.leader().connect(PatroniCluster.DATABASE);
                Statement statement = connection.createStatement()) {
            statement.execute("TRUNCATE writes");
        }
        long now = System.nanoTime();
        crew.forget(now);
        rivals.forEach(rival -> rival.forget(now));
        return now;
    }

    PatroniNode leader() throws InterruptedException {
        return cluster.leader();
    }

    PatroniNode awaitAnother(PatroniNode old) throws InterruptedException {
        Await.until(RESUMED, () -> cluster.leader() != old, () -> "another leader than " + old.name() + cluster);
        return cluster.leader();
    }

    /** When {@code leader} could be written to, if it was not all the time; else {@code otherwise}. */
    long writableSince(PatroniNode leader, long otherwise) {
        long since = observer.writableSince(leader, otherwise);
        return since - struck > 0 ? since : otherwise;
    }

    void end() throws IOException, InterruptedException {
        observer.end();
        crew.end();
        for (Crew rival : rivals) {
            rival.end();
        }
        cluster.end();
    }
}
