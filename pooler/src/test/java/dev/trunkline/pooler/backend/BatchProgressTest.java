package dev.trunkline.pooler.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.Replies.Action;
import dev.trunkline.pooler.backend.Replies.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BatchProgressTest {
    private final BatchProgress batch = new BatchProgress();
    private long requests;

    private void sent(Kind... kinds) {
        for (Kind kind : kinds) {
            batch.sent(kind, Action.FORWARD, requests++);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"QUERY", "SYNC", "FUNCTION_CALL"})
    void whatReadyForQueryAnswers_beginsTheNextBatch(Kind kind) {
        long first = batch.number();
        sent(Kind.PARSE, Kind.BIND);
        assertThat(batch.number()).isEqualTo(first);
        sent(kind);
        assertThat(batch.number()).isEqualTo(first + 1);
        assertThat(batch.isOpen()).isFalse();
    }

    @Test
    void dataOfACopy_leavesTheBatchAsItIs() {
        sent(Kind.QUERY, Kind.COPY_DATA, Kind.COPY_END);
        assertThat(batch.isOpen()).isFalse();
        sent(Kind.EXECUTE, Kind.COPY_DATA, Kind.COPY_END);
        assertThat(batch.isOpen()).isTrue();
        assertThat(batch.isRunning()).isTrue();
    }

    @Test
    void executeOfTheProxysOwn_isNotTheClientsTransaction() {
        batch.sent(Kind.EXECUTE, Action.SWALLOW, requests++);
        assertThat(batch.isRunning()).isFalse();
        sent(Kind.EXECUTE);
        batch.sent(Kind.PARSE, Action.SWALLOW, requests++);
        assertThat(batch.isRunning()).isTrue();
        sent(Kind.SYNC);
        assertThat(batch.isRunning()).isFalse();
    }

    @Test
    void serverThatSkips_doesSoUpToTheSync() {
        sent(Kind.PARSE);
        batch.skips();
        assertThat(batch.isSkipping()).isTrue();
        assertThat(batch.isOpen()).isTrue();
        assertThat(batch.mayBeSkipping(requests)).isTrue();
        sent(Kind.SYNC);
        assertThat(batch.isSkipping()).isFalse();
        assertThat(batch.isOpen()).isFalse();
        assertThat(batch.mayBeSkipping(0)).isFalse();
    }

    @Test
    void serverThatSkips_readsOnBehindASyncThatItWasSentBefore() {
        sent(Kind.EXECUTE);
        batch.skips();
        batch.readsOn();
        assertThat(batch.isSkipping()).isFalse();
        assertThat(batch.isOpen()).isFalse();
    }

    @Test
    void requestWithoutSync_mayHaveTheNextQuerySkippedUntilItIsAnswered() {
        sent(Kind.PARSE, Kind.QUERY);
        assertThat(batch.isOpen()).isFalse();
        assertThat(batch.mayBeSkipping(0)).isTrue();
        assertThat(batch.mayBeSkipping(1)).isFalse();
    }

    @Test
    void syncThatTheServerIgnores_closesNothing() {
        sent(Kind.EXECUTE, Kind.SYNC);
        batch.endsWith(Kind.EXECUTE);
        assertThat(batch.isOpen()).isTrue();
        sent(Kind.SYNC);
        batch.endsWith(Kind.QUERY);
        assertThat(batch.isOpen()).isFalse();
    }
}
