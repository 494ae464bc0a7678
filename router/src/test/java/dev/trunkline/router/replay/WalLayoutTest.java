package dev.trunkline.router.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WalLayoutTest {
    private static final WalLayout USUAL = new WalLayout(0x2000, 0x1000000);

    @ParameterizedTest
    @CsvSource({
        // In the middle of a page.
        "3000050, 3000050",
        "3002020, 3002020",
        // Behind the header of a page.
        "3002018, 3002000",
        "3004018, 3004000",
        // Behind the header of a segment's first page, which is longer.
        "3000028, 3000000",
        // What looks like the one header and stands where the other is.
        "3000018, 3000018",
        "3002028, 3002028",
    })
    void end_isInFrontOfAHeader(String insertPosition, String end) {
        assertThat(USUAL.end(Long.parseLong(insertPosition, 16))).isEqualTo(Long.parseLong(end, 16));
    }

    @Test
    void end_ofOtherSizes_isInFrontOfTheirHeaders() {
        WalLayout large = new WalLayout(0x4000, 0x4000000);

        assertThat(large.end(0x3002018)).isEqualTo(0x3002018);
        assertThat(large.end(0x3004018)).isEqualTo(0x3004000);
        assertThat(large.end(0x5000028)).isEqualTo(0x5000028);
        assertThat(large.end(0x4000028)).isEqualTo(0x4000000);
    }

    @Test
    void sizesThatAreNone_areRefused() {
        assertThatThrownBy(() -> new WalLayout(0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new WalLayout(8000, 1 << 24)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new WalLayout(8192, 4096)).isInstanceOf(IllegalArgumentException.class);
    }
}
