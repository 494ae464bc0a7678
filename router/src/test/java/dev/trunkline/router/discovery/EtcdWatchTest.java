package dev.trunkline.router.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.router.Discovery;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is heard is heard in order: where nothing must be heard, a wish is sent behind it. */
class EtcdWatchTest {
    private static final String CHANGED = "changed";

    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private FakeEtcd first;
    private FakeEtcd second;
    private EtcdDiscovery discovery;

    @BeforeEach
    void start() throws IOException {
        first = new FakeEtcd(Keys.healthy("node1"));
        second = new FakeEtcd(Keys.healthy("node1"));
        discovery = discovery(null);
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable closeable : open) {
            closeable.close();
        }
        first.close();
        second.close();
    }

    @Test
    void watch_beginsBehindTheRead() throws Exception {
        look();
        FakeEtcd.Stream stream = first.stream();
        assertThat(stream.request)
                .isEqualTo("{\"create_request\":{\"key\":\"" + Keys.base64("/service/demo/") + "\",\"range_end\":\""
                        + Keys.base64("/service/demo0") + "\",\"start_revision\":\"11\",\"progress_notify\":true}}");
        look();
        look();
        assertThat(first.streams).as("there is one stream at a time").isEmpty();
    }

    @Test
    void watch_aLeaderThatComesOrGoes_isNews() throws Exception {
        look();
        FakeEtcd.Stream stream = first.stream();
        stream.send(Keys.delete("leader", 11));
        assertThat(next()).isEqualTo(CHANGED);
        stream.send(Keys.put("leader", "node2", 12));
        assertThat(next()).isEqualTo(CHANGED);
    }

    /** A message may come in many pieces, and many messages in one. */
    @Test
    void watch_messagesInPieces_areReadAsOne() throws Exception {
        look();
        FakeEtcd.Stream stream = first.stream();
        for (char c : Keys.put("leader", "node2", 11).toCharArray()) {
            stream.send(String.valueOf(c));
        }
        assertThat(next()).isEqualTo(CHANGED);
        stream.send(Keys.put("leader", "node3", 12) + Keys.put("leader", "node1", 13));
        assertThat(next()).isEqualTo(CHANGED);
        assertThat(next()).isEqualTo(CHANGED);
    }

    @Test
    void watch_positionsAndWhatDoesNotMatter_areNoNews() throws Exception {
        look();
        FakeEtcd.Stream stream = first.stream();
        Keys moved = Keys.recorded("4.1.4", "lagging");
        stream.send(Keys.put("members/node2", moved.get("members/node2"), 11));
        stream.send(Keys.put("status", moved.get("status"), 12));
        stream.send(Keys.put("history", "[]", 13));
        stream.send(Keys.put("sync", "{}", 14));
        stream.send(Keys.put("0/leader", "other", 15));
        assertQuiet(stream, 16);
    }

    @Test
    void watch_aMemberThatChanges_isNewsOnce() throws Exception {
        look();
        FakeEtcd.Stream stream = first.stream();
        String stopping = Keys.healthy("node1").get("members/node1").replace("running", "stopping");
        stream.send(Keys.put("members/node1", stopping, 11));
        assertThat(next()).isEqualTo(CHANGED);
        stream.send(Keys.put("members/node1", stopping, 12));
        assertQuiet(stream, 13);
        stream.send(Keys.delete("members/node1", 14));
        assertThat(next()).isEqualTo(CHANGED);
        stream.send(Keys.put("members/node1", "{broken", 15));
        assertThat(next()).isEqualTo(CHANGED);
    }

    @Test
    void watch_whatAReadHasShown_isNoNews() throws Exception {
        look();
        FakeEtcd.Stream stream = first.stream();
        first.says(Keys.healthy("node2"), 12);
        look();
        stream.send(Keys.put("leader", "node2", 12));
        assertQuiet(stream, 13);
    }

    @Test
    void watch_aWishForASwitchover_isToldOnce() throws Exception {
        look();
        FakeEtcd.Stream stream = first.stream();
        stream.send(Keys.put("failover", "{\"leader\":\"node1\",\"member\":\"node2\"}", 11));
        assertThat(next()).isEqualTo("asked node1 node2");
        first.says(Keys.healthy("node1").with("failover", "{\"leader\":\"node1\",\"member\":\"node2\"}"), 11);
        look();
        stream.send(Keys.put("failover", "{}", 12));
        assertThat(next()).isEqualTo(CHANGED);
        stream.send(Keys.put("failover", "{\"member\":\"node3\"}", 13));
        assertThat(next()).isEqualTo("asked null node3");
        stream.send(Keys.put("failover", "{\"leader\":\"node1\",\"scheduled_at\":\"2030-01-01T00:00:00+00:00\"}", 14));
        assertThat(next()).isEqualTo(CHANGED);
    }

    /** A look between the write and its event must not swallow it. */
    @Test
    void watch_aWishThatAReadShowsFirst_isToldByTheRead() throws Exception {
        look();
        FakeEtcd.Stream stream = first.stream();
        first.says(Keys.healthy("node1").with("failover", "{\"leader\":\"node1\"}"), 11);
        look();
        assertThat(next()).isEqualTo("asked node1 null");
        stream.send(Keys.put("failover", "{\"leader\":\"node1\"}", 11));
        assertQuiet(stream, 12);
    }

    /** What was asked for and is done is not asked for any more. */
    @Test
    void watch_aWishThatIsFulfilledInTheSameMessage_isNotTold() throws Exception {
        look();
        FakeEtcd.Stream stream = first.stream();
        String asked = Keys.put("failover", "{\"leader\":\"node1\"}", 11);
        String done = Keys.put("failover", "{}", 12);
        String both = asked.substring(0, asked.lastIndexOf("]")) + "," + done.substring(done.indexOf("[") + 1);
        stream.send(both);
        assertThat(next()).isEqualTo(CHANGED);
        assertQuiet(stream, 13);
    }

    @Test
    void watch_thatEnds_goesOnAtTheNextMemberWhereItHasStopped() throws Exception {
        look();
        FakeEtcd.Stream stream = first.stream();
        stream.send(Keys.put("leader", "node2", 15));
        assertThat(next()).isEqualTo(CHANGED);
        stream.end();
        assertThat(second.stream().request).contains("\"start_revision\":\"16\"");
    }

    @Test
    void watch_atAMemberThatIsGone_goesOnAtTheNext() throws Exception {
        look();
        first.stream();
        first.close();
        second.stream().send(Keys.put("leader", "node2", 11));
        assertThat(next()).isEqualTo(CHANGED);
    }

    /** Else a member that hangs would keep the watch for ever. */
    @Test
    void watch_atAMemberThatHangs_goesOnAtTheNext() throws Exception {
        look();
        FakeEtcd.Stream stream = first.stream();
        second.hangs = true;
        stream.end();
        first.stream().send(Keys.put("leader", "node2", 11));
        assertThat(next()).isEqualTo(CHANGED);
    }

    @Test
    void watch_fromARevisionThatWasCompacted_beginsBehindTheNextRead() throws Exception {
        look();
        FakeEtcd.Stream stream = first.stream();
        stream.send("{\"result\":{\"header\":{},\"canceled\":true,\"compact_revision\":\"20\"}}\n");
        assertThat(next()).isEqualTo(CHANGED);
        first.says(Keys.healthy("node1"), 25);
        look();
        assertThat(first.streams.isEmpty() ? second.stream().request : first.stream().request)
                .contains("\"start_revision\":\"26\"");
    }

    // Hazard R16: the connection stands, and nothing comes; a read shows more than the stream has told.
    @Test
    void watch_thatIsDead_isGivenUp() throws Exception {
        look();
        first.stream();
        first.says(Keys.healthy("node2"), 20);
        long begun = System.nanoTime();
        while (second.streams.isEmpty() && System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(10)) {
            look();
            TimeUnit.MILLISECONDS.sleep(100); // Looks come in intervals.
        }
        assertThat(System.nanoTime() - begun).isGreaterThan(EtcdWatch.SILENCE.toNanos());
        assertThat(second.stream().request).contains("\"start_revision\":\"11\"");
    }

    @Test
    void watch_aLineWithoutAnEnd_isCutOff() throws Exception {
        look();
        FakeEtcd.Stream stream = first.stream();
        try {
            for (int i = 0; i < 1_000; i++) {
                stream.send("x".repeat(1_000));
            }
        } catch (IOException e) {
            assertThat(e).isNotNull(); // The other side has closed the connection.
        }
        second.stream();
    }

    @Test
    void watch_thatEtcdRefuses_isTriedAtTheNext() throws Exception {
        look();
        FakeEtcd.Stream stream = first.stream();
        stream.send("{\"error\":{\"grpc_code\":14,\"http_code\":503,\"message\":\"unavailable\"}}\n");
        second.stream().send("what is this\n");
        first.stream().send("{\"result\":{\"canceled\":true,\"cancel_reason\":\"permission denied\"}}\n");
        second.stream();
        assertThat(heard).isEmpty();
    }

    /** A stream that ends at once each time must not be asked for ten times a second. */
    @Test
    void watch_thatEndsAtOnceEachTime_isAskedForLessAndLessOften() throws Exception {
        look();
        long begun = System.nanoTime();
        for (int i = 0; i < 5; i++) {
            (i % 2 == 0 ? first : second).stream().end();
        }
        assertThat(System.nanoTime() - begun)
                .as("0.1, 0.2, 0.4 and 0.8 s")
                .isGreaterThan(TimeUnit.MILLISECONDS.toNanos(1_500));
    }

    @Test
    void watch_whoseTokenHasEnded_logsInAgain() throws Exception {
        discovery.close();
        discovery = discovery(new EtcdSettings.Login("trunkline", "secret"));
        for (FakeEtcd etcd : List.of(first, second)) {
            etcd.login = new FakeEtcd.Answer(200, "{\"token\":\"abc.1\"}");
        }
        look();
        FakeEtcd.Stream stream = first.stream();
        assertThat(first.shown).endsWith("/v3/watch abc.1");
        second.login = new FakeEtcd.Answer(200, "{\"token\":\"def.2\"}");
        stream.send("{\"result\":{\"watch_id\":\"-1\",\"canceled\":true,\"cancel_reason\":\"rpc error: code ="
                + " Unauthenticated desc = etcdserver: invalid auth token\"}}\n");
        second.stream();
        assertThat(second.shown).endsWith("/v3/auth/authenticate null", "/v3/watch def.2");
    }

    /** A wish is heard behind all that was sent before, and is like nothing else. */
    private void assertQuiet(FakeEtcd.Stream stream, long revision) throws Exception {
        stream.send(Keys.put("failover", "{\"member\":\"end" + revision + "\"}", revision));
        assertThat(next()).isEqualTo("asked null end" + revision);
    }

    private String next() throws InterruptedException {
        return String.valueOf(heard.poll(20, TimeUnit.SECONDS));
    }

    private void look() throws Exception {
        discovery.observe().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private EtcdDiscovery discovery(EtcdSettings.@Nullable Login login) {
        EtcdSettings settings = new EtcdSettings(
                List.of(first.url(), second.url()), Keys.PREFIX, Duration.ofSeconds(5), 100_000, login, null);
        EtcdDiscovery made = new EtcdDiscovery(settings, new EtcdDiscovery.Apis(null, null));
        open.add(made);
        made.listen(new Discovery.Listener() {
            @Override
            public void changed() {
                heard.add(CHANGED);
            }

            @Override
            public void switchoverAsked(@Nullable String leader, @Nullable String candidate) {
                heard.add("asked " + leader + " " + candidate);
            }
        });
        return made;
    }
}
