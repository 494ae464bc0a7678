package dev.trunkline.pooler.backend;

import static dev.trunkline.pooler.backend.Replies.Action.FORWARD;
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
        assertThat(replies.ignoresSync()).isFalse();
        assertThat(replies.isAmbiguous()).isFalse();
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
        assertThat(replies.ignoresSync()).isTrue();
        expect(COPY_DATA, COPY_END);
        assertThat(replies.ignoresSync()).isFalse();
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
        assertThat(replies.ignoresSync()).isFalse();
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
    void sync_insideCopyMustBeKeptBack() {
        expect(EXECUTE);
        forwards("G");
        assertThatThrownBy(() -> replies.expect(SYNC)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void syncInsideData_thatEndsWellWasIgnored() {
        expect(EXECUTE, COPY_DATA, SYNC, COPY_DATA);
        forwards("G");
        expect(COPY_END, SYNC);
        forwards("C");
        assertThat(replies.isAmbiguous()).isFalse();
        forwards("Z");
        isAtRest();
    }

    @Test
    void syncInsideData_ofACopyThatFailsIsAmbiguous() {
        expect(EXECUTE, COPY_DATA, SYNC);
        forwards("GE");
        assertThat(replies.isAmbiguous()).isTrue();
        forwards("Z");
        assertThat(replies.isEmpty()).isTrue();
        assertThat(replies.isBatchOpen()).isFalse();
        assertThat(replies.isAmbiguous()).isTrue();
        assertThatThrownBy(() -> forwards("Z")).isInstanceOf(ProtocolViolation.class);
    }

    // Hazard D5: the second Z, if it comes, comes when another client may have the connection.
    @Test
    void syncInsideData_ofASimpleCopyThatFailsIsAmbiguousBeforeAnythingFollows() {
        expect(QUERY, COPY_DATA, SYNC);
        forwards("GEZ");
        assertThat(replies.isEmpty()).isTrue();
        assertThat(replies.isAmbiguous()).isTrue();
        forwards("Z");
        assertThat(replies.isAmbiguous()).isTrue();
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
        assertThat(replies.ignoresSync()).isTrue();
        expect(COPY_DATA, COPY_END);
        assertThat(replies.ignoresSync()).isFalse();
        forwards("CZ");
        isAtRest();
    }

    @Test
    void twoCopiesInOneQuery_whoseEndsWereSentBeforeAnyAnswer() {
        expect(QUERY, COPY_DATA, COPY_END, COPY_DATA, COPY_END);
        forwards("GCG");
        assertThat(replies.ignoresSync()).isFalse();
        expect(SYNC);
        forwards("CZZ");
        isAtRest();
    }

    @Test
    void twoEmptyCopiesInOneQuery_whoseEndsWereSentBeforeAnyAnswer() {
        expect(QUERY, COPY_END, COPY_END);
        forwards("GCG");
        assertThat(replies.ignoresSync()).isFalse();
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
