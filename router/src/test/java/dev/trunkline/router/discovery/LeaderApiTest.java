package dev.trunkline.router.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LeaderApiTest {
    private static final URI NODE1 = URI.create("http://10.0.0.1:8008/patroni");
    private static final URI NODE2 = URI.create("http://10.0.0.2:8008/patroni");

    private final List<String> asked = new ArrayList<>();
    private CompletableFuture<Integer> answer = CompletableFuture.completedFuture(200);
    private int alarms;

    private final LeaderApi api = new LeaderApi(url -> {
        asked.add(url.toString());
        return answer;
    });

    @Test
    void isElecting_whileSomebodyHasTheLock_isNotAndAsksNobody() {
        assertThat(api.isElecting(led(NODE1))).isFalse();
        assertThat(asked).isEmpty();
    }

    @Test
    void isElecting_behindALockThatRanOut_isUntilItsHolderSaysThatItLeadsOn() {
        answer = new CompletableFuture<>();
        assertThat(api.isElecting(led(NODE1))).isFalse();
        assertThat(api.isElecting(unlocked())).isTrue();
        assertThat(api.isElecting(unlocked())).as("it has not answered").isTrue();
        assertThat(asked).containsExactly("http://10.0.0.1:8008/leader");

        answer.complete(200);
        assertThat(api.isElecting(unlocked())).isFalse();
        assertThat(asked).as("and again, for it may step down").hasSize(2);
    }

    @Test
    void isElecting_whoeverHadTheLockSaysThatItDoesNotLead_isAndDoesNotAskForAWhile() {
        answer = CompletableFuture.completedFuture(503);
        api.isElecting(led(NODE1));
        assertThat(api.isElecting(unlocked())).isTrue();
        assertThat(api.isElecting(unlocked())).isTrue();
        assertThat(asked).hasSize(1);

        api.isElecting(led(NODE2));
        assertThat(api.isElecting(unlocked())).isTrue();
        assertThat(asked)
                .as("another lock")
                .containsExactly("http://10.0.0.1:8008/leader", "http://10.0.0.2:8008/leader");
    }

    @Test
    void isElecting_whoHasVouchedAndIsSilentThen_isAgain() {
        api.isElecting(led(NODE1));
        assertThat(api.isElecting(unlocked())).isFalse();
        answer = CompletableFuture.failedFuture(new ConnectException());
        api.isElecting(unlocked());
        assertThat(api.isElecting(unlocked())).isTrue();
    }

    @Test
    void isElecting_whoVouchedAndTookItsLockAgain_vouchesForThatTimeOnly() {
        api.isElecting(led(NODE1));
        api.isElecting(unlocked());
        api.isElecting(led(NODE1));
        answer = new CompletableFuture<>();
        assertThat(api.isElecting(unlocked())).isTrue();
    }

    @Test
    void isElecting_nobodyWasEverSeenToLead_isAndAsksNobody() {
        assertThat(api.isElecting(unlocked())).isTrue();
        assertThat(asked).isEmpty();
    }

    @Test
    void pulse_ofOneThatIsSilent_isAnAlarmIfItWasHeardBefore() {
        api.isElecting(led(NODE1));
        answer = CompletableFuture.failedFuture(new ConnectException());
        pulse();
        assertThat(alarms).as("it may be out of reach").isZero();

        answer = CompletableFuture.completedFuture(503);
        pulse();
        assertThat(alarms).as("any answer is a sign of life").isZero();

        answer = CompletableFuture.failedFuture(new ConnectException());
        pulse();
        pulse();
        assertThat(alarms).isEqualTo(2);
        assertThat(asked).hasSize(4).containsOnly("http://10.0.0.1:8008/liveness");
    }

    @Test
    void pulse_whileTheOneBeforeHangs_asksNothing() {
        answer = new CompletableFuture<>();
        api.isElecting(led(NODE1));
        pulse();
        pulse();
        assertThat(asked).hasSize(1);
    }

    @Test
    void pulse_behindALockThatRanOut_isOfTheOneWhoHadIt() {
        api.isElecting(led(NODE1));
        pulse();
        answer = CompletableFuture.failedFuture(new ConnectException());
        api.isElecting(unlocked());
        pulse();
        assertThat(asked.getLast()).isEqualTo("http://10.0.0.1:8008/liveness");
        assertThat(alarms).isEqualTo(1);
    }

    @Test
    void pulse_ofANewLeader_isNoAlarmBeforeItWasHeard() {
        api.isElecting(led(NODE1));
        pulse();
        api.isElecting(led(NODE2));
        answer = CompletableFuture.failedFuture(new ConnectException());
        pulse();
        assertThat(alarms).isZero();
    }

    @Test
    void pulse_ofOneThatHasJustAnswered_asksNothing() {
        api.isElecting(led(NODE1));
        api.pulse(URI.create("http://10.0.0.1:8008/cluster"), () -> alarms++);
        assertThat(asked).isEmpty();
        answer = CompletableFuture.failedFuture(new ConnectException());
        pulse();
        assertThat(alarms).as("that was a sign of life").isEqualTo(1);
    }

    private void pulse() {
        api.pulse(NODE2.resolve("/cluster"), () -> alarms++);
    }

    private static PatroniAnswer led(URI leader) {
        return new PatroniAnswer(List.of(), false, null, false, false, List.of(), List.of(leader));
    }

    private static PatroniAnswer unlocked() {
        return new PatroniAnswer(List.of(), false, null, false, true, List.of(), List.of());
    }
}
