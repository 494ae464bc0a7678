package dev.trunkline.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProtocolVersionTest {
    @ParameterizedTest
    @CsvSource({"0, V3_0", "1, V3_0", "2, V3_2", "3, V3_2", "9999, V3_2", "65535, V3_2"})
    void forClient_isTheNewestThatIsNotNewer(int minor, ProtocolVersion spoken) {
        assertThat(ProtocolVersion.forClient(minor)).isEqualTo(spoken);
    }

    @Test
    void word_hasMajorAndMinor() {
        assertThat(ProtocolVersion.V3_0.word()).isEqualTo(0x0003_0000);
        assertThat(ProtocolVersion.V3_2.word()).isEqualTo(0x0003_0002);
        assertThat(ProtocolVersion.LATEST).isEqualTo(ProtocolVersion.V3_2);
    }
}
