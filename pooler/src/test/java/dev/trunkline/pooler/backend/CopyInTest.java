package dev.trunkline.pooler.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trunkline.pooler.backend.Replies.Action;
import dev.trunkline.pooler.backend.Replies.Kind;
import dev.trunkline.wire.ProtocolViolation;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@link CopyIn} takes from the ring, and what is in doubt; {@link RepliesCopyTest} has whole conversations. */
class CopyInTest {
    private final ReplyRing ring = new ReplyRing();
    private final CopyIn copy = new CopyIn(ring);

    private void owes(Kind... kinds) {
        for (Kind kind : kinds) {
            ring.add(kind, Action.FORWARD, null);
        }
    }

    private List<Kind> owed() {
        List<Kind> kinds = new ArrayList<>();
        for (int i = 0; i < ring.size(); i++) {
            kinds.add(ring.kindAt(i));
        }
        return kinds;
    }

    @Test
    void begins_takesTheSyncsThatAreReadAsAPartOfIt() {
        owes(Kind.EXECUTE, Kind.SYNC, Kind.COPY_DATA, Kind.SYNC, Kind.COPY_END, Kind.SYNC);
        copy.begins();
        assertThat(copy.isRunning()).isTrue();
        assertThat(copy.isAmbiguous()).as("as long as it may yet succeed").isFalse();
        assertThat(owed()).containsExactly(Kind.EXECUTE, Kind.COPY_END, Kind.SYNC);
        copy.stops();
        assertThat(copy.isAmbiguous()).isTrue();
        copy.syncAnswered();
        assertThat(copy.isAmbiguous()).as("the second").isTrue();
        copy.syncAnswered();
        assertThat(copy.isAmbiguous()).isFalse();
    }

    @Test
    void dataIsAwaited_untilItsEndWasSent() {
        Replies replies = new Replies();
        assertThat(replies.awaitsCopyData()).isFalse();
        replies.expect(Kind.QUERY);
        replies.onReply((byte) 'G');
        assertThat(replies.awaitsCopyData()).isTrue();
        replies.expect(Kind.COPY_END);
        assertThat(replies.awaitsCopyData()).isFalse();
        assertThat(replies.isCopyIn()).isTrue();
    }

    @Test
    void sync_isTakenInsideOnly() {
        owes(Kind.EXECUTE);
        assertThat(copy.takesSync()).isFalse();
        copy.begins();
        assertThat(copy.takesSync()).isTrue();
        owes(Kind.COPY_END);
        assertThat(copy.takesSync()).isFalse();
    }

    @Test
    void succeeds_endsTheDoubt() {
        owes(Kind.EXECUTE, Kind.SYNC);
        copy.begins();
        copy.succeeds();
        assertThat(copy.isRunning()).isFalse();
        assertThat(copy.isAmbiguous()).isFalse();
    }

    @Test
    void succeeds_inAQueryTakesItsOwnEndAlone() {
        owes(Kind.QUERY, Kind.COPY_DATA, Kind.COPY_END, Kind.COPY_DATA, Kind.COPY_END);
        copy.begins();
        copy.succeeds();
        assertThat(owed()).containsExactly(Kind.QUERY, Kind.COPY_DATA, Kind.COPY_END);
    }

    @Test
    void laterAnswer_endsTheDoubtOnceTheModeIsLeft() {
        owes(Kind.EXECUTE, Kind.SYNC);
        copy.begins();
        copy.laterAnswered();
        copy.stops();
        assertThat(copy.isAmbiguous()).isTrue();
        copy.laterAnswered();
        assertThat(copy.isAmbiguous()).isFalse();
    }

    @Test
    void nextRequest_isBehindTheSyncUnlessTheEndWasSent() {
        owes(Kind.EXECUTE, Kind.SYNC);
        assertThat(copy.isBehindSync(Kind.PARSE)).as("without a COPY").isFalse();
        copy.begins();
        copy.stops();
        copy.fails(1);
        assertThat(copy.isBehindSync(Kind.COPY_DATA)).isFalse();
        assertThat(copy.isBehindSync(Kind.PARSE)).isTrue();
        assertThat(copy.isBehindSync(Kind.COPY_END)).isFalse();
        assertThatThrownBy(() -> copy.isBehindSync(Kind.PARSE)).isInstanceOf(ProtocolViolation.class);
    }

    @Test
    void requestSentBehindTheSync_saysThatTheServerReadsOn() {
        owes(Kind.EXECUTE, Kind.SYNC, Kind.PARSE);
        copy.begins();
        assertThat(copy.goesOnBehindSync()).as("as long as it runs").isFalse();
        copy.stops();
        assertThat(copy.goesOnBehindSync()).isTrue();
    }

    @Test
    void dataOrNothingBehindTheSync_saysNothing() {
        owes(Kind.EXECUTE, Kind.SYNC);
        copy.begins();
        copy.stops();
        assertThat(copy.goesOnBehindSync()).isFalse();
        owes(Kind.COPY_END);
        assertThat(copy.goesOnBehindSync()).isFalse();
    }

    @Test
    void failure_withARequestBehindTheEndIsNotGuessedAt() {
        owes(Kind.EXECUTE, Kind.SYNC, Kind.COPY_END, Kind.PARSE);
        copy.begins();
        copy.stops();
        copy.fails(2);
        assertThatThrownBy(() -> copy.fails(3)).isInstanceOf(ProtocolViolation.class);
    }

    @Test
    void failure_withoutADoubtMayTakeAll() {
        owes(Kind.EXECUTE, Kind.COPY_END, Kind.PARSE, Kind.SYNC);
        copy.begins();
        copy.stops();
        copy.fails(3);
        assertThat(copy.isAmbiguous()).isFalse();
        assertThat(owed()).containsExactly(Kind.EXECUTE, Kind.COPY_END, Kind.PARSE, Kind.SYNC);
    }
}
