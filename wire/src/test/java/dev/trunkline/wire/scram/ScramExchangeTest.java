package dev.trunkline.wire.scram;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.ongres.scram.client.ScramClient;
import com.ongres.scram.common.exception.ScramException;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole exchanges with the client that PgJDBC uses. */
class ScramExchangeTest {
    private static final byte[] SALT = "0123456789abcdef".getBytes(UTF_8);
    private static final SecureRandom RANDOM = new SecureRandom();

    @ParameterizedTest
    @ValueSource(strings = {"pencil", "p", "größer", "I\u00ADX", "a, b=c", "\u2168"})
    void exchange_rightPassword(String password) throws ScramException {
        ScramSecret secret = ScramSecret.derive(password, SALT, 4096);
        ScramClient client = client(password);
        ScramServer server = new ScramServer(secret, RANDOM);
        ScramResult result = meet(client, server);
        assertThat(result).isInstanceOf(ScramResult.Accepted.class);
        ScramResult.Accepted accepted = (ScramResult.Accepted) result;
        client.serverFinalMessage(new String(accepted.serverFinal(), UTF_8)); // throws if the server is not proven
        assertThat(ScramMath.sha256(accepted.clientKey())).isEqualTo(secret.storedKey());
    }

    @Test
    void exchange_wrongPassword() throws ScramException {
        ScramServer server = new ScramServer(ScramSecret.derive("right", SALT, 4096), RANDOM);
        assertThat(meet(client("wrong"), server)).isEqualTo(new ScramResult.Refused());
    }

    @Test
    void exchange_userWhoDoesNotExist() throws ScramException {
        ScramServer server = new ScramServer(ScramSecret.mock("nobody", SALT, 4096), RANDOM);
        assertThat(meet(client("any"), server)).isEqualTo(new ScramResult.Refused());
    }

    private static ScramResult meet(ScramClient client, ScramServer server) throws ScramException {
        byte[] serverFirst = server.first(client.clientFirstMessage().toString().getBytes(UTF_8));
        client.serverFirstMessage(new String(serverFirst, UTF_8));
        return server.last(client.clientFinalMessage().toString().getBytes(UTF_8));
    }

    private static ScramClient client(String password) {
        return ScramClient.builder()
                .advertisedMechanisms(List.of("SCRAM-SHA-256"))
                .username("*")
                .password(password.toCharArray())
                .build();
    }
}
