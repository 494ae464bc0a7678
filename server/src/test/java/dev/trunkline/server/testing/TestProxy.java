package dev.trunkline.server.testing;

import dev.trunkline.server.ProxyServer;
import dev.trunkline.server.SetupLoader;
import dev.trunkline.server.SetupResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A proxy in this JVM, with a configuration made for a test, before {@link TestPostgres} or other servers.
 *
 * <p>It has two workers and two listeners on free ports: {@link #port()} routes by transaction, {@link #replicaPort()} to replicas.
 */
public final class TestProxy implements AutoCloseable {
    private final ProxyServer server;
    private final Path directory;

    private TestProxy(ProxyServer server, Path directory) {
        this.server = server;
        this.directory = directory;
    }

    /** A configuration whose database {@code database} is that of {@link TestPostgres}. */
    public static Builder before(TestPostgres postgres, String database) {
        return new Builder("{ leader: \"127.0.0.1:" + postgres.port() + "\" }").database(database, "");
    }

    /** A configuration whose cluster {@code main} is written as {@code yaml}; without a database as yet. */
    public static Builder before(String yaml) {
        return new Builder(yaml);
    }

    /** What a configuration is made of. */
    public static final class Builder {
        private final String cluster;
        private final Map<String, String> databases = new LinkedHashMap<>();
        private final StringBuilder users = new StringBuilder();
        private final Map<String, String> global = new LinkedHashMap<>();
        private final List<String> listeners = new ArrayList<>();

        private Builder(String cluster) {
            this.cluster = cluster;
            user(TestPostgres.USER, TestPostgres.PASSWORD);
            global("workers: 2").global("log_connections: false").global("log_disconnections: false");
            global("shutdown_timeout: 2s").global("admin_users: [ " + TestPostgres.USER + " ]");
        }

        /** Adds a database, or replaces its settings, as {@code pool_size: 10, pool_mode: session}; may be empty. */
        public Builder database(String name, String settings) {
            databases.put(name, settings);
            return this;
        }

        /** Adds a user with a password in plain text. */
        public Builder user(String name, String password) {
            users.append('"').append(name).append("\" \"").append(password).append("\"\n");
            return this;
        }

        /** Adds a line of the top level, as {@code query_wait_timeout: 500ms}, or replaces that with the same name. */
        public Builder global(String line) {
            global.put(line.substring(0, line.indexOf(':')), line);
            return this;
        }

        /** Adds a listener on a free port, as {@code mode: tcp}; its port is {@link TestProxy#port(int)}, from 2 on. */
        public Builder listener(String settings) {
            listeners.add(settings);
            return this;
        }

        /** Starts the proxy; returns when it accepts connections. */
        public TestProxy start() {
            try {
                Path directory = Files.createTempDirectory("trunkline-test");
                Files.writeString(directory.resolve("users.txt"), users);
                Path file = Files.writeString(directory.resolve("trunkline.yaml"), yaml());
                SetupResult result = SetupLoader.load(file);
                if (result instanceof SetupResult.Ready ready) {
                    return new TestProxy(ProxyServer.start(ready.setup()), directory);
                }
                throw new IllegalArgumentException(result.toString());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private String yaml() {
            FreePorts ports = new FreePorts();
            StringBuilder yaml = new StringBuilder(String.join("\n", global.values()));
            yaml.append("\nusers_file: users.txt\nlisteners:\n");
            yaml.append("  - { address: 127.0.0.1, port: %d }%n".formatted(ports.next()));
            yaml.append("  - { address: 127.0.0.1, port: %d, route: replica }%n".formatted(ports.next()));
            listeners.forEach(settings ->
                    yaml.append("  - { address: 127.0.0.1, port: %d, %s }%n".formatted(ports.next(), settings)));
            yaml.append("clusters:\n  main: ").append(cluster).append("\ndatabases:\n");
            databases.forEach((name, settings) -> yaml.append(
                    "  %s: { cluster: main%s }%n".formatted(name, settings.isEmpty() ? "" : ", " + settings)));
            return yaml.toString();
        }
    }

    /** Where each transaction is routed, on 127.0.0.1. */
    public int port() {
        return server.ports().getFirst();
    }

    /** Where all goes to replicas, on 127.0.0.1. */
    public int replicaPort() {
        return port(1);
    }

    /** The port of the listener of that number, from 0, on 127.0.0.1. */
    public int port(int listener) {
        return server.ports().get(listener);
    }

    /** The address for PgJDBC; {@code parameters} as {@code prepareThreshold=1&ssl=false}, or empty. */
    public String jdbcUrl(String database, String parameters) {
        return "jdbc:postgresql://127.0.0.1:" + port() + "/" + database + "?" + parameters;
    }

    /** A connection of PgJDBC as {@link TestPostgres#USER}. */
    public Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(jdbcUrl(database, ""), TestPostgres.USER, TestPostgres.PASSWORD);
    }

    /** A client that speaks byte by byte, not logged in. */
    public RawClient rawClient() {
        return RawClient.connect(port());
    }

    /** A client that speaks byte by byte, logged in as {@link TestPostgres#USER}. */
    public RawClient rawClient(String database) {
        return RawClient.login(port(), database);
    }

    /** The rows of a command of the console, as {@code SHOW SERVERS}, each by column name. */
    public List<Map<String, String>> console(String command) {
        try (Connection connection = DriverManager.getConnection(
                        jdbcUrl("pgbouncer", "preferQueryMode=simple&assumeMinServerVersion=9.6"),
                        TestPostgres.USER,
                        TestPostgres.PASSWORD);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(command)) {
            List<Map<String, String>> result = new ArrayList<>();
            while (rows.next()) {
                Map<String, String> row = new LinkedHashMap<>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    row.put(rows.getMetaData().getColumnName(i), String.valueOf(rows.getString(i)));
                }
                result.add(row);
            }
            return result;
        } catch (SQLException e) {
            throw new IllegalStateException(command, e);
        }
    }

    @Override
    public void close() {
        server.close();
        try {
            Files.deleteIfExists(directory.resolve("users.txt"));
            Files.deleteIfExists(directory.resolve("trunkline.yaml"));
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
