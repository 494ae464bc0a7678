package dev.trunkline.server.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.TestPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** A driver that listens, by each of its ways to send a statement. */
class ListenByPgJdbcTest {
    @RegisterExtension
    static final SharingProxy PROXY = new SharingProxy("listen_pgjdbc", "");

    private static final int LIMIT_MILLIS = 20_000;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "preferQueryMode=simple",
                "preferQueryMode=extended",
                "prepareThreshold=1",
                "prepareThreshold=-1",
                "autosave=always"
            })
    void listenAndNotify(String parameters) throws SQLException {
        try (Connection listener = connect(parameters);
                Connection notifier = connect(parameters)) {
            for (String channel : List.of("one", "two", "one", "three", "one", "two", "one")) {
                run(listener, "LISTEN " + channel);
            }
            listener.setAutoCommit(false);
            run(listener, "LISTEN four");
            Savepoint savepoint = listener.setSavepoint();
            run(listener, "LISTEN five");
            listener.rollback(savepoint);
            listener.commit();
            listener.setAutoCommit(true);
            run(listener, "UNLISTEN two");

            for (String channel : List.of("one", "two", "three", "four", "five", "one")) {
                run(notifier, "NOTIFY " + channel);
            }
            assertThat(heard(listener, 4)).containsExactly("one", "three", "four", "one");
        }
    }

    private static Connection connect(String parameters) throws SQLException {
        return DriverManager.getConnection(
                PROXY.proxy().jdbcUrl(PROXY.database(), parameters), TestPostgres.USER, TestPostgres.PASSWORD);
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (PreparedStatement prepared = connection.prepareStatement(sql);
                Statement plain = connection.createStatement()) {
            plain.execute("SELECT 1");
            prepared.execute();
        }
    }

    private static List<String> heard(Connection listener, int count) throws SQLException {
        PGConnection driver = listener.unwrap(PGConnection.class);
        List<String> channels = new ArrayList<>();
        while (channels.size() < count) {
            PGNotification[] notes = driver.getNotifications(LIMIT_MILLIS);
            assertThat(notes).isNotEmpty();
            for (PGNotification note : notes) {
                channels.add(note.getName());
            }
        }
        return channels;
    }
}
