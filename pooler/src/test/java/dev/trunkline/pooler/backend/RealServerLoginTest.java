package dev.trunkline.pooler.backend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.ConnectSettings.Cleartext;
import dev.trunkline.pooler.backend.ServerTarget.Standing;
import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.pooler.pool.ConnectFailure;
import dev.trunkline.pooler.pool.ConnectFailure.Verdict;
import dev.trunkline.wire.PgError;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logins to a real PostgreSQL, by every method that is supported. */
@Timeout(120)
class RealServerLoginTest {
    private static final Credentials PASSWORD = new Credentials.Password(RealServer.PASSWORD);

    @TempDir
    static Path data;

    private static @Nullable RealServer started;

    private final LoginFixture fixture = new LoginFixture();
    private final RealServer server = Objects.requireNonNull(started);

    @BeforeAll
    static void startServer() throws Exception {
        started = RealServer.start(data);
    }

    @AfterAll
    static void stopServer() throws Exception {
        if (started != null) {
            started.stop();
        }
    }

    @AfterEach
    void stop() throws Exception {
        fixture.stop();
    }

    private ServerConnector connector(String user, Credentials credentials) {
        return fixture.connector(
                LoginFixture.target(server.port(), user, credentials),
                LoginFixture.settings(LoginFixture.TIMEOUT_MILLIS, Cleartext.ALLOWED));
    }

    /** Logs in, asks the server who that is, and leaves. */
    private void logsIn(String user, Credentials credentials) throws Exception {
        ServerConnector connector = connector(user, credentials);
        ServerConnection connection = fixture.succeed(connector);
        CompletableFuture<String> answer = new CompletableFuture<>();
        fixture.onLoop(() -> {
            connection.ask(
                    "SELECT 1 / (current_user = '" + user + "')::int", error -> answer.complete(String.valueOf(error)));
            connection.flush();
        });
        assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo("null");
        assertThat(connection.identity().user()).isEqualTo(user);
        fixture.onLoop(() -> connector.close(connection, CloseReason.IDLE));
        server.awaitTrue("SELECT count(*) = 0 FROM pg_stat_activity WHERE usename = '" + user + "'");
    }

    private void isRefused(String user, Credentials credentials) throws Exception {
        ConnectFailure failure = fixture.fail(connector(user, credentials));
        assertThat(failure.verdict()).isEqualTo(Verdict.FAIL_WAITERS);
        assertThat(failure.cause()).isInstanceOfSatisfying(PgError.class, error -> assertThat(error.code())
                .isEqualTo("28P01"));
        assertThat(failure.message()).isEqualTo("password authentication failed for user \"" + user + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"by_scram", "by_md5", "by_md5_scram", "in_clear", "trusted"})
    void password_isGoodForEveryMethod(String user) throws Exception {
        logsIn(user, PASSWORD);
    }

    @ParameterizedTest
    @ValueSource(strings = {"by_scram", "by_md5", "by_md5_scram", "in_clear"})
    void wrongPassword_isRefused(String user) throws Exception {
        isRefused(user, new Credentials.Password("wrong"));
    }

    @Test
    void nothing_isEnoughForTrust() throws Exception {
        logsIn("trusted", new Credentials.None());
    }

    @Test
    void md5OfThePassword_isGoodForMd5() throws Exception {
        logsIn(
                "by_md5",
                new Credentials.Md5(server.value("SELECT rolpassword FROM pg_authid WHERE rolname = 'by_md5'")));
        isRefused("by_md5", new Credentials.Md5("md5" + "0".repeat(32)));
    }

    @Test
    void scramKeys_areGoodForScram() throws Exception {
        String secret = server.value("SELECT rolpassword FROM pg_authid WHERE rolname = 'by_scram'");
        byte[] salt = Base64.getDecoder().decode(secret.substring(secret.indexOf(':') + 1, secret.lastIndexOf('$')));
        Credentials.ScramKeys keys = new ScramKeyCache(Runnable::run)
                .keys(RealServer.PASSWORD, salt, 4096)
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
        logsIn("by_scram", keys);
        isRefused("by_scram", new Credentials.ScramKeys(new byte[32], keys.serverKey()));
        ConnectFailure impostor = fixture.fail(connector(
                "by_scram",
                new Credentials.ScramKeys(keys.clientKey(), "x".repeat(32).getBytes(UTF_8))));
        assertThat(impostor.message()).contains("the server could not prove that it knows the password");
    }

    @Test
    void rejectedUser_isNotTriedAgain() throws Exception {
        ConnectFailure failure = fixture.fail(connector("rejected", PASSWORD));
        assertThat(failure.verdict()).isEqualTo(Verdict.FAIL_WAITERS);
        assertThat(failure.message()).contains("pg_hba.conf rejects connection");
    }

    @Test
    void unknownDatabase_isNotTriedAgain() throws Exception {
        ServerTarget target = new ServerTarget(
                LoginFixture.HOST, server.port(), "nowhere", new ServerTarget.Login("trusted", PASSWORD), Standing.ANY);
        ConnectFailure failure = fixture.fail(fixture.connector(target));
        assertThat(failure.cause()).isInstanceOfSatisfying(PgError.class, error -> assertThat(error.code())
                .isEqualTo("3D000"));
        assertThat(failure.verdict()).isEqualTo(Verdict.FAIL_WAITERS);
    }

    @Test
    void leader_saysWithTheLoginThatItIsOne() throws Exception {
        ServerTarget target = new ServerTarget(
                LoginFixture.HOST,
                server.port(),
                "postgres",
                new ServerTarget.Login("trusted", PASSWORD),
                Standing.LEADER);
        ServerConnector connector = fixture.connector(target);
        assertThat(connector.target()).isSameAs(target);
        ServerConnection connection = fixture.succeed(connector);
        assertThat(connection.identity().facts().get("in_hot_standby")).isEqualTo("off");
        assertThat(connection.identity().facts().get("server_version")).startsWith("18");
        assertThat(connection.parameters().get("client_encoding")).isNotNull();
        assertThat(connection.parameters().get("server_version")).isNull();
        assertThat(connection.atLogin()).isSameAs(connection.parameters());
        assertThat(server.value("SELECT count(*) FROM pg_stat_activity WHERE pid = "
                        + connection.identity().pid()))
                .isEqualTo("1");
        fixture.onLoop(() -> connection.close(CloseReason.IDLE));
    }
}
