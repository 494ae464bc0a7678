package dev.trunkline.server.patroni;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.TestProxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** A client that listens by a shared connection stays connected through a switchover, and listens on the new leader. */
@Timeout(value = 150, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PatroniListenTest {
    private static final Duration MOVED = Duration.ofSeconds(60);

    @Test
    void switchover_listenerFollowsTheLeaderAndIsToldOfTheGap() throws Exception {
        PatroniCluster cluster = PatroniCluster.start();
        try (TestProxy proxy = proxy(cluster);
                Connection listener = connect(proxy);
                Connection notifier = connect(proxy)) {
            Works.createTable(proxy.jdbcUrl(PatroniCluster.DATABASE, ""));
            run(listener, "LISTEN news");
            run(notifier, "NOTIFY news, 'before'");
            assertThat(heard(listener)).containsExactly("before");

            cluster.awaitStreaming();
            PatroniNode old = cluster.switchover();
            Await.until(MOVED, () -> cluster.leader() != old, () -> "another leader than " + old.name());
            Await.until(MOVED, () -> isListening(proxy), () -> "the shared connection on the new leader");
            Await.until(MOVED, () -> isWarned(listener), () -> "the notice of the gap");

            run(notifier, "NOTIFY news, 'after'");
            assertThat(heard(listener)).containsExactly("after");
            assertThat(Works.write(notifier, 1).port())
                    .isEqualTo(cluster.leader().postgresPort());
        } finally {
            cluster.end();
        }
    }

    private static TestProxy proxy(PatroniCluster cluster) {
        String yaml = "{ patroni: [ \"%s\" ], check_user: %s, failover_hold: 60s }"
                .formatted(String.join("\", \"", cluster.restUrls()), PatroniCluster.CHECK_USER);
        return TestProxy.before(yaml)
                .user(PatroniCluster.CHECK_USER, PatroniFile.PASSWORD)
                .database(PatroniCluster.DATABASE, "listen: shared, listen_gap_notice: true")
                .start();
    }

    private static Connection connect(TestProxy proxy) throws SQLException {
        return Load.connect(proxy.jdbcUrl(PatroniCluster.DATABASE, ""));
    }

    private static boolean isListening(TestProxy proxy) {
        return proxy.console("SHOW LISTENERS").stream()
                .anyMatch(row -> "news".equals(row.get("channel")) && "listening".equals(row.get("state")));
    }

    /** The driver collects warnings as it reads what has come. */
    private static boolean isWarned(Connection listener) throws SQLException {
        try (Statement statement = listener.createStatement()) {
            statement.execute("SELECT 1");
            SQLWarning ofStatement = statement.getWarnings();
            SQLWarning ofConnection = listener.getWarnings();
            return isGap(ofStatement) || isGap(ofConnection);
        }
    }

    private static boolean isGap(@Nullable SQLWarning warning) {
        return warning != null && warning.getMessage().contains("notifications may have been lost");
    }

    private static List<String> heard(Connection listener) throws SQLException {
        PGNotification[] notes = listener.unwrap(PGConnection.class).getNotifications((int) MOVED.toMillis());
        List<String> payloads = new ArrayList<>();
        for (PGNotification note : notes) {
            payloads.add(note.getParameter());
        }
        return payloads;
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
