package dev.trunkline.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProbeQueryTest {
    @TempDir
    Path directory;

    /** A real server, first as a leader, then as a standby that nobody feeds, then promoted. */
    @Test
    void sql_onARealServer_tellsRecoveryTimelineAndPosition() throws Exception {
        Path data = directory.resolve("data");
        ProbeResult leader;
        try (EmbeddedPostgres server = start(data)) {
            leader = ask(server);
        }
        assertThat(leader.inRecovery()).isFalse();
        assertThat(leader.timeline()).isEqualTo(1);
        assertThat(leader.walPosition()).isPositive();
        Files.createFile(data.resolve("standby.signal"));
        try (EmbeddedPostgres server = start(data)) {
            ProbeResult standby = ask(server);
            assertThat(standby.inRecovery()).isTrue();
            assertThat(standby.timeline()).isEqualTo(1);
            assertThat(standby.walPosition()).isGreaterThanOrEqualTo(leader.walPosition());
            promote(server);
            ProbeResult promoted = ask(server);
            assertThat(promoted.inRecovery()).isFalse();
            assertThat(promoted.timeline()).isEqualTo(2);
            assertThat(promoted.walPosition()).isGreaterThanOrEqualTo(standby.walPosition());
        }
    }

    @Test
    void parse_aRow_isRead() {
        assertThat(ProbeQuery.parse("f", "2147483647", "9223372036854775807"))
                .isEqualTo(new ProbeResult(false, Integer.MAX_VALUE, Long.MAX_VALUE));
        assertThat(ProbeQuery.parse("t", "1", "0")).isEqualTo(new ProbeResult(true, 1, 0));
    }

    @ParameterizedTest
    @CsvSource({"true,1,0", "'',1,0", "t,0,0", "t,-1,0", "t,x,0", "t,1,-1", "t,1,1.5", "t,1,''"})
    void parse_anythingElse_isRefused(String inRecovery, String timeline, String walPosition) {
        assertThatThrownBy(() -> ProbeQuery.parse(inRecovery, timeline, walPosition))
                .isInstanceOfSatisfying(
                        ProbeException.class, e -> assertThat(e.kind()).isEqualTo(ProbeException.Kind.REJECTED));
    }

    private static EmbeddedPostgres start(Path data) throws IOException {
        return EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .start();
    }

    private static ProbeResult ask(EmbeddedPostgres server) throws SQLException {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SET search_path = nowhere");
            try (ResultSet row = statement.executeQuery(ProbeQuery.SQL)) {
                assertThat(row.next()).isTrue();
                return ProbeQuery.parse(row.getString(1), row.getString(2), row.getString(3));
            }
        }
    }

    private static void promote(EmbeddedPostgres server) throws SQLException {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_promote(true, 60)")) {
            assertThat(row.next()).isTrue();
            assertThat(row.getBoolean(1)).isTrue();
        }
    }
}
