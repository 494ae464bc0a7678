package dev.trunkline.pooler.statement;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReuseTest {
    private final Prepared plain = prepared("SELECT 1");
    private final Prepared withParameter = prepared("SELECT $1");

    private static Prepared prepared(String text) {
        return new Prepared(0, (text + "\0\0\0").getBytes(US_ASCII), new StatementSpace(new byte[0]));
    }

    @Test
    void eachAllowsWhatItsNameSays() {
        assertThat(Reuse.NONE.allows(plain)).isFalse();
        assertThat(Reuse.NONE.allows(withParameter)).isFalse();
        assertThat(Reuse.WITHOUT_PARAMETERS.allows(plain)).isTrue();
        assertThat(Reuse.WITHOUT_PARAMETERS.allows(withParameter)).isFalse();
        assertThat(Reuse.ALL.allows(plain)).isTrue();
        assertThat(Reuse.ALL.allows(withParameter)).isTrue();
    }

    @Test
    void whatIsLongerThan8KiloBytes_isNotKept() {
        assertThat(Reuse.ALL.isLong(8192)).isFalse();
        assertThat(Reuse.ALL.isLong(8193)).isTrue();
    }
}
