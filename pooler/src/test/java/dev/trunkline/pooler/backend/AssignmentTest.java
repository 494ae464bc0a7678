package dev.trunkline.pooler.backend;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AssignmentTest {
    // Hazard S15
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "work_mem | 4MB | SET \"work_mem\" TO E'4MB'",
                "DateStyle | German, DMY | SET \"datestyle\" TO E'German, DMY'",
                "my.Own | it's \\ mine | SET \"my\".\"own\" TO E'it''s \\\\ mine'",
                "a\"b | x | SET \"a\"\"b\" TO E'x'",
                "search_path | a, b | SET \"search_path\" TO E'a',E'b'",
                "search_path | \"$user\", public | SET \"search_path\" TO E'$user',E'public'",
                "search_path | \"a,b\" , \"c\"\"d\" | SET \"search_path\" TO E'a,b',E'c\"d'",
                "search_path | \"\" | SET \"search_path\" TO E''",
                "search_path | `` | SET \"search_path\" TO ''",
                "search_path | \"it's\" | SET \"search_path\" TO E'it''s'",
                "temp_tablespaces | x | SET \"temp_tablespaces\" TO E'x'"
            })
    void set_writesTheValueThatTheServerShows(String name, String value, String statement) {
        assertThat(Assignment.set(name, value)).isEqualTo(statement);
    }
}
