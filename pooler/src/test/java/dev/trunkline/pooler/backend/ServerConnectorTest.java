package dev.trunkline.pooler.backend;

import static dev.trunkline.pooler.backend.Messages.authentication;
import static dev.trunkline.pooler.backend.Messages.complete;
import static dev.trunkline.pooler.backend.Messages.frame;
import static dev.trunkline.pooler.backend.Messages.join;
import static dev.trunkline.pooler.backend.Messages.key;
import static dev.trunkline.pooler.backend.Messages.notice;
import static dev.trunkline.pooler.backend.Messages.parameter;
import static dev.trunkline.pooler.backend.Messages.ready;
import static dev.trunkline.pooler.backend.Messages.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.ConnectSettings.Cleartext;
import dev.trunkline.pooler.backend.ServerConnector.Trouble;
import dev.trunkline.pooler.backend.ServerTarget.Standing;
import dev.trunkline.pooler.pool.CheckResult;
import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.pooler.pool.ConnectFailure;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a connector does with a server that plays by the rules, and that later dies. */
@Timeout(90)
class ServerConnectorTest {
    private static final byte[] WELCOME = join(authentication(0), parameter("TimeZone", "UTC"), key(7, 8), ready('I'));

    private final LoginFixture fixture = new LoginFixture();

    @AfterEach
    void stop() throws Exception {
        fixture.stop();
    }

    private static ServerTarget leader(FakeBackend backend) {
        return new ServerTarget(
                LoginFixture.HOST,
                backend.port(),
                "db",
                new ServerTarget.Login("app", new Credentials.None()),
                Standing.LEADER);
    }

    /** The server lets the proxy in, and answers its one question with this. */
    private static FakeBackend.Script recovering(byte[]... answer) {
        return peer -> {
            peer.readUntyped();
            peer.send(WELCOME);
            peer.read('Q');
            peer.send(answer);
            peer.awaitEnd();
        };
    }

    private String check(FakeBackend.Script then, int timeoutMillis) throws Exception {
        try (FakeBackend backend = new FakeBackend(peer -> {
            peer.readUntyped();
            peer.send(WELCOME);
            then.play(peer);
        })) {
            ServerConnector connector = fixture.connector(
                    LoginFixture.target(backend.port(), "app", new Credentials.None()),
                    LoginFixture.settings(timeoutMillis, Cleartext.REFUSED));
            ServerConnection connection = fixture.succeed(connector);
            CompletableFuture<String> answer = new CompletableFuture<>();
            fixture.onLoop(() -> connector.check(connection, new CheckResult() {
                @Override
                public void alive() {
                    assertThat(answer.complete("alive")).isTrue();
                }

                @Override
                public void dead(String why) {
                    assertThat(answer.complete(why)).isTrue();
                }
            }));
            String result = answer.get(10, TimeUnit.SECONDS);
            fixture.onLoop(() -> connector.close(connection, CloseReason.CHECK_FAILED));
            return result;
        }
    }

    // Hazard S5
    @Test
    void loginForOneClient_sendsItsParametersAndNoOtherUserThanThePools() throws Exception {
        CompletableFuture<byte[]> startup = new CompletableFuture<>();
        try (FakeBackend backend = new FakeBackend(peer -> {
            startup.complete(peer.readUntyped());
            peer.send(WELCOME);
            peer.awaitEnd();
        })) {
            Parameters own = Parameters.NONE.with("work_mem", "5MB").with("user", "postgres");
            ServerConnector connector = new ServerConnector(
                    LoginFixture.target(backend.port(), "app", new Credentials.None()),
                    LoginFixture.settings(LoginFixture.TIMEOUT_MILLIS, Cleartext.REFUSED),
                    fixture.context,
                    Trouble.IGNORED,
                    () -> own);
            ServerConnection connection = fixture.succeed(connector);
            assertThat(startup.get(5, TimeUnit.SECONDS))
                    .isEqualTo(join(
                            new byte[] {0, 3, 0, 2},
                            text("work_mem"),
                            text("5MB"),
                            text("user"),
                            text("app"),
                            text("database"),
                            text("postgres"),
                            new byte[1]));
            assertThat(connection.startup()).isSameAs(own);
            fixture.onLoop(() -> connector.close(connection, CloseReason.IDLE));
        }
    }

    @Test
    void login_sendsUserAndDatabaseAndNothingElse() throws Exception {
        CompletableFuture<byte[]> startup = new CompletableFuture<>();
        try (FakeBackend backend = new FakeBackend(peer -> {
            startup.complete(peer.readUntyped());
            peer.send(notice("hello"), WELCOME);
            peer.awaitEnd();
        })) {
            ServerConnector connector =
                    fixture.connector(LoginFixture.target(backend.port(), "app", new Credentials.None()));
            ServerConnection connection = fixture.succeed(connector);
            // Hazard S5: nothing that a client sends can be among it.
            assertThat(startup.get(5, TimeUnit.SECONDS))
                    .isEqualTo(join(
                            new byte[] {0, 3, 0, 2},
                            text("user"),
                            text("app"),
                            text("database"),
                            text("postgres"),
                            new byte[1]));
            assertThat(connection.identity().pid()).isEqualTo(7);
            assertThat(connection.parameters()).hasToString("{TimeZone=UTC}");
            assertThat(connector.isUsable(connection)).isTrue();
            assertThat(fixture.onLoop(() -> connection.isAtBoundary())).isTrue();
            fixture.onLoop(() -> connector.close(connection, CloseReason.IDLE));
            assertThat(connector.isUsable(connection)).isFalse();
            assertThat(backend.peerGone().await(5, TimeUnit.SECONDS)).isTrue();
        }
    }

