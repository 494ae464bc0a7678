package dev.trunkline.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.client.ClientSession;
import dev.trunkline.server.client.KeyWish;
import dev.trunkline.server.client.SessionFixture;
import dev.trunkline.wire.ProtocolVersion;
import dev.trunkline.wire.message.BackendKeyData;
import java.security.SecureRandom;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SessionTableTest {
    private static final KeyWish MADE_UP = new KeyWish(0, ProtocolVersion.V3_0);

    private final SessionFixture sessions = new SessionFixture();
    private final SessionTable<ClientSession> table = new SessionTable<>(1, 2, new SecureRandom());

    @AfterEach
    void close() {
        sessions.close();
    }

    @ParameterizedTest
    @CsvSource({"V3_0, 4", "V3_2, 32"})
    void secret_isAsLongAsTheProtocolSays(ProtocolVersion protocol, int length) {
        ClientSession session = sessions.open();
        BackendKeyData key = table.add(session, new KeyWish(0, protocol));
        assertThat(key.secret()).hasSize(length);
        assertThat(key.pid()).isPositive();
        assertThat(table.find(key.pid(), key.secret())).isSameAs(session);
    }

    @Test
    void twoSessionsWithTheSamePid_areToldApartByTheirSecrets() {
        ClientSession onLeader = sessions.open();
        ClientSession onReplica = sessions.open();
        BackendKeyData one = table.add(onLeader, new KeyWish(4711, ProtocolVersion.V3_0));
        BackendKeyData two = table.add(onReplica, new KeyWish(4711, ProtocolVersion.V3_2));
        assertThat(one.pid()).isEqualTo(two.pid()).isEqualTo(4711);
        assertThat(table.find(4711, one.secret())).isSameAs(onLeader);
        assertThat(table.find(4711, two.secret())).isSameAs(onReplica);

        assertThat(table.remove(onLeader)).isTrue();

        assertThat(table.find(4711, one.secret())).isNull();
        assertThat(table.find(4711, two.secret())).isSameAs(onReplica);
    }

    @Test
    void madeUpPid_isNoneThatIsInUse() {
        BackendKeyData first = table.add(sessions.open(), MADE_UP);
        int taken = first.pid() + 2;
        ClientSession held = sessions.open();
        BackendKeyData real = table.add(held, new KeyWish(taken, ProtocolVersion.V3_0));
        BackendKeyData next = table.add(sessions.open(), MADE_UP);
        assertThat(next.pid()).isNotIn(first.pid(), taken);
        assertThat(table.find(taken, real.secret())).isSameAs(held);
    }

    // Hazard R19
    @Test
    void removedSessions_leaveNothing() {
        ClientSession session = sessions.open();
        BackendKeyData key = table.add(session, MADE_UP);
        assertThat(table.size()).isOne();
        assertThat(table.remove(session)).isTrue();
        assertThat(table.remove(session)).isFalse();
        assertThat(table.size()).isZero();
        assertThat(table.find(key.pid(), key.secret())).isNull();
    }

    @Test
    void wrongSecret_findsNothing() {
        BackendKeyData key = table.add(sessions.open(), new KeyWish(0, ProtocolVersion.V3_2));
        byte[] wrong = key.secret().clone();
        wrong[31] ^= 1;
        assertThat(table.find(key.pid(), wrong)).isNull();
        assertThat(table.find(key.pid(), Arrays.copyOf(key.secret(), 4))).isNull();
        assertThat(table.find(key.pid() + 1, key.secret())).isNull();
    }
}
