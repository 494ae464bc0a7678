package dev.trunkline.server.patroni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/**
 * Trunkline before a real Patroni cluster, while clients write and read without a pause. Nothing is restarted between the
 * tests: the same proxy and the same clients see one event after the other. The crash comes last, because the crashed node
 * needs the longest to come back.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(value = 150, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PatroniFailoverTest {
    private static final String READ_ONLY = "25006";
    /** A second client's login must not take longer than what a driver waits for, and here far less. */
    private static final Duration LOGIN = Duration.ofSeconds(1);

    private static Drill drill;

    @BeforeAll
    static void start() throws Exception {
        drill = Drill.start();
    }

    @AfterAll
    static void stop() throws Exception {
        if (drill != null) {
            drill.end();
        }
    }

    @BeforeEach
    void heal() throws Exception {
        drill.awaitHealth();
    }

    // Hazard R17
    @Test
    @Order(1)
    void restApiGone_theProvenLeaderIsKeptAndNobodyNotices() throws Exception {
        PatroniNode leader = drill.cluster().leader();
        long since = System.nanoTime();
        drill.cluster().stopRest();
        drill.runOn(Duration.ofSeconds(7));
        drill.cluster().resumeRest();
        drill.runOn(Duration.ofSeconds(2));

        report("REST stopped", drill.outage(since, leader, 0));
        assertThat(drill.writers().failures(since)).isEmpty();
        assertThat(drill.readers().failures(since)).isEmpty();
        assertThat(drill.writers().done(since)).allMatch(write -> write.place().port() == leader.postgresPort());
        assertThat(drill.readers().done(since)).noneMatch(read -> read.place().port() == leader.postgresPort());
        assertThat(drill.outage(since, leader, 0).pause()).isLessThan(1);
        assertNothingLost(leader, since);
    }

    // Hazard R4
    @Test
    @Order(2)
    void switchover_writesFollowTheLeaderAndNoneIsLost() throws Exception {
        long since = System.nanoTime();
        PatroniNode old = drill.cluster().switchover();
        PatroniNode leader = drill.awaitMove(old, since);

        report("switchover", drill.outage(since, leader, 0));
        assertMoved(leader, since);
        assertNothingLost(leader, since);
        assertThat(drill.outage(since, leader, 0).pause()).isLessThan(10);
    }

    // Hazards R4, R20 and R21
    @Test
    @Order(3)
    void leaderKilled_writesFollowTheNewLeader() throws Exception {
        try (Connection quiet = Load.connect(drill.url())) {
            long since = System.nanoTime();
            PatroniNode old = drill.cluster().killLeader();
            drill.runOn(Duration.ofSeconds(1));
            assertThat(loginTime()).isLessThan(LOGIN);
            Load.Place first = Works.write(quiet, -1);
            PatroniNode leader = drill.awaitMove(old, since);

            assertThat(first.port())
                    .as("where the first write of a quiet client went")
                    .isEqualTo(leader.postgresPort());
            List<Load.Done> lost = drill.lost(leader, since);
            report("kill -9", drill.outage(since, leader, lost.size()));
            assertThat(lost)
                    .allMatch(write -> write.place().port() == old.postgresPort(), "asynchronous, on the old leader");
            assertMoved(leader, since);
            assertThat(drill.connectionsTo(old)).isZero();
            assertThat(drill.connectionsTo(leader)).isPositive();
            assertThat(drill.outage(since, leader, 0).added()).isLessThan(3);
        }
    }

    private static Duration loginTime() throws SQLException {
        long begun = System.nanoTime();
        Load.connect(drill.url()).close();
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    /** From the first write that the new leader acknowledged on, nothing that was begun went anywhere else. */
    private static void assertMoved(PatroniNode leader, long since) throws SQLException {
        assertThat(drill.strays(leader, since)).isEmpty();
        assertThat(Rows.of(leader).inRecovery()).isZero();
        assertThat(drill.writers().failures(since))
                .noneMatch(failure -> failure.state().equals(READ_ONLY));
        assertThat(drill.readers().failures(since))
                .noneMatch(failure -> failure.state().equals(READ_ONLY));
        assertThat(drill.writers().logins(since))
                .allMatch(login -> login.endedNanos() - login.begunNanos() < LOGIN.toNanos());
    }

    private static void assertNothingLost(PatroniNode leader, long since) throws SQLException {
        assertThat(drill.lost(leader, since)).isEmpty();
    }

    private static void report(String event, Outage outage) {
        System.out.println(outage.line(event));
    }
}
