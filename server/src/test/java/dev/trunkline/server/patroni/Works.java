package dev.trunkline.server.patroni;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** What the clients of a load do. */
final class Works {
    /** The timeline is that of the WAL that the server writes now: the control file's is that of the last checkpoint. */
    private static final String WRITE = """
            INSERT INTO writes SELECT ?::bigint, inet_server_port(), pg_is_in_recovery(),
              ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int
            RETURNING port, timeline
            """;

    private Works() {}

    /** A write that is applied twice is an error where its number is even, and stays to be counted where it is odd. */
    static void createTable(String url) throws SQLException {
        try (Connection connection = Load.connect(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE writes (id bigint NOT NULL, port int NOT NULL, recovery boolean NOT NULL,"
                    + " timeline int NOT NULL)");
            statement.execute("CREATE UNIQUE INDEX ON writes (id) WHERE id % 2 = 0");
            statement.execute("CREATE INDEX ON writes (id)");
        }
    }

    /** One INSERT, in a transaction of its own, that notes where it happened. */
    static Load.Place write(Connection connection, long id) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(WRITE)) {
            insert.setLong(1, id);
            try (ResultSet row = insert.executeQuery()) {
                row.next();
                return new Load.Place(row.getInt(1), row.getInt(2));
            }
        }
    }

    /** Reads in a transaction that is declared to be read-only: BEGIN READ ONLY, SELECT, COMMIT. */
    static final class Read implements Load.Work {
        @Override
        public void prepare(Connection connection) throws SQLException {
            connection.setAutoCommit(false);
            connection.setReadOnly(true);
        }

        @Override
        public Load.Place once(Connection connection, long id) throws SQLException {
            try (Statement select = connection.createStatement();
                    ResultSet row = select.executeQuery("SELECT inet_server_port(), max(id) FROM writes")) {
                row.next();
                int port = row.getInt(1);
                connection.commit();
                return new Load.Place(port, 0);
            }
        }
    }

    /** One INSERT, 10 queries behind it, 100 ms apart, and a COMMIT. */
    static final class LongTransaction implements Load.Work {
        private static final int QUERIES = 10;
        private static final Duration PAUSE = Duration.ofMillis(100);

        @Override
        public void prepare(Connection connection) throws SQLException {
            connection.setAutoCommit(false);
        }

        @Override
        public Load.Place once(Connection connection, long id) throws SQLException {
            Load.Place place = write(connection, id);
            try (Statement statement = connection.createStatement()) {
                for (int i = 0; i < QUERIES; i++) {
                    Await.elapse(PAUSE);
                    statement.execute("SELECT 1");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SQLException("the load ends", e);
            }
            connection.commit();
            return place;
        }
    }

    /** A client that keeps its server connection, for the sake of a temporary table, and writes as the others do. */
    static final class Pinned implements Load.Work {
        @Override
        public void prepare(Connection connection) throws SQLException {
            connection.setAutoCommit(true);
            try (Statement statement = connection.createStatement()) {
                statement.execute("CREATE TEMPORARY TABLE mine (id int)");
            }
        }

        @Override
        public Load.Place once(Connection connection, long id) throws SQLException {
            return write(connection, id);
        }
    }
}
