package dev.trunkline.wire.bytes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SightingsTest {
    private final Sightings sightings = new Sightings(8);

    @Test
    void whatComesAgain_isSeen() {
        assertThat(sightings.hasSeen(5)).isFalse();
        assertThat(sightings.hasSeen(6)).isFalse();
        assertThat(sightings.hasSeen(5)).isTrue();
        assertThat(sightings.hasSeen(5)).isTrue();
    }

    @Test
    void ofTwoInOnePlace_theLaterIsRemembered() {
        assertThat(sightings.hasSeen(5)).isFalse();
        assertThat(sightings.hasSeen(5 + 8)).isFalse();
        assertThat(sightings.hasSeen(5)).isFalse();
        assertThat(sightings.hasSeen(5)).isTrue();
    }

    @Test
    void negativeHashes_haveAPlace() {
        assertThat(sightings.hasSeen(-1)).isFalse();
        assertThat(sightings.hasSeen(-1)).isTrue();
    }

    @Test
    void anOddNumberOfPlaces_isRefused() {
        assertThatThrownBy(() -> new Sightings(12))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("12");
        assertThatThrownBy(() -> new Sightings(0)).isInstanceOf(IllegalArgumentException.class);
    }
}