    // Hazard D15
    @Test
    void bytesBehindTheLogin_areUnreadUntilTheyAreHandled() throws Exception {
        try (FakeBackend backend = new FakeBackend(peer -> {
            peer.readUntyped();
            peer.send(WELCOME, parameter("TimeZone", "Asia/Tokyo"));
            peer.read('Q');
            peer.send(complete("SELECT 1"), ready('I'));
            peer.awaitEnd();
        })) {
            ServerConnection connection = fixture.succeed(
                    fixture.connector(LoginFixture.target(backend.port(), "app", new Credentials.None())));
            CompletableFuture<Boolean> answered = new CompletableFuture<>();
            fixture.onLoop(() -> {
                connection.ask("SELECT 1", error -> answered.complete(error == null));
                connection.flush();
            });
            assertThat(answered.get(5, TimeUnit.SECONDS)).isTrue();
            assertThat(fixture.onLoop(() -> connection.parameters().get("TimeZone")))
                    .isEqualTo("Asia/Tokyo");
            assertThat(fixture.onLoop(() -> connection.isAtBoundary())).isTrue();
            fixture.onLoop(() -> connection.close(CloseReason.IDLE));
        }
    }

    @Test
    void leaderThatSaysItIsInRecovery_isNotTheLeader() throws Exception {
        try (FakeBackend backend = new FakeBackend(peer -> {
            peer.readUntyped();
            peer.send(authentication(0), parameter("in_hot_standby", "on"), ready('I'));
            peer.awaitEnd();
        })) {
            ConnectFailure failure = fixture.fail(fixture.connector(leader(backend)));
            assertThat(failure.message()).endsWith("/db is in recovery and cannot be the leader");
            assertThat(failure.verdict()).isEqualTo(ConnectFailure.Verdict.RETRY);
            assertThat(fixture.troubles).containsExactly(Trouble.Kind.IN_RECOVERY);
        }
    }

    @Test
    void serverInRecovery_isGoodEnoughForReads() throws Exception {
        try (FakeBackend backend = new FakeBackend(peer -> {
            peer.readUntyped();
            peer.send(authentication(0), parameter("in_hot_standby", "on"), ready('I'));
            peer.awaitEnd();
        })) {
            ServerConnection connection = fixture.succeed(
                    fixture.connector(LoginFixture.target(backend.port(), "app", new Credentials.None())));
            assertThat(connection.identity().facts().get("in_hot_standby")).isEqualTo("on");
            fixture.onLoop(() -> connection.close(CloseReason.IDLE));
        }
    }

    @Test
    void leaderThatDoesNotSay_isAsked() throws Exception {
        byte[] no = join(frame('T', new byte[2]), complete("SELECT 0"), ready('I'));
        try (FakeBackend backend = new FakeBackend(recovering(no))) {
            ServerConnection connection = fixture.succeed(fixture.connector(leader(backend)));
            assertThat(connection.identity().facts().get("in_hot_standby")).isEqualTo("off");
            fixture.onLoop(() -> connection.close(CloseReason.IDLE));
        }
        byte[] yes = join(frame('T', new byte[2]), frame('D', new byte[7]), complete("SELECT 1"), ready('I'));
        try (FakeBackend backend = new FakeBackend(recovering(yes))) {
            assertThat(fixture.fail(fixture.connector(leader(backend))).message())
                    .contains("is in recovery");
        }
    }

    @Test
    void leaderThatDoesNotAnswerTheQuestion_isNotTheLeader() throws Exception {
        try (FakeBackend backend = new FakeBackend(recovering(ready('I')))) {
            assertThat(fixture.fail(fixture.connector(leader(backend))).message())
                    .startsWith("no answer to whether the server is in recovery");
        }
        try (FakeBackend backend = new FakeBackend(recovering(complete("UPDATE 1"), ready('I')))) {
            assertThat(fixture.fail(fixture.connector(leader(backend))).message())
                    .startsWith("unexpected command tag");
        }
    }

    @Test
    void check_ofAServerThatAnswers() throws Exception {
        assertThat(check(
                        peer -> {
                            assertThat(peer.read('Q')).isEqualTo(text(""));
                            peer.send(frame('I'), ready('I'));
                            peer.awaitEnd();
                        },
                        LoginFixture.TIMEOUT_MILLIS))
                .isEqualTo("alive");
    }

    @Test
    void check_ofAServerThatFails() throws Exception {
        assertThat(check(
                        peer -> {
                            peer.read('Q');
                            peer.send(Messages.error("XX000", "disk full"), ready('I'));
                            peer.awaitEnd();
                        },
                        LoginFixture.TIMEOUT_MILLIS))
                .isEqualTo("disk full");
    }

    // Hazard D16
    @Test
    void check_ofAServerThatIsGone() throws Exception {
        assertThat(check(peer -> peer.read('Q'), LoginFixture.TIMEOUT_MILLIS))
                .isEqualTo("server closed the connection unexpectedly");
    }

    // Hazard D16: what comes later is told to nobody, once is enough.
    @Test
    void check_ofAServerThatIsSilent() throws Exception {
        assertThat(check(FakeBackend.Peer::awaitEnd, 300)).isEqualTo("no answer within 300 ms");
    }

    @Test
    void resolver_findsNamesAndTellsReasons() {
        assertThat(new HostResolver(Runnable::run).resolve("localhost", 1).toCompletableFuture())
                .isCompleted();
        assertThat(HostResolver.reason(new IllegalStateException("why"))).isEqualTo("why");
    }
}
