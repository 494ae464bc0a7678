package dev.trunkline.pooler.backend;

import static dev.trunkline.pooler.backend.Replies.Action.FORWARD;
import static dev.trunkline.pooler.backend.Replies.Action.SWALLOW;
import static dev.trunkline.pooler.backend.Replies.Action.SYNTHESIZE;
import static dev.trunkline.pooler.backend.Replies.Kind.BIND;
import static dev.trunkline.pooler.backend.Replies.Kind.CLOSE;
import static dev.trunkline.pooler.backend.Replies.Kind.DESCRIBE_PORTAL;
import static dev.trunkline.pooler.backend.Replies.Kind.DESCRIBE_STATEMENT;
import static dev.trunkline.pooler.backend.Replies.Kind.EXECUTE;
import static dev.trunkline.pooler.backend.Replies.Kind.FUNCTION_CALL;
import static dev.trunkline.pooler.backend.Replies.Kind.PARSE;
import static dev.trunkline.pooler.backend.Replies.Kind.QUERY;
import static dev.trunkline.pooler.backend.Replies.Kind.SYNC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trunkline.pooler.backend.Replies.Action;
import dev.trunkline.pooler.backend.Replies.Kind;
import dev.trunkline.wire.ProtocolViolation;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RepliesTest {
    private final Replies replies = new Replies();
    private final List<String> undone = new ArrayList<>();

    private void expect(Kind... kinds) {
        for (Kind kind : kinds) {
            replies.expect(kind);
        }
    }

    private void expectUndoable(Kind kind, Action action, String name) {
        replies.expect(kind, action, () -> undone.add(name));
    }

    /** The server sends these types; all are the client's. */
    private void forwards(String types) {
        for (int i = 0; i < types.length(); i++) {
            assertThat(replies.onReply((byte) types.charAt(i)))
                    .as("reply %s of %s", i, types)
                    .isEqualTo(FORWARD);
        }
    }

    private void isAtRest() {
        assertThat(replies.isEmpty()).isTrue();
        assertThat(replies.size()).isZero();
        assertThat(replies.isBatchOpen()).isFalse();
        assertThat(replies.isCopyIn()).isFalse();
        assertThat(replies.isAmbiguous()).isFalse();
        assertThat(replies.owesReady()).isFalse();
        assertThat(replies.isSwallowing()).isFalse();
    }

    @Test
    void flush_asksForTheAnswersInFrontOfIt() {
        assertThat(replies.owesFlushed()).isFalse();
        replies.expectFlush();
        assertThat(replies.owesFlushed()).isFalse();
        expect(PARSE, BIND);
        assertThat(replies.owesFlushed()).isFalse();
        replies.expectFlush();
        expect(EXECUTE);
        assertThat(replies.owesFlushed()).isTrue();
        forwards("1");
        assertThat(replies.owesFlushed()).isTrue();
        forwards("2");
        assertThat(replies.owesFlushed()).isFalse();
    }

    @Test
    void flushBehindAnError_isDone() {
        expect(PARSE, BIND);
        replies.expectFlush();
        forwards("E");
        assertThat(replies.owesFlushed()).isFalse();
        expect(EXECUTE);
        replies.expectFlush();
        assertThat(replies.owesFlushed()).isFalse();
    }

    @Test
    void queryBehindMessagesThatNoSyncCloses_isCertainOnceTheyAreAnswered() {
        assertThat(replies.mayIgnoreQuery()).isFalse();
        expect(PARSE);
        assertThat(replies.mayIgnoreQuery()).isTrue();
        assertThat(replies.isSkipping()).isFalse();
        forwards("1");
        assertThat(replies.mayIgnoreQuery()).isFalse();
        expect(BIND);
        forwards("E");
        assertThat(replies.isSkipping()).isTrue();
        assertThat(replies.mayIgnoreQuery()).isTrue();
        expect(SYNC);
        assertThat(replies.mayIgnoreQuery()).isFalse();
        forwards("Z");
        isAtRest();
    }

    @Test
    void messageWithoutSyncInFrontOfQueries_mayHaveThemSkipped() {
        expect(PARSE, FUNCTION_CALL);
        assertThat(replies.mayBeSkipping()).isTrue();
        expect(QUERY);
        assertThat(replies.mayBeSkipping()).isTrue();
        forwards("1");
        assertThat(replies.mayBeSkipping()).isFalse();
        forwards("VZCZ");
        expect(PARSE, SYNC, QUERY);
        assertThat(replies.mayBeSkipping()).isFalse();
        forwards("1ZCZ");
        isAtRest();
    }

    @Test
    void executeInABatch_isRunningUpToTheSync() {
        expect(PARSE, BIND);
        assertThat(replies.isBatchRunning()).isFalse();
        expect(EXECUTE);
        forwards("12C");
        assertThat(replies.isBatchRunning()).isTrue();
        expect(PARSE);
        assertThat(replies.isBatchRunning()).isTrue();
        expect(SYNC);
        assertThat(replies.isBatchRunning()).isFalse();
    }

    @Test
    void correctionOfWhatIsAnswered_isNotThatOfAnother() {
        replies.expect(PARSE, SYNTHESIZE, null);
        assertThat(replies.pollSynthesized()).isEqualTo(PARSE);
        replies.retouch(Retouch.tag("another"));
        for (int i = 0; i < 40; i++) {
            expect(SYNC);
            assertThat(replies.retouch()).isNull();
            forwards("Z");
        }
    }

    @Test
    void new_owesNothing() {
        isAtRest();
        assertThat(replies.pollSynthesized()).isNull();
    }

    @Test
    void query_isOwedUntilReadyForQuery() {
        expect(QUERY);
        assertThat(replies.owesReady()).isTrue();
        forwards("TDDC");
        assertThat(replies.isEmpty()).isFalse();
        forwards("Z");
        isAtRest();
    }

    @Test
    void query_ofManyStatementsHasManyResults() {
        expect(QUERY);
        forwards("TDCCTCIHddcCZ");
        isAtRest();
    }

    @Test
    void query_thatFailsStillEndsWithReadyForQuery() {
        expect(QUERY);
        forwards("TDE");
        assertThat(replies.owesReady()).isTrue();
        forwards("Z");
        isAtRest();
    }

    @Test
    void pipelineOfQueries_isAnsweredOneByOne() {
        expect(QUERY, QUERY, QUERY);
        forwards("TDCZ");
        assertThat(replies.size()).isEqualTo(2);
        forwards("EZ");
        assertThat(replies.size()).isEqualTo(1);
        forwards("IZ");
        isAtRest();
    }

    @Test
    void pipelineOfBatches_isAnsweredOneByOne() {
        expect(PARSE, BIND, DESCRIBE_PORTAL, EXECUTE, SYNC);
        expect(PARSE, DESCRIBE_STATEMENT, BIND, EXECUTE, SYNC);
        forwards("12TDDCZ");
        assertThat(replies.size()).isEqualTo(5);
        forwards("1tn2CZ");
        isAtRest();
    }

    @Test
    void batchWithoutSync_isNotAtRestWhenAllIsAnswered() {
        expect(PARSE, BIND, EXECUTE);
        forwards("12DC");
        assertThat(replies.isEmpty()).isTrue();
        assertThat(replies.isBatchOpen()).isTrue();
        assertThat(replies.owesReady()).isFalse();
        expect(SYNC);
        assertThat(replies.isBatchOpen()).isFalse();
        assertThat(replies.owesReady()).isTrue();
        forwards("Z");
        isAtRest();
    }

    @Test
    void queryBehindABatchWithoutSync_closesTheBatch() {
        expect(PARSE, QUERY);
        assertThat(replies.isBatchOpen()).isFalse();
        forwards("1TCZ");
        isAtRest();
    }

    // Hazard D7
    @Test
    void portalSuspended_endsTheExecuteAndNotTheBatch() {
        expect(BIND, EXECUTE);
        forwards("2DDs");
        assertThat(replies.isEmpty()).isTrue();
        assertThat(replies.isBatchOpen()).isTrue();
        expect(EXECUTE, SYNC);
        forwards("DCZ");
        isAtRest();
    }

    // Hazard D18
    @Test
    void functionCall_isAnsweredAndThenReady() {
        expect(FUNCTION_CALL);
        assertThat(replies.owesReady()).isTrue();
        forwards("V");
        assertThat(replies.isEmpty()).isFalse();
        forwards("Z");
        isAtRest();
    }

    // Hazard D18
    @Test
    void functionCall_thatFailsDoesNotSkipToSync() {
        expect(FUNCTION_CALL, QUERY);
        forwards("EZ");
        forwards("CZ");
        isAtRest();
    }

    @Test
    void emptyQuery_endsAnExecute() {
        expect(EXECUTE, SYNC);
        forwards("IZ");
        isAtRest();
    }

    @Test
    void copyOut_passesInBothProtocols() {
        expect(QUERY);
        forwards("HdddcCZ");
        expect(BIND, EXECUTE, SYNC);
        forwards("2HdcCZ");
        isAtRest();
    }

    // Hazards D4, D6
    @Test
    void errorInMidBatch_dropsEverythingUpToSync() {
        expect(PARSE, BIND, DESCRIBE_PORTAL, EXECUTE, PARSE, BIND, EXECUTE, SYNC, QUERY);
        forwards("12E");
        assertThat(replies.size()).isEqualTo(2);
        forwards("Z");
        forwards("CZ");
        isAtRest();
    }

    // Hazard D6
    @Test
    void errorBeforeSyncIsSent_nothingIsExpectedUntilSync() {
        expect(PARSE, BIND);
        forwards("E");
        assertThat(replies.isEmpty()).isTrue();
        expectUndoable(EXECUTE, FORWARD, "execute");
        expectUndoable(PARSE, SYNTHESIZE, "parse");
        expectUndoable(QUERY, SWALLOW, "query");
        assertThat(replies.isEmpty()).isTrue();
        assertThat(undone).containsExactly("execute", "parse", "query");
        assertThat(replies.pollSynthesized()).isNull();
        expect(SYNC);
        assertThat(replies.size()).isEqualTo(1);
        forwards("Z");
        expect(PARSE, SYNC);
        forwards("1Z");
        isAtRest();
    }

    // Hazard D5: a server that ignores what it is sent must not be lent to the next client.
    @Test
    void errorBeforeSyncIsSent_isNotAtRestUntilSync() {
        expect(PARSE);
        forwards("E");
        assertThat(replies.isEmpty()).isTrue();
        assertThat(replies.isBatchOpen()).isTrue();
        expect(BIND);
        assertThat(replies.isBatchOpen()).isTrue();
        expect(SYNC);
        assertThat(replies.isBatchOpen()).isFalse();
        forwards("Z");
        isAtRest();
    }

    @Test
    void errorInFirstOfTwoBatches_leavesTheSecond() {
        expectUndoable(PARSE, FORWARD, "first");
        expect(SYNC);
        expectUndoable(PARSE, FORWARD, "second");
        forwards("E");
        assertThat(undone).containsExactly("first");
        assertThat(replies.isBatchOpen()).isTrue();
        forwards("Z1");
        expect(SYNC);
        forwards("Z");
        assertThat(undone).containsExactly("first");
        isAtRest();
    }

    @Test
    void error_runsUndosLastFirst() {
        expectUndoable(PARSE, FORWARD, "a");
        expectUndoable(CLOSE, SYNTHESIZE, "b");
        expect(BIND);
        expectUndoable(PARSE, FORWARD, "c");
        expect(SYNC);
        forwards("E");
        assertThat(undone).containsExactly("c", "b", "a");
    }

    @Test
    void undo_doesNotRunForWhatWasCarriedOut() {
        expectUndoable(PARSE, FORWARD, "a");
        expectUndoable(PARSE, FORWARD, "b");
        expect(SYNC);
        forwards("1E");
        assertThat(undone).containsExactly("b");
    }

    @Test
    void errorAtSync_asOfADeferredConstraint_isFollowedByOneReady() {
        expect(BIND, EXECUTE, SYNC, SYNC);
        forwards("2CEZ");
        assertThat(replies.size()).isEqualTo(1);
        forwards("Z");
        isAtRest();
    }

    @ParameterizedTest(name = "a server that owes nothing sends {0}")
    @CsvSource({"Z", "E", "1", "2", "3", "C", "D", "d", "G", "H", "I", "n", "s", "T", "t", "V", "W", "c"})
    void unaskedMessage_isAViolation(char type) {
        assertThatThrownBy(() -> replies.onReply((byte) type))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining("unexpected server message type \"" + type + "\"")
                .hasMessageContaining("nothing");
    }

    @ParameterizedTest(name = "to {0} the server may answer only {1}")
    @CsvSource({
        "QUERY,TDCIHWdcGEZ",
        "FUNCTION_CALL,VEZ",
        "PARSE,1E",
        "BIND,2E",
        "DESCRIBE_STATEMENT,tTnE",
        "DESCRIBE_PORTAL,TnE",
        "EXECUTE,DCIsHWdcGE",
        "CLOSE,3E",
        "SYNC,ZE"
    })
    void message_isTakenOnlyWhereTheProtocolHasIt(Kind kind, String allowed) {
        String types = "123CDEGHITVWZcdnst";
        for (int i = 0; i < types.length(); i++) {
            char type = types.charAt(i);
            Replies fresh = new Replies();
            fresh.expect(kind);
            if (allowed.indexOf(type) >= 0) {
                assertThat(fresh.onReply((byte) type)).isEqualTo(FORWARD);
            } else {
                assertThatThrownBy(() -> fresh.onReply((byte) type))
                        .as("%s to %s", type, kind)
                        .isInstanceOf(ProtocolViolation.class)
                        .hasMessageContaining("waiting for the answer to " + kind);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"QUERY", "SYNC", "FUNCTION_CALL"})
    void owesReady_behindOtherEntries(Kind kind) {
        expect(PARSE, BIND);
        assertThat(replies.owesReady()).isFalse();
        expect(kind);
        assertThat(replies.owesReady()).isTrue();
    }

    @Test
    void isUnbound_untilTheFirstBindIsAnsweredAndWithTheNextBatchAgain() {
        expect(PARSE, BIND, EXECUTE, PARSE, BIND, EXECUTE, SYNC);
        assertThat(replies.isUnbound()).isTrue();
        forwards("1");
        assertThat(replies.isUnbound()).isTrue();
        forwards("2");
        assertThat(replies.isUnbound()).isFalse();
        forwards("C");
        assertThat(replies.isUnbound()).as("the first of two was executed").isFalse();
        forwards("12CZ");
        assertThat(replies.isUnbound()).as("nothing is owed").isFalse();
        expect(BIND, EXECUTE, SYNC);
        assertThat(replies.isUnbound()).isTrue();
    }

    @Test
    void isUnbound_ofAQuery_isNotKnown() {
        expect(QUERY);
        assertThat(replies.isUnbound()).isFalse();
    }
}
