package dev.trunkline.pooler.backend;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;

/** A PostgreSQL with a user for each method of authentication, all with the password {@value #PASSWORD}. */
final class RealServer {
    static final String PASSWORD = "p\u00e4ss'w\\ord \u3042";

    private static final String HBA = """
            host all postgres   127.0.0.1/32 trust
            host all trusted    127.0.0.1/32 trust
            host all by_scram   127.0.0.1/32 scram-sha-256
            host all by_md5     127.0.0.1/32 md5
            host all by_md5_scram 127.0.0.1/32 md5
            host all in_clear   127.0.0.1/32 password
            host all rejected   127.0.0.1/32 reject
            """;

    private final EmbeddedPostgres postgres;

    private RealServer(EmbeddedPostgres postgres) {
        this.postgres = postgres;
    }

    static RealServer start(Path data) throws Exception {
        EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setServerConfig("fsync", "off")
                .setServerConfig("max_connections", "30")
                .start();
        RealServer server = new RealServer(postgres);
        server.createUsers();
        Files.writeString(data.resolve("pg_hba.conf"), HBA);
        server.sql("SELECT pg_reload_conf()");
        server.awaitTrue("SELECT bool_or('by_scram' = ANY (user_name)) FROM pg_hba_file_rules");
        return server;
    }

    int port() {
        return postgres.getPort();
    }

    void stop() throws IOException {
        postgres.close();
    }

    void sql(String... statements) throws SQLException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    /** The first column of the first row. */
    String value(String query) throws SQLException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return String.valueOf(rows.getString(1));
        }
    }

    /** Asks until the answer is true, for thirty seconds at most. */
    void awaitTrue(String query) throws SQLException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!value(query).equals("t")) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("never true: " + query);
            }
            value("SELECT pg_sleep(0.01)");
        }
    }

    private void createUsers() throws SQLException {
        String password = " LOGIN PASSWORD '" + PASSWORD.replace("'", "''") + "'";
        sql(
                "SET password_encryption = 'scram-sha-256'",
                "CREATE ROLE by_scram" + password,
                "CREATE ROLE by_md5_scram" + password,
                "CREATE ROLE in_clear" + password,
                "CREATE ROLE rejected" + password,
                "CREATE ROLE trusted LOGIN",
                "SET password_encryption = 'md5'",
                "CREATE ROLE by_md5" + password);
    }
}
