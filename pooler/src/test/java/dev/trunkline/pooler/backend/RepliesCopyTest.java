package dev.trunkline.pooler.backend;

import static dev.trunkline.pooler.backend.Replies.Action.FORWARD;
import static dev.trunkline.pooler.backend.Replies.Action.SWALLOW;
import static dev.trunkline.pooler.backend.Replies.Action.SYNTHESIZE;
import static dev.trunkline.pooler.backend.Replies.Kind.BIND;
import static dev.trunkline.pooler.backend.Replies.Kind.COPY_DATA;
import static dev.trunkline.pooler.backend.Replies.Kind.COPY_END;
import static dev.trunkline.pooler.backend.Replies.Kind.EXECUTE;
import static dev.trunkline.pooler.backend.Replies.Kind.PARSE;
import static dev.trunkline.pooler.backend.Replies.Kind.QUERY;
import static dev.trunkline.pooler.backend.Replies.Kind.SYNC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trunkline.pooler.backend.Replies.Kind;
import dev.trunkline.wire.ProtocolViolation;
import org.junit.jupiter.api.Test;

/** COPY FROM STDIN, whose rules are those of PostgreSQL's CopyGetData: Sync and Flush are ignored inside it. */
class RepliesCopyTest {
    private final Replies replies = new Replies();

    private void expect(Kind... kinds) {
        for (Kind kind : kinds) {
            replies.expect(kind);
        }
    }

    private void forwards(String types) {
        for (int i = 0; i < types.length(); i++) {
            assertThat(replies.onReply((byte) types.charAt(i)))
                    .as("reply %s of %s", i, types)
                    .isEqualTo(FORWARD);
        }
    }

    private void isAtRest() {
        assertThat(replies.isEmpty()).isTrue();
        assertThat(replies.isBatchOpen()).isFalse();
        assertThat(replies.isCopyIn()).isFalse();
        assertThat(replies.isAmbiguous()).isFalse();
    }

    private void isInDoubt() {
        assertThat(replies.isEmpty()).isTrue();
        assertThat(replies.isBatchOpen()).isFalse();
        assertThat(replies.isAmbiguous()).isTrue();
    }

    @Test
    void simpleCopy_endsWithReady() {
        expect(QUERY);
        forwards("G");
        assertThat(replies.isCopyIn()).isTrue();
        expect(COPY_DATA, COPY_DATA, COPY_END);
        forwards("C");
        assertThat(replies.isCopyIn()).isFalse();
        forwards("Z");
        isAtRest();
    }

    @Test
    void simpleCopy_ofManyRowsKeepsOneEntry() {
        expect(QUERY);
        forwards("G");
        for (int i = 0; i < 10_000; i++) {
            expect(COPY_DATA);
        }
        assertThat(replies.size()).isEqualTo(2);
        expect(COPY_END);
        forwards("CZ");
        isAtRest();
    }

    @Test
    void extendedCopy_withSyncBehindCopyDone() {
        expect(PARSE, BIND, EXECUTE);
        forwards("12G");
        expect(COPY_DATA, COPY_END);
        expect(SYNC);
        forwards("CZ");
        isAtRest();
    }

    @Test
    void extendedCopy_syncSentStraightBehindExecuteIsNotAnswered() {
        expect(PARSE, BIND, EXECUTE, SYNC);
        forwards("12G");
        assertThat(replies.isBatchOpen()).isTrue();
        assertThat(replies.owesReady()).isFalse();
        expect(COPY_DATA, COPY_END, SYNC);
        forwards("CZ");
        isAtRest();
    }

    @Test
    void extendedCopy_whollyPipelinedBehindAnEarlySync() {
        expect(BIND, EXECUTE, SYNC, COPY_DATA, COPY_END, SYNC, QUERY);
        forwards("2G");
        forwards("CZ");
        forwards("CZ");
        isAtRest();
    }

    @Test
    void simpleCopy_syncSentStraightBehindTheQueryIsNotAnswered() {
        expect(QUERY, SYNC);
        forwards("G");
        assertThat(replies.isBatchOpen()).isFalse();
        expect(COPY_END);
        forwards("CZ");
        isAtRest();
    }

    @Test
    void syncInsideData_thatEndsWellWasIgnored() {
        expect(EXECUTE, COPY_DATA, SYNC, COPY_DATA);
        forwards("G");
        expect(SYNC, COPY_END, SYNC);
        forwards("C");
        assertThat(replies.isAmbiguous()).isFalse();
        forwards("Z");
        isAtRest();
    }

