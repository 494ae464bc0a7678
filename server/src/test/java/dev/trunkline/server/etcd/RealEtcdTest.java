package dev.trunkline.server.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trunkline.router.ClusterView;
import dev.trunkline.router.Discovery;
import dev.trunkline.router.Member;
import dev.trunkline.router.discovery.EtcdDiscovery;
import dev.trunkline.router.discovery.EtcdSettings;
import dev.trunkline.server.testing.Until;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 90, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RealEtcdTest {
    private static final String CHANGED = "changed";
    /** Long enough for a first handshake on a busy machine. */
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private static final String MEMBER =
            "{\"conn_url\":\"postgres://127.0.0.1:5432/postgres\",\"state\":\"running\",\"role\":\"primary\",\"timeline\":1}";

    @TempDir
    private Path directory;

    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable closeable : open.reversed()) {
            closeable.close();
        }
    }

    /** The times are printed, and not judged: the machine may be busy. */
    @Test
    void watch_wakesSoonAfterAWrite() throws Exception {
        EtcdProcess etcd = filled();
        EtcdDiscovery discovery = discovery(etcd, null, null);
        assertThat(look(discovery).leaders()).extracting(Member::name).containsExactly("node1");
        awaitWatch(etcd);
        List<Double> millis = new ArrayList<>();
        try (HttpClient writer = HttpClient.newHttpClient()) {
            for (int i = 0; i < 30; i++) {
                long begun = System.nanoTime();
                put(writer, etcd);
                assertThat(next()).isEqualTo(CHANGED);
                millis.add((System.nanoTime() - begun) / 1e6);
            }
        }
        millis.sort(null);
        System.out.printf(
                "etcd: from the request of a write until the watch has told of it %.1f ms (median), at most %.1f ms%n",
                millis.get(millis.size() / 2), millis.getLast());
    }

    private static void put(HttpClient writer, EtcdProcess etcd) throws Exception {
        String body = "{\"key\":\"%s\",\"value\":\"%s\"}".formatted(base64("/service/demo/leader"), base64("node1"));
        HttpRequest request = HttpRequest.newBuilder(URI.create(etcd.url() + "/v3/kv/put"))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        assertThat(writer.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(200);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    // Hazard R17: etcd goes away and comes back; meanwhile somebody has compacted what the watch was to go on with.
    @Test
    void etcdStoppedCompactedAndStarted_looksFailMeanwhileAndTheWatchGoesOn() throws Exception {
        EtcdProcess etcd = filled();
        EtcdDiscovery discovery = discovery(etcd, null, null);
        look(discovery);
        awaitWatch(etcd);
        etcd.stop();
        assertThatThrownBy(() -> look(discovery)).hasMessageContaining("onnect");

        etcd.startElsewhere();
        etcd.ctl("put", "/service/demo/leader", "node2");
        etcd.ctl("put", "/service/demo/members/node2", MEMBER.replace("5432", "5433"));
        etcd.ctl("compaction", "--physical", revision(etcd));
        etcd.stop();
        etcd.startAgain();

        assertThat(next()).as("the compaction makes it look").isEqualTo(CHANGED);
        assertThat(look(discovery).leaders()).extracting(Member::name).containsExactly("node2");
        awaitWatch(etcd);
        etcd.ctl("del", "/service/demo/leader");
        assertThat(next()).isEqualTo(CHANGED);
        assertThat(look(discovery).leaders()).isEmpty();
    }

    @Test
    void etcdWithAuthentication_aReaderReadsAndWatchesAndLogsInAgain() throws Exception {
        EtcdProcess etcd = filled();
        etcd.ctl("role", "add", "trunkline");
        etcd.ctl("role", "grant-permission", "trunkline", "--prefix=true", "read", "/service/demo/");
        etcd.ctl("user", "add", "trunkline:secret");
        etcd.ctl("user", "grant-role", "trunkline", "trunkline");
        etcd.ctl("user", "add", "root:rootpw");
        etcd.ctl("user", "grant-role", "root", "root");
        EtcdDiscovery discovery = discovery(etcd, new EtcdSettings.Login("trunkline", "secret"), null);
        look(discovery); // Nobody is asked who he is as yet.
        etcd.ctl("auth", "enable");

        assertThat(look(discovery).members()).hasSize(1);
        assertThatThrownBy(() -> look(discovery(etcd, null, null))).hasMessageContaining("user name is empty");
        assertThatThrownBy(() -> look(discovery(etcd, new EtcdSettings.Login("trunkline", "guessed"), null)))
                .hasMessageContaining("authentication failed")
                .hasMessageNotContaining("guessed");
        assertThatThrownBy(() ->
                        look(discovery(etcd, "/service/other/", new EtcdSettings.Login("trunkline", "secret"), null)))
                .hasMessageContaining("permission denied");

        heard.clear();
        etcd.ctl("--user=root:rootpw", "put", "/service/demo/leader", "node2");
        assertThat(next()).isEqualTo(CHANGED);
        // etcd keeps its tokens in memory.
        etcd.stop();
        etcd.startAgain();
        Until.holds("an answer to a new token", () -> look(discovery).members().size() == 1);
        awaitWatch(etcd, "--user=root:rootpw");
    }

    @Test
    void etcdWithTls_whoHasACertificateReadsAndWatches() throws Exception {
        TestCertificates certificates = new TestCertificates(directory);
        certificates.authority("ca");
        certificates.authority("stranger");
        certificates.issue("etcd", "RSA", "ca", "ip:127.0.0.1");
        certificates.issue("client", "EC", "ca", "dns:client");
        EtcdProcess etcd = EtcdProcess.startWithTls(directory, certificates, "etcd", "ca");
        open.add(etcd::stop);
        String[] asClient = {
            "--cacert=" + certificates.certificate("ca"),
            "--cert=" + certificates.certificate("client"),
            "--key=" + certificates.key("client")
        };
        etcd.ctl(with(asClient, "put", "/service/demo/leader", "node1"));
        etcd.ctl(with(asClient, "put", "/service/demo/members/node1", MEMBER));

        ApiFiles files = new ApiFiles(directory, "etcd");
        EtcdDiscovery discovery = discovery(etcd, null, files.load("ca.pem", "client.pem", "client.key", true));
        assertThat(look(discovery).members()).hasSize(1);
        assertThat(look(discovery).source()).isEqualTo(etcd.url());
        awaitWatch(etcd, asClient);

        assertThatThrownBy(() -> look(discovery(etcd, null, files.load("ca.pem", null, null, true))))
                .as("without a certificate of one's own")
                .hasMessageMatching("127.0.0.1:\\d+: .*(certificate|Broken pipe|reset|closed|EOF).*");
        assertThatThrownBy(
                        () -> look(discovery(etcd, null, files.load("stranger.pem", "client.pem", "client.key", true))))
                .as("vouched for by somebody else")
                .hasMessageContaining("PKIX path");
        assertThatThrownBy(() -> look(discovery(etcd, null, null)))
                .as("by the JVM's own list")
                .hasMessageContaining("PKIX path");
    }

    @Test
    void etcdWithTls_aCertificateOfAnotherHost_isRefusedUnlessThatIsAllowed() throws Exception {
        TestCertificates certificates = new TestCertificates(directory);
        certificates.authority("ca");
        certificates.authority("stranger");
        certificates.issue("etcd", "RSA", "ca", "dns:etcd.example");
        certificates.issue("client", "RSA", "ca", "dns:client");
        EtcdProcess etcd = EtcdProcess.startWithTls(directory, certificates, "etcd", "ca");
        open.add(etcd::stop);
        ApiFiles files = new ApiFiles(directory, "etcd");

        assertThatThrownBy(() -> look(discovery(etcd, null, files.load("ca.pem", "client.pem", "client.key", true))))
                .hasMessageContaining("127.0.0.1 found");
        assertThatThrownBy(() -> look(discovery(etcd, null, files.load("ca.pem", "client.pem", "client.key", false))))
                .hasMessageContaining("no key begins with /service/demo/");
        assertThatThrownBy(() ->
                        look(discovery(etcd, null, files.load("stranger.pem", "client.pem", "client.key", false))))
                .as("who vouches is looked at all the same")
                .hasMessageContaining("PKIX path");
    }

    private EtcdProcess filled() throws Exception {
        EtcdProcess etcd = EtcdProcess.start(directory);
        open.add(etcd::stop);
        etcd.ctl("put", "/service/demo/leader", "node1");
        etcd.ctl("put", "/service/demo/members/node1", MEMBER);
        return etcd;
    }

    private static String revision(EtcdProcess etcd) throws Exception {
        String status = etcd.ctl("get", "/", "--write-out=json");
        return status.replaceAll("(?s).*\"revision\":(\\d+).*", "$1");
    }

    /** Returns when the watch tells of writes: it begins a moment after the look. */
    private void awaitWatch(EtcdProcess etcd, String... options) throws Exception {
        heard.clear();
        for (int i = 0; i < 100; i++) {
            etcd.ctl(with(options, "put", "/service/demo/config", "{\"ttl\":" + i + "}"));
            if (heard.poll(100, TimeUnit.MILLISECONDS) != null) {
                new CountDownLatch(1).await(200, TimeUnit.MILLISECONDS); // What was written before may come as well.
                heard.clear();
                return;
            }
        }
        throw new AssertionError("the watch tells nothing");
    }

    private static String[] with(String[] options, String... words) {
        List<String> all = new ArrayList<>(List.of(options));
        all.addAll(List.of(words));
        return all.toArray(String[]::new);
    }

    private String next() throws InterruptedException {
        return String.valueOf(heard.poll(20, TimeUnit.SECONDS));
    }

    private static ClusterView look(EtcdDiscovery discovery) throws Exception {
        try {
            return discovery.observe().toCompletableFuture().get(40, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private EtcdDiscovery discovery(EtcdProcess etcd, EtcdSettings.@Nullable Login login, @Nullable SSLContext tls) {
        return discovery(etcd, "/service/demo/", login, tls);
    }

    private EtcdDiscovery discovery(
            EtcdProcess etcd, String prefix, EtcdSettings.@Nullable Login login, @Nullable SSLContext tls) {
        EtcdSettings settings = new EtcdSettings(List.of(URI.create(etcd.url())), prefix, LIMIT, 1 << 20, login, tls);
        EtcdDiscovery discovery = new EtcdDiscovery(settings, new EtcdDiscovery.Apis(null, null));
        open.add(discovery);
        discovery.listen(new Discovery.Listener() {
            @Override
            public void changed() {
                heard.add(CHANGED);
            }

            @Override
            public void switchoverAsked(@Nullable String leader, @Nullable String candidate) {
                heard.add("asked");
            }
        });
        return discovery;
    }
}
