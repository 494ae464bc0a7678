package dev.trunkline.router;

import static dev.trunkline.router.Cluster.A;
import static dev.trunkline.router.Cluster.B;
import static dev.trunkline.router.Cluster.leader;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LeaderDoubtTest {
    private final LeaderDoubt doubt = new LeaderDoubt();
    private final Topology ledByA = topology(leader(A, 5));
    private final Topology ledByB = topology(leader(B, 6));
    private final Topology ledByNobody = topology(null);

    private static Topology topology(@Nullable Member leader) {
        return new Topology(1, 5, leader, List.of(), List.of());
    }

    @Test
    void wordsOfTheLeader_countUntilItIsAskedAndLeadsOn() {
        assertThat(doubt.hears(A, ledByA, 10)).isTrue();
        assertThat(doubt.leader()).isEqualTo(A);
        assertThat(doubt.ends(ledByA, null, 20)).as("not asked").isFalse();
        assertThat(doubt.ends(ledByA, 10L, 20)).as("asked at the same time").isFalse();
        assertThat(doubt.ends(ledByA, 11L, 20)).isTrue();
        assertThat(doubt.isOpen()).isFalse();
        assertThat(doubt.leader()).isNull();
        assertThat(doubt.ends(ledByA, 11L, 20)).as("it ends once").isFalse();
    }

    @Test
    void wordsOfAnother_countForNothing() {
        assertThat(doubt.hears(B, ledByA, 10)).isFalse();
        assertThat(doubt.hears(A, ledByNobody, 10)).isFalse();
        assertThat(doubt.isOpen()).isFalse();
    }

    @Test
    void wordsWithinASecondOfSomeThatWereRefuted_countForNothing() {
        assertThat(doubt.hears(A, ledByA, 0)).isTrue();
        assertThat(doubt.ends(ledByA, 1L, 2)).isTrue();
        long calm = LeaderDoubt.CALM.toNanos();
        assertThat(doubt.hears(A, ledByA, 1 + calm)).isFalse();
        assertThat(doubt.hears(A, ledByA, 2 + calm)).isTrue();
    }

    @Test
    void moreWords_doNotBeginItAnewNorMakeItLonger() {
        assertThat(doubt.hears(A, ledByA, 0)).isTrue();
        assertThat(doubt.hears(A, ledByA, 5)).isFalse();
        assertThat(doubt.ends(ledByA, 4L, 6)).isTrue();
    }

    @Test
    void leaderThatIsGone_endsIt() {
        assertThat(doubt.hears(A, ledByA, 0)).isTrue();
        assertThat(doubt.ends(ledByNobody, null, 1)).isTrue();
        assertThat(doubt.hears(B, ledByB, 2)).as("nothing was refuted").isTrue();
        assertThat(doubt.ends(ledByA, null, 3)).isTrue();
    }

    @Test
    void leaderThatDoesNotAnswer_isWaitedForASecond() {
        assertThat(doubt.hears(A, ledByA, 0)).isTrue();
        long limit = LeaderDoubt.WORDS_LIMIT.toNanos();
        assertThat(doubt.ends(ledByA, null, limit - 1)).isFalse();
        assertThat(doubt.ends(ledByA, null, limit)).isTrue();
    }

    @Test
    void announcement_isNotRefutedByTheLeaderItself() {
        assertThat(doubt.reads(Outlook.HANDS_OVER, ledByA, 0, 0)).isTrue();
        assertThat(doubt.reads(Outlook.HANDS_OVER, ledByA, 1, 1)).isFalse();
        assertThat(doubt.ends(ledByA, 2L, 3)).isFalse();
        assertThat(doubt.hears(A, ledByA, 4)).as("it is in doubt already").isFalse();
        assertThat(doubt.ends(ledByNobody, null, 5)).isTrue();
    }

    @Test
    void announcementThatIsTakenBack_endsWithTheNextAnswerOfTheLeader() {
        assertThat(doubt.reads(Outlook.HANDS_OVER, ledByA, 0, 0)).isTrue();
        assertThat(doubt.reads(Outlook.STAYS, ledByA, 10, 10)).isFalse();
        assertThat(doubt.ends(ledByA, 9L, 11)).isFalse();
        assertThat(doubt.ends(ledByA, 12L, 13)).isTrue();
    }

    @Test
    void announcementThatIsReadAgainMeanwhile_isTakenBackByTheNextAnswerAllTheSame() {
        assertThat(doubt.reads(Outlook.ELECTION, ledByA, 0, 1)).isTrue();
        assertThat(doubt.reads(Outlook.ELECTION, ledByA, 0, 12))
                .as("the same answer, judged with a new word of a server")
                .isFalse();
        assertThat(doubt.reads(Outlook.STAYS, ledByA, 10, 20)).isFalse();
        assertThat(doubt.ends(ledByA, 21L, 22)).isTrue();
    }

    @Test
    void announcementOfWhatDoesNotCome_countsForSomeSecondsAndOnce() {
        long limit = LeaderDoubt.ANNOUNCED_LIMIT.toNanos();
        assertThat(doubt.reads(Outlook.HANDS_OVER, ledByA, 0, 0)).isTrue();
        assertThat(doubt.ends(ledByA, 5L, limit - 1)).isFalse();
        assertThat(doubt.ends(ledByA, 5L, limit)).isTrue();
        assertThat(doubt.reads(Outlook.HANDS_OVER, ledByA, limit + 1, limit + 1))
                .as("the same")
                .isFalse();
        assertThat(doubt.reads(Outlook.STAYS, ledByA, limit + 2, limit + 2)).isFalse();
        assertThat(doubt.reads(Outlook.HANDS_OVER, ledByA, limit + 3, limit + 3))
                .as("a new one")
                .isTrue();
    }

    @Test
    void election_countsLongerThanAHandover() {
        long limit = LeaderDoubt.ELECTION_LIMIT.toNanos();
        assertThat(limit).isGreaterThan(LeaderDoubt.ANNOUNCED_LIMIT.toNanos());
        assertThat(doubt.reads(Outlook.ELECTION, ledByA, 0, 0)).isTrue();
        assertThat(doubt.ends(ledByA, 5L, limit - 1)).as("it still answers").isFalse();
        assertThat(doubt.ends(ledByA, 5L, limit)).isTrue();
        assertThat(doubt.reads(Outlook.ELECTION, ledByA, limit + 1, limit + 1))
                .as("the same")
                .isFalse();
    }

    /** Who keeps a connection of the old leader must not write there any more, and it has not gone. */
    @Test
    void election_whileAnotherIsNamedAndNotProven_goesOn() {
        assertThat(doubt.reads(Outlook.ELECTION, ledByA, 0, 0)).isTrue();
        assertThat(doubt.ends(ledByNobody, null, 1)).isFalse();
        assertThat(doubt.reads(Outlook.STAYS, ledByNobody, 2, 2)).isFalse();
        assertThat(doubt.ends(ledByNobody, 1L, 3)).isFalse();
        assertThat(doubt.ends(ledByB, null, 4)).isTrue();
        assertThat(doubt.isOpen()).isFalse();
    }

    @Test
    void election_whileNobodyIsProven_endsWithItsTime() {
        assertThat(doubt.reads(Outlook.ELECTION, ledByA, 0, 0)).isTrue();
        long limit = LeaderDoubt.ELECTION_LIMIT.toNanos();
        assertThat(doubt.ends(ledByNobody, null, limit - 1)).isFalse();
        assertThat(doubt.ends(ledByNobody, null, limit)).isTrue();
    }

    @Test
    void electionBehindAHandoverThatDidNotCome_countsAnew() {
        long limit = LeaderDoubt.ANNOUNCED_LIMIT.toNanos();
        assertThat(doubt.reads(Outlook.HANDS_OVER, ledByA, 0, 0)).isTrue();
        assertThat(doubt.ends(ledByA, 5L, limit)).isTrue();
        assertThat(doubt.reads(Outlook.ELECTION, ledByA, limit + 1, limit + 1)).isTrue();
    }

    @Test
    void electionThatEndsWithTheSameLeader_endsWithItsNextAnswer() {
        assertThat(doubt.reads(Outlook.ELECTION, ledByA, 0, 0)).isTrue();
        assertThat(doubt.reads(Outlook.STAYS, ledByA, 10, 10)).isFalse();
        assertThat(doubt.ends(ledByA, 12L, 13)).isTrue();
    }

    @Test
    void announcementBehindWords_makesThemLast() {
        assertThat(doubt.hears(A, ledByA, 0)).isTrue();
        assertThat(doubt.reads(Outlook.HANDS_OVER, ledByA, 1, 1))
                .as("it has begun already")
                .isFalse();
        assertThat(doubt.ends(ledByA, 2L, 3)).isFalse();
    }

    @Test
    void announcementWithoutALeader_countsForNothing() {
        assertThat(doubt.reads(Outlook.HANDS_OVER, ledByNobody, 0, 0)).isFalse();
        assertThat(doubt.isOpen()).isFalse();
    }

    @Test
    void announcementThatComesByItself_isNotTakenBackByAnAnswerFromBefore() {
        assertThat(doubt.isTold(ledByA, 10)).isTrue();
        assertThat(doubt.reads(Outlook.STAYS, ledByA, 9, 11)).isFalse();
        assertThat(doubt.ends(ledByA, 12L, 13)).isFalse();
        assertThat(doubt.reads(Outlook.STAYS, ledByA, 14, 15)).isFalse();
        assertThat(doubt.ends(ledByA, 16L, 17)).isTrue();
        assertThat(doubt.isTold(ledByNobody, 18)).isFalse();
    }
}
