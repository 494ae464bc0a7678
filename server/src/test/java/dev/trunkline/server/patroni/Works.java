package dev.trunkline.server.patroni;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** What the clients of a load do. */
final class Works {
    /** The timeline is that of the WAL that the server writes now: the control file's is that of the last checkpoint. */
    private static final String WRITE = """
            INSERT INTO writes SELECT ?::bigint, inet_server_port(), pg_is_in_recovery(),
              ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int
            RETURNING port, timeline
            """;

    private Works() {}

    static void createTable(String url) throws SQLException {
        try (Connection connection = Load.connect(url);
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE writes (id bigint PRIMARY KEY, port int NOT NULL, recovery boolean NOT NULL,"
                            + " timeline int NOT NULL)");
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
}
