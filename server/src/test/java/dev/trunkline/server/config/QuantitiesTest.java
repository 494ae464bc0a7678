package dev.trunkline.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantitiesTest {
    @ParameterizedTest
    @CsvSource({
        "500ms, 500, 500ms",
        "15s, 15000, 15s",
        "10m, 600000, 10m",
        "1h, 3600000, 1h",
        "15, 15000, 15s",
        "0.5, 500, 500ms",
        "1.5h, 5400000, 90m",
        "0, 0, 0",
        "2 s, 2000, 2s",
    })
    void duration_withAUnitOrInSeconds(String text, long millis, String shown) throws BadValue {
        Duration read = Quantities.duration(text);
        assertThat(read).isEqualTo(Duration.ofMillis(millis));
        assertThat(Quantities.format(read)).isEqualTo(shown);
        assertThat(Quantities.duration(shown)).isEqualTo(read);
    }

    @ParameterizedTest
    @CsvSource({
        "16MB, 16777216, 16MB",
        "1GB, 1073741824, 1GB",
        "1073741823, 1073741823, 1073741823",
        "100B, 100, 100",
        "1.5kB, 1536, 1536",
        "2TB, 2199023255552, 2TB",
        "0, 0, 0",
    })
    void bytes_withAUnitOrBare(String text, long bytes, String shown) throws BadValue {
        assertThat(Quantities.bytes(text)).isEqualTo(bytes);
        assertThat(Quantities.format(bytes)).isEqualTo(shown);
        assertThat(Quantities.bytes(shown)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "-1", "1 day", "1e3", "0x10", ".5", "1.", "999999999999999999h", "1S", "1\n"})
    void duration_anythingElseIsRefused(String text) {
        assertThatThrownBy(() -> Quantities.duration(text)).isInstanceOf(BadValue.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "MB", "-1", "1 mb", "1Mb", "999999999999999999TB", "1s"})
    void bytes_anythingElseIsRefused(String text) {
        assertThatThrownBy(() -> Quantities.bytes(text)).isInstanceOf(BadValue.class);
    }
}
