package dev.trunkline.server.reads;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ScriptStatementsTest {
    private static List<String> of(String script) {
        return ScriptStatements.of(script.getBytes(UTF_8));
    }

    @Test
    void of_statements_dividesThemAtTheirSemicolons() {
        assertThat(of("SELECT 1;\n-- one; more\nSELECT ';' ;SELECT $$;$$"))
                .containsExactly("SELECT 1", "-- one; more\nSELECT ';'");
    }

    @Test
    void of_aRule_keepsWhatStandsInParentheses() {
        assertThat(of("CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);"))
                .containsExactly("CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)");
    }

    @Test
    void of_commandsOfPsql_areLeftOut() {
        assertThat(of("\\set x 'it''\nSELECT 1 \\gset\n\\d t\nSELECT 2;")).containsExactly("SELECT 1", "SELECT 2");
    }

    @Test
    void of_dataOfACopy_areLeftOut() {
        assertThat(of("COPY t FROM stdin;\n1\tit's\n\\.\nSELECT 1;")).containsExactly("COPY t FROM stdin", "SELECT 1");
    }

    @Test
    void of_aScriptThatCannotBeReadOn_givesWhatStandsInFront() {
        assertThat(of("SELECT 1; SELECT 'a")).containsExactly("SELECT 1");
    }
}