    // Hazard D5
    @Test
    void syncInsideData_thatTheServerHasReadBeforeItsError() {
        expect(EXECUTE, COPY_DATA, SYNC);
        forwards("GE");
        assertThat(replies.isBatchOpen()).isTrue();
        expect(COPY_END, SYNC);
        forwards("Z");
        isInDoubt();
        replies.expect(QUERY, SWALLOW, null);
        assertThat(replies.onReply((byte) 'I')).isEqualTo(SWALLOW);
        assertThat(replies.onReply((byte) 'Z')).isEqualTo(SWALLOW);
        isAtRest();
    }

    // Hazard D5
    @Test
    void syncInsideData_thatTheServerReadsBehindItsError() {
        expect(EXECUTE, COPY_DATA, SYNC);
        forwards("GE");
        expect(COPY_END, SYNC);
        forwards("Z");
        isInDoubt();
        replies.expect(QUERY, SWALLOW, null);
        forwards("Z");
        assertThat(replies.onReply((byte) 'I')).isEqualTo(SWALLOW);
        assertThat(replies.onReply((byte) 'Z')).isEqualTo(SWALLOW);
        isAtRest();
    }

    /** As with a COPY into a view: what is wrong is found before any data is read. */
    @Test
    void syncSentStraightBehindExecute_ofACopyThatFailsAtOnce() {
        expect(PARSE, BIND, EXECUTE, SYNC);
        forwards("12GEZ");
        isAtRest();
    }

    // Hazard D5: the second Z, if it comes, comes when another client might have the connection.
    @Test
    void syncInsideData_ofASimpleCopyThatFails() {
        expect(QUERY, COPY_DATA, SYNC);
        forwards("GEZ");
        isInDoubt();
        forwards("Z");
        isAtRest();
        assertThatThrownBy(() -> forwards("Z")).isInstanceOf(ProtocolViolation.class);
    }

    @Test
    void clientsNextQuery_endsTheDoubtAsWell() {
        expect(QUERY, COPY_DATA, SYNC, QUERY);
        forwards("GEZ");
        assertThat(replies.isAmbiguous()).isTrue();
        forwards("ZCZ");
        isAtRest();

        expect(QUERY, COPY_DATA, SYNC, QUERY);
        forwards("GEZCZ");
        isAtRest();
    }

    @Test
    void requestsBehindTheSync_areAnsweredIfTheCopyFailsAtOnce() {
        expect(EXECUTE, SYNC, PARSE, SYNC, QUERY);
        forwards("GEZ1ZCZ");
        isAtRest();
    }

    @Test
    void requestBehindCopyDone_whileASyncIsInDoubtIsNotGuessedAt() {
        expect(EXECUTE, SYNC, COPY_END, PARSE, SYNC);
        forwards("G");
        assertThatThrownBy(() -> forwards("E")).isInstanceOf(ProtocolViolation.class);
    }

    // The data may be what has failed; then the server has ignored the Sync, and ignores the request as well.
    @Test
    void requestBehindDataBehindASync_isNotGuessedAt() {
        expect(EXECUTE, SYNC, COPY_DATA, PARSE, SYNC);
        forwards("G");
        assertThatThrownBy(() -> forwards("E")).isInstanceOf(ProtocolViolation.class);
    }

    @Test
    void requestBehindDataOfARunningCopyBehindASync_isNotGuessedAt() {
        expect(EXECUTE);
        forwards("G");
        expect(SYNC);
        replies.expectCopyData();
        expect(PARSE);
        assertThatThrownBy(() -> forwards("E")).isInstanceOf(ProtocolViolation.class);
    }

    @Test
    void requestSentBehindTheErrorOfDataBehindASync_isNotGuessedAt() {
        expect(EXECUTE, SYNC);
        forwards("G");
        replies.expectCopyData();
        forwards("E");
        assertThatThrownBy(() -> expect(PARSE)).isInstanceOf(ProtocolViolation.class);
    }

    @Test
    void dataBehindASyncThatIsKnownToBeIgnored_leavesNoDoubtForTheNextCopy() {
        expect(EXECUTE, SYNC);
        forwards("G");
        replies.expectCopyData();
        expect(COPY_END, SYNC);
        forwards("CZ");
        expect(EXECUTE, SYNC);
        forwards("GE");
        expect(PARSE, SYNC);
        forwards("Z1Z");
        isAtRest();
    }

    @Test
    void requestSentWhileASyncIsInDoubt_isOfTheNextBatch() {
        expect(EXECUTE, SYNC);
        forwards("GE");
        expect(PARSE, SYNC);
        forwards("Z1Z");
        isAtRest();
    }

