package dev.trunkline.server.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The proxy's configuration in the demo: a file like one that a user would write. */
final class DemoConfiguration {
    private static final String USERS = """
            "%s" "%s"
            "%s" "%s"
            """.formatted(
                    PostgresTemplate.USER,
                    PostgresTemplate.PASSWORD,
                    PostgresTemplate.CHECK_USER,
                    PostgresTemplate.CHECK_PASSWORD);

    private DemoConfiguration() {}

    /** Writes it beside the cluster's data and returns its path. */
    static Path write(DemoOptions options, DemoCluster cluster) throws IOException {
        Path users = cluster.directory().resolve("userlist.txt");
        Files.createFile(users, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(users, USERS, UTF_8);
        return Files.writeString(cluster.directory().resolve("trunkline.yaml"), text(options, cluster), UTF_8);
    }

    private static String text(DemoOptions options, DemoCluster cluster) {
        return """
                listeners:
                  - { address: 127.0.0.1, port: %d }
                  - { address: 127.0.0.1, port: %d, route: replica }
                http: { address: 127.0.0.1, port: %d }
                clusters:
                  demo:
                    sql: [ "127.0.0.1:%d", "127.0.0.1:%d" ]
                    check_user: %s
                databases:
                  %s: { cluster: demo }
                users_file: userlist.txt
                admin_users: [ %s ]
                """.formatted(
                        options.port(),
                        options.readPort(),
                        options.httpPort(),
                        cluster.leaderPort(),
                        cluster.replicaPort(),
                        PostgresTemplate.CHECK_USER,
                        PostgresTemplate.DATABASE,
                        PostgresTemplate.USER);
    }
}
