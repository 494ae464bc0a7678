package dev.trunkline.server.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A PostgreSQL leader for the tests, started when the first test asks for it and stopped when the JVM ends. Thread-safe.
 *
 * <p>There is a user {@value #USER} with the password {@value #PASSWORD}, who may create databases and end sessions of anybody but
 * a superuser, and a superuser {@code postgres}, who needs no password on a connection from this machine.
 */
public final class TestPostgres {
    public static final String USER = "app";
    public static final String PASSWORD = "app";

    private final EmbeddedPostgres server;
    private final AtomicInteger databases = new AtomicInteger();

    private TestPostgres(EmbeddedPostgres server) {
        this.server = server;
    }

    private static final class Holder {
        static final TestPostgres SERVER = launch();
    }

    /** The server; started when this is called first. */
    public static TestPostgres get() {
        return Holder.SERVER;
    }

    private static TestPostgres launch() {
        try {
            TestPostgres started = new TestPostgres(EmbeddedPostgres.builder()
                    .setServerConfig("max_connections", "200")
                    .setServerConfig("fsync", "off")
                    .setServerConfig("full_page_writes", "off")
                    .setServerConfig("lc_messages", "C")
                    // What tests do on purpose is not worth a line.
                    .setServerConfig("log_min_messages", "panic")
                    .start());
            started.execute("postgres", "CREATE ROLE app LOGIN CREATEDB PASSWORD 'app' IN ROLE pg_signal_backend");
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where it listens, on 127.0.0.1. */
    public int port() {
        return server.getPort();
    }

    /** Makes a database that belongs to {@value #USER}; its name begins with {@code prefix} and is new. */
    public String createDatabase(String prefix) {
        String name = prefix + "_" + databases.incrementAndGet();
        execute("postgres", "CREATE DATABASE " + name + " OWNER " + USER);
        return name;
    }

    /** A connection of the superuser straight to the server. */
    public Connection connect(String database) throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port() + "/" + database, "postgres", "");
    }

    /** Runs one statement, or several divided by semicolons, as the superuser. */
    public void execute(String database, String sql) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The first column of what a query returns to the superuser. */
    public List<String> column(String database, String sql) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