    @Test
    void requestSentBehindCopyDoneWhileASyncIsInDoubt_isNotGuessedAt() {
        expect(EXECUTE, SYNC);
        forwards("GE");
        expect(COPY_DATA, COPY_END);
        assertThatThrownBy(() -> expect(PARSE)).isInstanceOf(ProtocolViolation.class);

        Replies sentBefore = new Replies();
        for (Kind kind : new Kind[] {EXECUTE, SYNC, COPY_END}) {
            sentBefore.expect(kind);
        }
        sentBefore.onReply((byte) 'G');
        sentBefore.onReply((byte) 'E');
        assertThatThrownBy(() -> sentBefore.expect(QUERY)).isInstanceOf(ProtocolViolation.class);
    }

    @Test
    void answerOfTheProxysOwn_isNotGivenInFrontOfOneThatMayCome() {
        expect(EXECUTE, SYNC);
        forwards("G");
        expect(COPY_END, SYNC);
        replies.expect(PARSE, SYNTHESIZE, null);
        forwards("EZ");
        assertThat(replies.pollSynthesized()).isEqualTo(PARSE);
        assertThatThrownBy(() -> forwards("Z")).isInstanceOf(ProtocolViolation.class);
    }

    // Hazard D12
    @Test
    void simpleCopy_thatFailsIgnoresWhatIsLeftOfIt() {
        expect(QUERY);
        forwards("G");
        expect(COPY_DATA);
        forwards("E");
        assertThat(replies.isCopyIn()).isFalse();
        expect(COPY_DATA, COPY_END);
        forwards("Z");
        isAtRest();
    }

    // Hazard D12
    @Test
    void copyDoneBehindReady_owesNothing() {
        expect(QUERY);
        forwards("GEZ");
        expect(COPY_DATA, COPY_DATA, COPY_END);
        isAtRest();
        expect(QUERY);
        forwards("CZ");
        isAtRest();
    }

    // Hazard D12
    @Test
    void extendedCopy_thatFailsIgnoresUpToSync() {
        expect(EXECUTE);
        forwards("G");
        expect(COPY_DATA);
        forwards("E");
        expect(COPY_DATA, COPY_END);
        assertThat(replies.isEmpty()).isTrue();
        assertThat(replies.isBatchOpen()).isTrue();
        expect(SYNC);
        forwards("Z");
        isAtRest();
    }

    // Hazard D12
    @Test
    void extendedCopy_whoseEndAndSyncWereSentBeforeItsError() {
        expect(EXECUTE);
        forwards("G");
        expect(COPY_DATA, COPY_END, SYNC);
        forwards("E");
        assertThat(replies.isAmbiguous()).isFalse();
        forwards("Z");
        isAtRest();
    }

    @Test
    void twoCopiesInOneQuery_areTwo() {
        expect(QUERY);
        forwards("G");
        expect(COPY_DATA, COPY_END);
        forwards("CG");
        assertThat(replies.isCopyIn()).isTrue();
        // The end of the first is not taken for that of the second.
        expect(COPY_DATA, COPY_END);
        forwards("CZ");
        isAtRest();
    }

    @Test
    void twoCopiesInOneQuery_whoseEndsWereSentBeforeAnyAnswer() {
        expect(QUERY, COPY_DATA, COPY_END, COPY_DATA, COPY_END);
        forwards("GCG");
        expect(SYNC);
        forwards("CZZ");
        isAtRest();
    }

    @Test
    void twoEmptyCopiesInOneQuery_whoseEndsWereSentBeforeAnyAnswer() {
        expect(QUERY, COPY_END, COPY_END);
        forwards("GCG");
        forwards("CZ");
        isAtRest();
    }

    @Test
    void copyData_withoutCopyIsIgnored() {
        expect(COPY_DATA, COPY_END);
        isAtRest();
        expect(QUERY, COPY_DATA, COPY_END, QUERY);
        forwards("CZ");
        assertThat(replies.size()).isEqualTo(1);
        forwards("CZ");
        isAtRest();
    }

    @Test
    void copyInBehindAnotherExecute_dropsOnlyItsOwnSync() {
        expect(BIND, EXECUTE, SYNC);
        expect(BIND, EXECUTE, SYNC);
        forwards("2CZ");
        forwards("2G");
        expect(COPY_END, SYNC);
        forwards("CZ");
        isAtRest();
    }

    @Test
    void copyBoth_passes() {
        expect(QUERY);
        forwards("Wdd");
        expect(COPY_DATA, COPY_END);
        forwards("cCCZ");
        isAtRest();
    }
}
