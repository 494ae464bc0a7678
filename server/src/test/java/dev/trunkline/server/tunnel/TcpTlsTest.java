package dev.trunkline.server.tunnel;

import static dev.trunkline.server.testing.InstalledPostgres.through;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trunkline.server.testing.InstalledPostgres;
import dev.trunkline.server.testing.PostgresPrograms;
import dev.trunkline.server.testing.TestProxy;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;

/** TLS from the client to the server, with the server's own certificate, which the proxy does not have. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class TcpTlsTest {
    private static final char[] PASSWORD = "secret".toCharArray();
    private static final String ENCRYPTED = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

    @TempDir
    private static Path directory;

    private static Path certificate;
    private static Path stranger;
    private static InstalledPostgres server;
    private static TestProxy proxy;

    @BeforeAll
    static void start() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        certificate = makeCertificate("server");
        stranger = makeCertificate("stranger");
        server = InstalledPostgres.leader(
                "ssl = on",
                "ssl_cert_file = '" + certificate + "'",
                "ssl_key_file = '" + directory.resolve("server.key") + "'");
        proxy = TestProxy.before("{ leader: \"127.0.0.1:%d\" }".formatted(server.port()))
                .database("postgres", "")
                .listener("mode: tcp")
                .start();
    }

    @AfterAll
    static void stop() throws Exception {
        proxy.close();
        server.close();
    }

    /** A key and a certificate that is its own authority, as files that the server takes; the path of the certificate. */
    private static Path makeCertificate(String name) throws Exception {
        Path store = directory.resolve(name + ".p12");
        Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        List<String> words = List.of(
                keytool.toString(),
                "-genkeypair",
                "-alias",
                "key",
                "-keyalg",
                "EC",
                "-ext",
                "bc:c",
                "-dname",
                "CN=" + name,
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD));
        Process process = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("keytool.log").toFile())
                .start();
        assertThat(process.waitFor())
                .as(Files.readString(directory.resolve("keytool.log")))
                .isZero();
        return export(KeyStore.getInstance(store.toFile(), PASSWORD), name);
    }

    private static Path export(KeyStore store, String name) throws GeneralSecurityException, IOException {
        Path key = directory.resolve(name + ".key");
        Files.writeString(key, pem("PRIVATE KEY", store.getKey("key", PASSWORD).getEncoded()));
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        PostgresPrograms.own(key);
        return Files.writeString(
                directory.resolve(name + ".crt"),
                pem("CERTIFICATE", store.getCertificate("key").getEncoded()));
    }

    private static String pem(String what, byte[] content) {
        String base64 = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(content);
        return "-----BEGIN " + what + "-----\n" + base64 + "\n-----END " + what + "-----\n";
    }

    private static Connection connect(Path authority) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + proxy.port(2) + "/postgres?sslmode=verify-ca&sslrootcert=" + authority,
                "app",
                "app");
    }

    @Test
    void psql_seesTheServersCertificate() throws Exception {
        String options = "dbname=postgres sslmode=verify-ca sslrootcert=";
        assertThat(server.program(
                        through(proxy.port(2), "psql", "-X", "-A", "-t", "-d", options + certificate, "-c", ENCRYPTED)))
                .isEqualTo("t\n");
        assertThatThrownBy(() -> server.program(
                        through(proxy.port(2), "psql", "-X", "-A", "-t", "-d", options + stranger, "-c", ENCRYPTED)))
                .hasMessageContaining("certificate verify failed");
    }

    // Hazard R14
    @Test
    void pgJdbc_copiesMuchBothWays() throws Exception {
        byte[] lines = ("x".repeat(999) + "\n").repeat(30_000).getBytes(US_ASCII);
        CRC32 sent = new CRC32();
        sent.update(lines);
        try (Connection connection = connect(certificate)) {
            connection.createStatement().execute("CREATE TEMP TABLE copied (a text)");
            var copy = connection.unwrap(PGConnection.class).getCopyAPI();
            assertThat(copy.copyIn("COPY copied FROM STDIN", new ByteArrayInputStream(lines)))
                    .isEqualTo(30_000);
            CheckedOutputStream got = new CheckedOutputStream(OutputStream.nullOutputStream(), new CRC32());
            assertThat(copy.copyOut("COPY copied TO STDOUT", got)).isEqualTo(30_000);
            assertThat(got.getChecksum().getValue()).isEqualTo(sent.getValue());
        }
    }

    @Test
    void pgJdbc_refusesAnotherCertificate() {
        assertThatThrownBy(() -> connect(stranger)).isInstanceOf(SQLException.class);
    }
}
