package dev.trunkline.router.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trunkline.router.DiscoveryException;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class FirstAnswerTest {
    private static final URI A = URI.create("http://a:8008/cluster");
    private static final URI B = URI.create("http://b:8008/cluster");
    private static final URI C = URI.create("http://c:8008/cluster");

    private final Map<URI, CompletableFuture<String>> questions = new LinkedHashMap<>();
    private final List<URI> asked = new ArrayList<>();
    private final Queue<Runnable> patience = new ArrayDeque<>();
    private final FirstAnswer<String> first = new FirstAnswer<>(this::call, patience::add);

    private CompletableFuture<String> call(URI node) {
        asked.add(node);
        CompletableFuture<String> question = new CompletableFuture<>();
        questions.put(node, question);
        return question;
    }

    private CompletableFuture<String> question(URI node) {
        return Objects.requireNonNull(questions.get(node));
    }

    private void answers(URI node) {
        question(node).complete("of " + node.getHost());
    }

    private void fails(URI node) {
        question(node).completeExceptionally(new DiscoveryException("no"));
    }

    private void patienceEnds() {
        patience.remove().run();
    }

    private static String told(CompletableFuture<FirstAnswer.Told<String>> look) {
        assertThat(look).isCompleted();
        return look.join().node().getHost() + " " + look.join().answer();
    }

    @Test
    void oneThatAnswersInTime_isTheOnlyOneAsked() {
        var look = first.of(List.of(A, B, C));
        answers(A);
        patienceEnds();
        assertThat(told(look)).isEqualTo("a of a");
        assertThat(asked).containsExactly(A);
    }

    // Hazard R17
    @Test
    void oneThatIsSlow_isNotWaitedForAndMayStillBeTheFirst() {
        var look = first.of(List.of(A, B, C));
        patienceEnds();
        assertThat(asked).containsExactly(A, B);
        patienceEnds();
        assertThat(asked).containsExactly(A, B, C);
        answers(A);
        assertThat(told(look)).isEqualTo("a of a");
        answers(B);
        fails(C);
        assertThat(told(look)).isEqualTo("a of a");
    }

    @Test
    void oneThatFails_isFollowedAtOnceAndByOneAlone() {
        var look = first.of(List.of(A, B, C));
        fails(A);
        assertThat(asked).containsExactly(A, B);
        patienceEnds();
        assertThat(asked).as("A's patience is over, and B has its own").containsExactly(A, B);
        patienceEnds();
        assertThat(asked).containsExactly(A, B, C);
        fails(B);
        assertThat(look).isNotDone();
        answers(C);
        assertThat(told(look)).isEqualTo("c of c");
    }

    @Test
    void nobodyAnswers_failsWithWhatEachSaid() {
        var look = first.of(List.of(A, B));
        patienceEnds();
        fails(A);
        assertThat(look).isNotDone();
        fails(B);
        assertThatThrownBy(look::join).hasRootCauseMessage("a:8008: no; b:8008: no");
    }

    // Hazard R18: each request to a node whose PostgreSQL hangs takes one of the five threads of its API.
    @Test
    void oneThatOwesAnAnswer_isAskedNothingMore() {
        var earlier = first.of(List.of(A, B));
        patienceEnds();
        answers(B);
        assertThat(told(earlier)).isEqualTo("b of b");

        var later = first.of(List.of(A, B));
        assertThat(asked).as("A has yet to answer").containsExactly(A, B, B);
        answers(A);
        assertThat(later).as("that was an answer to an earlier question").isNotDone();
        fails(B);
        assertThatThrownBy(later::join)
                .hasRootCauseMessage("a:8008: has yet to answer an earlier question; b:8008: no");

        var last = first.of(List.of(A, B));
        answers(A);
        assertThat(told(last)).isEqualTo("a of a");
    }

    @Test
    void nobodyMayBeAsked_failsAtOnce() {
        first.of(List.of(A));
        assertThatThrownBy(first.of(List.of(A))::join).hasRootCauseInstanceOf(DiscoveryException.class);
        assertThatThrownBy(first.of(List.of())::join).hasRootCauseInstanceOf(DiscoveryException.class);
    }
}
