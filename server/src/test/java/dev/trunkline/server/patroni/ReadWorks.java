package dev.trunkline.server.patroni;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** What the clients do that read on replicas. None of them asks where it was served: that would not be proven to read. */
final class ReadWorks {
    private static final int ROWS = 100;
    private static final Load.Place SOMEWHERE = new Load.Place(0, 0);

    private ReadWorks() {}

    /** A row for each client, with which it begins anew. */
    static void createTable(String url) throws SQLException {
        try (Connection connection = Load.connect(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE IF NOT EXISTS counters (client int PRIMARY KEY, n bigint NOT NULL)");
            statement.execute("INSERT INTO counters SELECT client, 0 FROM generate_series(1, " + ROWS
                    + ") client ON CONFLICT (client) DO UPDATE SET n = 0");
        }
    }

    /** One row by its key, in a transaction of its own that says nothing of itself. */
    static Load.Place read(Connection connection, long id) throws SQLException {
        read(connection, 1 + (int) (id % ROWS), "");
        return SOMEWHERE;
    }

    private static long read(Connection connection, int client, String hint) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(hint + "SELECT n FROM counters WHERE client = " + client)) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Writes into a row of its own, reads that at once, and once more up to 50 ms later. */
    static final class ReadBack implements Load.Work {
        static final String READ = "read";

        private static final int MOST_MILLIS = 50;

        private final AtomicInteger stale = new AtomicInteger();
        private final AtomicInteger lost = new AtomicInteger();

        /** How many reads have not seen what the leader has. */
        int stale() {
            return stale.get();
        }

        /** How many reads have not seen what the leader does not have either, though it was acknowledged. */
        int lost() {
            return lost.get();
        }

        void forget() {
            stale.set(0);
            lost.set(0);
        }

        @Override
        public Load.Place once(Connection connection, long id) throws SQLException {
            int client = Load.client(id);
            try (Statement statement = connection.createStatement()) {
                statement.executeUpdate("UPDATE counters SET n = " + id + " WHERE client = " + client);
            }
            try {
                check(connection, client, id);
                Await.elapse(Duration.ofMillis(ThreadLocalRandom.current().nextInt(MOST_MILLIS)));
                check(connection, client, id);
            } catch (SQLException e) {
                throw new Load.StepFailure(READ, e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SQLException("the load ends", e);
            }
            return SOMEWHERE;
        }

        private void check(Connection connection, int client, long written) throws SQLException {
            if (read(connection, client, "") < written) {
                boolean there = read(connection, client, "/* trunkline:leader */ ") >= written;
                (there ? stale : lost).incrementAndGet();
            }
        }
    }

    /** Reads twice in a transaction that is declared to be read-only: BEGIN READ ONLY, SELECT, SELECT, COMMIT. */
    static final class Declared implements Load.Work {
        /** The first statement, and BEGIN with it. */
        static final String BEGIN = "begin";
        /** What comes behind it. */
        static final String RUN = "run";

        @Override
        public void prepare(Connection connection) throws SQLException {
            connection.setAutoCommit(false);
            connection.setReadOnly(true);
        }

        @Override
        public Load.Place once(Connection connection, long id) throws SQLException {
            try {
                ReadWorks.read(connection, id);
            } catch (SQLException e) {
                throw new Load.StepFailure(BEGIN, e);
            }
            try {
                ReadWorks.read(connection, id);
                connection.commit();
            } catch (SQLException e) {
                throw new Load.StepFailure(RUN, e);
            }
            return SOMEWHERE;
        }
    }
}
