package dev.trunkline.router.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.router.sql.ReadOnlyTexts.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadOnlyTextsTest {
    private final ReadOnlyTexts texts = new ReadOnlyTexts();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ";",
                "BEGIN READ ONLY",
                "SELECT 1",
                "SELECT write_time, calls, done FROM t WHERE a = 'write'",
                "SELECT 1; SELECT 2",
                "SELECT set_config('request.user', 'joe', true)",
                "INSERT INTO t VALUES (1)",
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
                "SET search_path = a",
                "SAVEPOINT a; ROLLBACK TO a; ROLLBACK TO SAVEPOINT a",
                "SELECT CASE WHEN a THEN 1 END FROM t -- commit; SET TRANSACTION READ WRITE",
                "SELECT u FROM t WHERE u > 1"
            })
    void textThatChangesNothing_stays(String text) {
        assertThat(verdict(text)).isEqualTo(Verdict.STAYS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"COMMIT", "commit work;", "END", "ROLLBACK;;", "ABORT", "SELECT 1; COMMIT"})
    void end_ends(String text) {
        assertThat(verdict(text)).isEqualTo(Verdict.ENDS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET TRANSACTION READ WRITE",
                "set local transaction_read_only = off",
                "SET \"transaction_read_only\" TO off",
                "RESET default_transaction_read_only",
                "SET U&\"transaction_\\0072ead_only\" = off",
                "COMMIT; INSERT INTO t VALUES (1)",
                "COMMIT; BEGIN",
                "CALL p()",
                "DO $$BEGIN COMMIT; END$$",
                "PREPARE TRANSACTION 'a'",
                "SELECT 'never closed"
            })
    void textThatMayLetItWrite_mayWrite(String text) {
        assertThat(verdict(text)).isEqualTo(Verdict.MAY_WRITE);
    }

    @Test
    void textThatHasNotArrived_mayWrite() {
        ByteBuf part = Unpooled.copiedBuffer("SELECT 1", UTF_8);

        assertThat(texts.of(part, 0, part.readableBytes())).isEqualTo(Verdict.MAY_WRITE);
    }

    private Verdict verdict(String text) {
        ByteBuf buffer = Unpooled.copiedBuffer(text + "\0", UTF_8);
        return texts.of(buffer, 0, buffer.readableBytes());
    }
}
