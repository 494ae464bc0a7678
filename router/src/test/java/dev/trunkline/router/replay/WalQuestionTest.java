package dev.trunkline.router.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class WalQuestionTest {
    @Test
    void standing_isRead() {
        WalWord word = WalQuestion.STANDING.read(List.of("f", "67108904", "3", "8192", "16777216"));

        assertThat(word)
                .isEqualTo(new WalWord(false, 67108904, new WalWord.Standing(false, 3, new WalLayout(8192, 16777216))));
    }

    @Test
    void position_isRead() {
        assertThat(WalQuestion.POSITION.read(List.of("t", "4711"))).isEqualTo(new WalWord(true, 4711, null));
    }

    @Test
    void replicaThatHasReplayedNothing_isAtTheBeginning() {
        assertThat(WalQuestion.POSITION.read(Arrays.asList("t", null)).position())
                .isZero();
    }

    @Test
    void anythingElse_isRefused() {
        assertThatThrownBy(() -> WalQuestion.POSITION.read(List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> WalQuestion.POSITION.read(List.of("yes", "1")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> WalQuestion.POSITION.read(List.of("t", "0/1")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> WalQuestion.STANDING.read(List.of("f", "1", "1", "0", "0")))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
