package dev.trunkline.server.application;

import static dev.trunkline.server.application.Stage.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.trunkline.server.demo.TestCluster;
import dev.trunkline.server.testing.TestProxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each way in which a client can prove who it is, with each kind of secret, up to a server that asks for a proof of its own. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class AuthTypeTest {
    private static final String DATABASE = "auth";

    @BeforeAll
    static void createDatabase() throws SQLException {
        Stage.createDatabase(DATABASE);
    }

    @ParameterizedTest
    @CsvSource({
        "scram-sha-256,scram_user,plain",
        "scram-sha-256,scram_user,stored",
        "scram-sha-256,md5_user,plain",
        "md5,md5_user,plain",
        "md5,md5_user,stored",
        "md5,scram_user,plain",
        "md5,scram_user,stored",
        "trust,scram_user,plain",
        "trust,md5_user,stored",
        "trust,trusted_user,none"
    })
    void login_reachesTheServer(String authType, String user, String secret) throws SQLException {
        try (TestProxy proxy = proxy(authType, user, secret)) {
            for (int round = 0; round < 2; round++) {
                try (Connection connection =
                        DriverManager.getConnection(proxy.jdbcUrl(DATABASE, ""), user, TestCluster.PASSWORD)) {
                    assertThat(text(connection, "SELECT current_user")).isEqualTo(user);
                }
            }
            if (!authType.equals("trust")) {
                assertRefused(proxy, user, "not it");
                assertRefused(proxy, "nobody", TestCluster.PASSWORD);
            }
        }
    }

    // Hazard S10: the hash is what the server stores, and must not serve as the password.
    @ParameterizedTest
    @CsvSource({"scram-sha-256,scram_user", "md5,md5_user", "md5,scram_user"})
    void storedSecret_isNoPassword(String authType, String user) throws SQLException {
        try (TestProxy proxy = proxy(authType, user, "stored")) {
            assertRefused(proxy, user, stored(user));
        }
    }

    @ParameterizedTest
    @CsvSource({"scram-sha-256,md5_user,stored", "scram-sha-256,trusted_user,none", "md5,trusted_user,none"})
    void secretThatProvesNothing_letsNobodyIn(String authType, String user, String secret) throws SQLException {
        try (TestProxy proxy = proxy(authType, user, secret)) {
            assertRefused(proxy, user, TestCluster.PASSWORD);
        }
    }

    private static TestProxy proxy(String authType, String user, String secret) throws SQLException {
        String text =
                switch (secret) {
                    case "plain" -> TestCluster.PASSWORD;
                    case "stored" -> stored(user);
                    default -> "";
                };
        return Stage.proxy()
                .database(DATABASE, "")
                .user(user, text)
                .global("auth_type: " + authType)
                .start();
    }

    private static String stored(String user) throws SQLException {
        try (Connection connection = TestCluster.shared().superuser(DATABASE)) {
            return text(connection, "SELECT rolpassword FROM pg_authid WHERE rolname = '" + user + "'");
        }
    }

    private static void assertRefused(TestProxy proxy, String user, String password) {
        assertThatThrownBy(() -> DriverManager.getConnection(proxy.jdbcUrl(DATABASE, ""), user, password))
                .asInstanceOf(type(SQLException.class))
                .returns("28P01", SQLException::getSQLState);
    }
}
