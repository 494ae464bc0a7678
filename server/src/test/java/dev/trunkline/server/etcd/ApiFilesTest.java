package dev.trunkline.server.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.trunkline.router.discovery.PatroniDiscovery;
import dev.trunkline.router.discovery.PatroniSettings;
import dev.trunkline.router.discovery.SwitchoverAnswer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The files for HTTPS, good and bad, and Patroni's REST API where it asks for a certificate. */
class ApiFilesTest {
    private static final String CLUSTER = """
            {"members": [{"name": "node1", "role": "leader", "state": "running", "host": "10.0.0.1", "port": 5432, "timeline": 1}]}
            """;

    @TempDir
    private static Path directory;

    @BeforeAll
    static void issue() throws Exception {
        TestCertificates certificates = new TestCertificates(directory);
        certificates.authority("ca");
        certificates.issue("server", "RSA", "ca", "ip:127.0.0.1");
        certificates.issue("rsa", "RSA", "ca", "dns:client");
        certificates.issue("ec", "EC", "ca", "dns:client");
        certificates.issue("edward", "Ed25519", "ca", "dns:client");
        Files.writeString(directory.resolve("empty.pem"), "");
        Files.writeString(directory.resolve("text.pem"), "what is this\n");
        Files.writeString(directory.resolve("broken.pem"), TestCertificates.pem("CERTIFICATE", new byte[] {1, 2, 3}));
        Files.writeString(directory.resolve("broken.key"), TestCertificates.pem("PRIVATE KEY", new byte[] {1, 2, 3}));
        Files.writeString(directory.resolve("old.key"), TestCertificates.pem("RSA PRIVATE KEY", new byte[] {1, 2, 3}));
        Files.writeString(
                directory.resolve("locked.key"), TestCertificates.pem("ENCRYPTED PRIVATE KEY", new byte[] {1, 2, 3}));
        Files.writeString(
                directory.resolve("all.pem"),
                "a comment\n" + Files.readString(certificates.key("rsa")) + "another\n"
                        + Files.readString(certificates.certificate("rsa"))
                        + Files.readString(certificates.certificate("ca")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"patroni", "etcd"})
    void filesThatAreGood_makeNoProblem(String api) throws IOException {
        ApiFiles files = new ApiFiles(directory, api);
        for (String name : List.of("rsa", "ec", "edward")) {
            assertThat(files.problems("ca.pem", name + ".pem", name + ".key"))
                    .as(name)
                    .isEmpty();
        }
        assertThat(files.problems("all.pem", "all.pem", "all.pem")).isEmpty();
        assertThat(files.problems(null, "rsa.pem", "rsa.key")).isEmpty();
        assertThat(files.problems("ca.pem", null, null)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "no.pem | rsa.pem | rsa.key | no.pem: there is no such file (etcd_ca_file of the cluster \"main\")",
                ". | rsa.pem | rsa.key | .: the file cannot be read: Is a directory (etcd_ca_file of the cluster \"main\")",
                "empty.pem | rsa.pem | rsa.key | empty.pem: there is no certificate in PEM in it (etcd_ca_file of the cluster \"main\")",
                "text.pem | rsa.pem | rsa.key | text.pem: there is no certificate in PEM in it (etcd_ca_file of the cluster \"main\")",
                "broken.pem | rsa.pem | rsa.key | broken.pem: certificate 1 in it cannot be read (etcd_ca_file of the cluster \"main\")",
                "ca.pem | no.pem | rsa.key | no.pem: there is no such file (etcd_cert_file of the cluster \"main\")",
                "ca.pem | rsa.key | rsa.key | rsa.key: there is no certificate in PEM in it (etcd_cert_file of the cluster \"main\")",
                "ca.pem | rsa.pem | no.key | no.key: there is no such file (etcd_key_file of the cluster \"main\")",
                "ca.pem | rsa.pem | text.pem | text.pem: there is no private key in PEM in it (etcd_key_file of the cluster \"main\")",
                "ca.pem | rsa.pem | broken.key | broken.key: the private key is none of RSA, EC, Ed25519, Ed448 (etcd_key_file of the cluster \"main\")",
                "ca.pem | rsa.pem | old.key | old.key: the private key is not in PKCS#8; \"openssl pkey -in FILE -out NEWFILE\" makes one that is read (etcd_key_file of the cluster \"main\")",
                "ca.pem | rsa.pem | locked.key | locked.key: the private key is encrypted; \"openssl pkey -in FILE -out NEWFILE\" makes one that is read (etcd_key_file of the cluster \"main\")",
                "ca.pem | rsa.pem | ec.key | ec.key: the private key does not belong to the certificate in DIR/rsa.pem (etcd_key_file of the cluster \"main\")",
                "ca.pem | ec.pem | rsa.key | rsa.key: the private key does not belong to the certificate in DIR/ec.pem (etcd_key_file of the cluster \"main\")",
                "ca.pem | rsa.pem | server.key | server.key: the private key does not belong to the certificate in DIR/rsa.pem (etcd_key_file of the cluster \"main\")",
            })
    void aFileThatIsNot_isOneProblem(String ca, String cert, String key, String problem) throws IOException {
        assertThat(new ApiFiles(directory, "etcd").problems(ca, cert, key))
                .containsExactly(directory + "/" + problem.replace("DIR", directory.toString()));
    }

    /** With restapi.verify_client: required, every request needs a certificate. */
    @Test
    void patroniByHttps_whoHasACertificateIsAnswered() throws Exception {
        ApiFiles files = new ApiFiles(directory, "patroni");
        HttpsServer server = patroni(files.load("ca.pem", "server.pem", "server.key", true));
        URI url = URI.create("https://127.0.0.1:" + server.getAddress().getPort());
        SSLContext good = files.load("ca.pem", "ec.pem", "ec.key", true);
        SSLContext bare = files.load("ca.pem", null, null, true);
        try (PatroniDiscovery client = discovery(url, good);
                PatroniDiscovery nobody = discovery(url, bare);
                PatroniDiscovery stranger = discovery(url, null)) {
            assertThat(look(client)).isEqualTo(url.toString());
            assertThat(client.switchover("node1", null).toCompletableFuture().get(30, TimeUnit.SECONDS))
                    .isEqualTo(new SwitchoverAnswer.Done("Basic cmVzdDpzZWNyZXQ="));
            assertThatThrownBy(() -> look(nobody)).hasMessageContaining(url.getAuthority());
            assertThatThrownBy(() -> look(stranger)).hasMessageContaining("PKIX path");
        } finally {
            server.stop(0);
        }
    }

    /** With a limit that is long enough for a first handshake on a busy machine. */
    private static PatroniDiscovery discovery(URI url, @Nullable SSLContext tls) {
        var login = new PatroniSettings.Login("rest", "secret");
        return new PatroniDiscovery(new PatroniSettings(List.of(url), Duration.ofSeconds(20), 1 << 20, login, tls));
    }

    private static String look(PatroniDiscovery discovery) throws Exception {
        return discovery
                .observe()
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS)
                .source();
    }

    private static HttpsServer patroni(SSLContext context) throws IOException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters needed = context.getDefaultSSLParameters();
                needed.setNeedClientAuth(true);
                parameters.setSSLParameters(needed);
            }
        });
        server.createContext("/", exchange -> {
            String authorization = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
            String answer = exchange.getRequestURI().getPath().equals("/switchover") ? authorization : CLUSTER;
            byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        return server;
    }
}
