package dev.trunkline.pooler.backend;

import static dev.trunkline.pooler.backend.Replies.Action.FORWARD;
import static dev.trunkline.pooler.backend.Replies.Action.SWALLOW;
import static dev.trunkline.pooler.backend.Replies.Action.SYNTHESIZE;
import static dev.trunkline.pooler.backend.Replies.Kind.BIND;
import static dev.trunkline.pooler.backend.Replies.Kind.CLOSE;
import static dev.trunkline.pooler.backend.Replies.Kind.EXECUTE;
import static dev.trunkline.pooler.backend.Replies.Kind.PARSE;
import static dev.trunkline.pooler.backend.Replies.Kind.QUERY;
import static dev.trunkline.pooler.backend.Replies.Kind.SYNC;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.Replies.Action;
import dev.trunkline.pooler.backend.Replies.Kind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Answers that the proxy gives itself or keeps to itself. */
class RepliesOfTheProxyTest {
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

    private void swallows(String types) {
        for (int i = 0; i < types.length(); i++) {
            assertThat(replies.onReply((byte) types.charAt(i)))
                    .as("reply %s of %s", i, types)
                    .isEqualTo(SWALLOW);
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

    // Hazards D3, D5
    @Test
    void synthesized_isGivenWhenItsTurnHasComeAndInOrder() {
        expect(BIND, EXECUTE);
        replies.expect(PARSE, SYNTHESIZE, null);
        replies.expect(CLOSE, SYNTHESIZE, null);
        expect(BIND, SYNC);
        assertThat(replies.pollSynthesized()).isNull();
        forwards("2");
        assertThat(replies.pollSynthesized()).isNull();
        forwards("DC");
        assertThat(replies.pollSynthesized()).isEqualTo(PARSE);
        assertThat(replies.pollSynthesized()).isEqualTo(CLOSE);
        assertThat(replies.pollSynthesized()).isNull();
        forwards("2Z");
        isAtRest();
    }

    // Hazards D5, D6
    @Test
    void synthesized_isNotGivenBehindAnError() {
        expect(PARSE);
        expectUndoable(PARSE, SYNTHESIZE, "synthesized");
        expect(SYNC);
        forwards("E");
        assertThat(undone).containsExactly("synthesized");
        assertThat(replies.pollSynthesized()).isNull();
        forwards("Z");
        isAtRest();
    }

    @Test
    void synthesizedAlone_leavesTheBatchOpenUntilSync() {
        replies.expect(PARSE, SYNTHESIZE, null);
        assertThat(replies.pollSynthesized()).isEqualTo(PARSE);
        assertThat(replies.isEmpty()).isTrue();
        assertThat(replies.isBatchOpen()).isTrue();
        expect(SYNC);
        forwards("Z");
        isAtRest();
    }

    @Test
    void swallowed_isNotForwarded() {
        replies.expect(QUERY, SWALLOW, null);
        expect(QUERY);
        assertThat(replies.isSwallowing()).isTrue();
        swallows("TDCZ");
        assertThat(replies.isSwallowing()).isFalse();
        forwards("CZ");
        isAtRest();
    }

    @Test
    void swallowedQuery_swallowsItsErrorToo() {
        replies.expect(QUERY, SWALLOW, null);
        swallows("EZ");
        isAtRest();
    }

    // Hazard D6: the client's own message is skipped because of it, so that it has to learn why.
    @Test
    void errorOfASwallowedParse_isForwarded() {
        expectUndoable(CLOSE, SWALLOW, "close");
        expectUndoable(PARSE, SWALLOW, "parse");
        expect(BIND, EXECUTE, SYNC);
        swallows("3");
        forwards("E");
        assertThat(undone).containsExactly("parse");
        forwards("Z");
        isAtRest();
    }

    @Test
    void ring_growsAndKeepsOrderUndosAndActions() {
        // The head is not at the beginning when it grows.
        expect(QUERY, QUERY, QUERY, QUERY, QUERY);
        forwards("ZZZZZ");
        for (int i = 0; i < 40; i++) {
            expectUndoable(PARSE, i % 2 == 0 ? FORWARD : SWALLOW, "p" + i);
        }
        expect(SYNC);
        assertThat(replies.size()).isEqualTo(41);
        for (int i = 0; i < 20; i++) {
            assertThat(replies.onReply((byte) '1')).isEqualTo(i % 2 == 0 ? FORWARD : SWALLOW);
        }
        forwards("E");
        assertThat(undone).hasSize(20).startsWith("p39", "p38").endsWith("p21", "p20");
        forwards("Z");
        isAtRest();
    }
}
