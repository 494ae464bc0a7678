package dev.trunkline.pooler.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParametersTest {
    private static Parameters parameters(String... namesAndValues) {
        Map<String, String> map = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            map.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return Parameters.of(map);
    }

    @Test
    void get_comparesNamesWithoutCase() {
        Parameters some = parameters("DateStyle", "ISO, MDY");
        assertThat(some.get("datestyle")).isEqualTo("ISO, MDY");
        assertThat(some.get("DATESTYLE")).isEqualTo("ISO, MDY");
        assertThat(some.get("TimeZone")).isNull();
    }

    @Test
    void of_twoSpellingsKeepsTheFirstAndTheLastValue() {
        Parameters some = parameters("TimeZone", "UTC", "timezone", "Europe/Berlin");
        assertThat(some.toMap()).containsExactly(Map.entry("TimeZone", "Europe/Berlin"));
        assertThat(some.size()).isEqualTo(1);
        assertThat(some).hasToString("{TimeZone=Europe/Berlin}");
    }

    @Test
    void with_anEqualValueIsTheSameObject() {
        Parameters some = parameters("a", "1");
        assertThat(some.with("A", "1")).isSameAs(some);
        assertThat(some.with("a", "2").get("a")).isEqualTo("2");
        assertThat(some.get("a")).isEqualTo("1");
        assertThat(some.with("b", "2").toMap()).containsExactly(Map.entry("a", "1"), Map.entry("b", "2"));
    }

    @Test
    void withAll_putsTheOthersInPlaceOrBehind() {
        Parameters both = parameters("a", "1", "b", "2").withAll(parameters("B", "3", "c", "4"));
        assertThat(both.toMap()).containsExactly(Map.entry("a", "1"), Map.entry("b", "3"), Map.entry("c", "4"));
    }

    @Test
    void withMissing_keepsWhatIsThere() {
        Parameters both = parameters("a", "1").withMissing(parameters("A", "3", "c", "4"));
        assertThat(both.toMap()).containsExactly(Map.entry("a", "1"), Map.entry("c", "4"));
    }

    @Test
    void sameAs_doesNotCareForOrder() {
        Parameters some = parameters("a", "1", "b", "2");
        assertThat(some.sameAs(some)).isTrue();
        assertThat(some.sameAs(parameters("B", "2", "A", "1"))).isTrue();
        assertThat(some.sameAs(parameters("a", "1"))).isFalse();
        assertThat(some.sameAs(parameters("a", "1", "b", "3"))).isFalse();
        assertThat(some.sameAs(parameters("a", "1", "c", "2"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "server_version",
                "SERVER_ENCODING",
                "integer_datetimes",
                "is_superuser",
                "session_authorization",
                "in_hot_standby"
            })
    void isFact_ofWhatNobodySets(String name) {
        assertThat(Parameters.isFact(name)).isTrue();
    }

    @Test
    void isFact_isFalseForWhatAClientSets() {
        assertThat(Parameters.isFact("application_name")).isFalse();
    }

    @Test
    void changesFrom_equalValuesIsNull() {
        Parameters some = parameters("a", "1", "b", "2");
        assertThat(some.changesFrom(some)).isNull();
        assertThat(some.changesFrom(parameters("b", "2", "a", "1"))).isNull();
        assertThat(Parameters.NONE.changesFrom(Parameters.NONE)).isNull();
    }

    @Test
    void changesFrom_setsOnlyWhatDiffers() {
        assertThat(parameters("a", "1", "b", "2", "c", "3").changesFrom(parameters("a", "1", "b", "9")))
                .isEqualTo("SELECT pg_catalog.set_config(E'b',E'2',false),pg_catalog.set_config(E'c',E'3',false)");
    }

    @Test
    void changesFrom_resetsWhatTheServerHasBeyond() {
        assertThat(parameters("a", "1").changesFrom(parameters("a", "1", "TimeZone", "UTC", "my.Setting", "x")))
                .isEqualTo("SELECT pg_catalog.set_config(E'TimeZone',NULL,false),"
                        + "pg_catalog.set_config(E'my.Setting',NULL,false)");
        assertThat(parameters("a", "1").changesFrom(parameters("b", "1")))
                .isEqualTo("SELECT pg_catalog.set_config(E'b',NULL,false),pg_catalog.set_config(E'a',E'1',false)");
    }

    // Hazard S15
    @Test
    void changesFrom_quotesHostileNames() {
        assertThat(Parameters.NONE.changesFrom(parameters("a');DROP TABLE t;--", "1")))
                .isEqualTo("SELECT pg_catalog.set_config(E'a'');DROP TABLE t;--',NULL,false)");
    }

    @Test
    void changes_thatMustNotFailEndTheSessionIfTheyDo() {
        assertThat(ParameterChanges.of(parameters("a", "1"), Parameters.NONE, ParameterChanges.OnError.END_SESSION))
                .isEqualTo("SELECT pg_catalog.set_config(E'exit_on_error',E'on',false),"
                        + "pg_catalog.set_config(E'a',E'1',false),pg_catalog.set_config(E'exit_on_error',NULL,false)");
        assertThat(ParameterChanges.of(
                        parameters("exit_on_error", "on"), Parameters.NONE, ParameterChanges.OnError.END_SESSION))
                .isEqualTo("SELECT pg_catalog.set_config(E'exit_on_error',E'on',false),"
                        + "pg_catalog.set_config(E'exit_on_error',E'on',false)");
    }

    /** Who acts as another role may not be allowed to change the rest. */
    @Test
    void changes_leaveARoleFirstAndTakeItLast() {
        assertThat(parameters("role", "b", "x", "2").changesFrom(parameters("role", "a", "x", "1")))
                .isEqualTo("SELECT pg_catalog.set_config(E'session_authorization',NULL,false),"
                        + "pg_catalog.set_config(E'role',NULL,false),pg_catalog.set_config(E'x',E'2',false),"
                        + "pg_catalog.set_config(E'role',E'b',false)");
        assertThat(parameters("role", "b", "session_authorization", "c").changesFrom(parameters("x", "1")))
                .isEqualTo("SELECT pg_catalog.set_config(E'x',NULL,false),"
                        + "pg_catalog.set_config(E'session_authorization',E'c',false),"
                        + "pg_catalog.set_config(E'role',E'b',false)");
        assertThat(parameters("x", "1").changesFrom(parameters("x", "1", "role", "a")))
                .isEqualTo("SELECT pg_catalog.set_config(E'session_authorization',NULL,false),"
                        + "pg_catalog.set_config(E'role',NULL,false)");
    }

    @Test
    void without_removesOneInWhateverSpelling() {
        Parameters some = parameters("a", "1", "TimeZone", "UTC", "c", "3");
        assertThat(some.without("timezone").toMap()).containsExactly(Map.entry("a", "1"), Map.entry("c", "3"));
        assertThat(some.without("b")).isSameAs(some);
        assertThat(parameters("a", "1").without("a").size()).isZero();
    }

    // Hazard S15
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '|',
            value = {
                "|it's|,|E'it''s'|",
                "|a\"b|,|E'a\"b'|",
                "|a\\b|,|E'a\\\\b'|",
                "|a\\'b|,|E'a\\\\''b'|",
                "|a, \"B\", c|,|E'a, \"B\", c'|",
                "||,|E''|"
            })
    void quote_ofSpecialCharacters(String value, String quoted) {
        assertThat(Parameters.quote(value)).isEqualTo(quoted);
    }

    // Hazard S15
    @Test
    void quote_keepsANewline() {
        assertThat(Parameters.quote("a\nb\r\t")).isEqualTo("E'a\nb\r\t'");
    }

    // Hazard S15: in SJIS the last byte of a letter in UTF-8 and a backslash behind it are one character.
    @Test
    void quote_isAsciiSoThatNoEncodingCanJoinALetterAndABackslash() {
        assertThat(Parameters.quote("\u3042\\'x\ud83d\ude00")).isEqualTo("E'\\U00003042\\\\''x\\U0001F600'");
    }
}
