package dev.trunkline.server.patroni;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Asks each server directly, every 20 ms, whether it is in recovery: the yardstick for what the proxy adds. */
final class Observer {
    private static final int PAUSE_MILLIS = 20;

    private final ScheduledExecutorService threads;
    /** When each node was last seen to leave recovery, by its port. */
    private final Map<Integer, Long> writableSince = new ConcurrentHashMap<>();

    private Observer(int nodes) {
        this.threads = Executors.newScheduledThreadPool(nodes);
    }

    static Observer of(List<PatroniNode> nodes) {
        Observer observer = new Observer(nodes.size());
        for (PatroniNode node : nodes) {
            observer.threads.scheduleWithFixedDelay(observer.new Look(node), 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
        return observer;
    }

    /** When {@code node} was last seen to leave recovery; {@code otherwise} if never. */
    long writableSince(PatroniNode node, long otherwise) {
        return writableSince.getOrDefault(node.postgresPort(), otherwise);
    }

    void end() throws InterruptedException {
        threads.shutdownNow();
        threads.awaitTermination(10, TimeUnit.SECONDS);
    }

    private final class Look implements Runnable {
        private final PatroniNode node;
        private Connection connection;
        private boolean recovering;

        Look(PatroniNode node) {
            this.node = node;
        }

        @Override
        public void run() {
            try {
                look();
            } catch (SQLException e) {
                connection = null; // it is down, or starts, or is being rewound
            }
        }

        private void look() throws SQLException {
            if (connection == null) {
                connection = node.connect("postgres");
            }
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT pg_is_in_recovery()")) {
                row.next();
                boolean now = row.getBoolean(1);
                if (recovering && !now) {
                    writableSince.put(node.postgresPort(), System.nanoTime());
                }
                recovering = now;
            }
        }
    }
}
