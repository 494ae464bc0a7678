package dev.trunkline.server.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.state.Replication;
import dev.trunkline.wire.message.StartupMessage;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The values are those that PostgreSQL takes: its own parser of truth values allows prefixes and any case. */
class ReplicationParameterTest {
    private static StartupMessage startup(String value) {
        return new StartupMessage(3, 0, Map.of("user", "rep", "replication", value));
    }

    @Test
    void absent_isAnOrdinaryConnection() {
        assertThat(ReplicationParameter.read(new StartupMessage(3, 0, Map.of("user", "rep"))))
                .isEqualTo(Replication.NONE);
    }

    @Test
    void database_isLogical() {
        assertThat(ReplicationParameter.read(startup("database"))).isEqualTo(Replication.LOGICAL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "TRUE", "t", "on", "On", "yes", "y", "1"})
    void truth_isPhysical(String value) {
        assertThat(ReplicationParameter.read(startup(value))).isEqualTo(Replication.PHYSICAL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"false", "F", "off", "of", "no", "n", "0"})
    void untruth_isAnOrdinaryConnection(String value) {
        assertThat(ReplicationParameter.read(startup(value))).isEqualTo(Replication.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "o", "Database", "data", "2", "10", "true ", "yess"})
    void anythingElse_isInvalid(String value) {
        assertThat(ReplicationParameter.read(startup(value))).isNull();
        assertThat(ReplicationParameter.invalid(startup(value)).message())
                .isEqualTo("invalid value for parameter \"replication\": \"" + value + "\"");
    }
}
