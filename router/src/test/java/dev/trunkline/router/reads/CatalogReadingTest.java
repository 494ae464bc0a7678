package dev.trunkline.router.reads;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.router.reads.ReadVerdict.Kind;
import dev.trunkline.router.sql.SqlLexer.Backslash;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CatalogReadingTest {
    private final CatalogReading reading = new CatalogReading();

    private void row(@Nullable String kind, @Nullable String name, @Nullable String text) {
        reading.row(Arrays.asList(kind, name, text));
    }

    private Kind kind(String text) {
        byte[] bytes = (text + "\0").getBytes(UTF_8);
        return new ReadClassifier()
                .classify(Unpooled.wrappedBuffer(bytes), 0, bytes.length, reading.facts(7), Backslash.ORDINARY)
                .kind();
    }

    @Test
    void facts_ofNoRow_areNone() {
        CatalogFacts facts = reading.facts(7);
        assertThat(facts.isKnown()).isFalse();
        assertThat(facts.missing()).isEqualTo("the catalog's answer is empty");
        assertThat(facts.epoch()).isEqualTo(7);
    }

    @Test
    void facts_ofRows_areKnown() {
        row("function", "now", null);
        CatalogFacts facts = reading.facts(7);
        assertThat(facts.isKnown()).isTrue();
        assertThat(facts.missing()).isEmpty();
        assertThat(facts.epoch()).isEqualTo(7);
        assertThat(kind("SELECT now()")).isEqualTo(Kind.READS);
    }

    @Test
    void facts_ofTooManyRows_proveNothing() {
        for (int i = 0; i <= CatalogQuery.MAX_ROWS; i++) {
            row("function", "f" + i, null);
        }
        assertThat(reading.facts(7).missing()).isEqualTo("the catalog is too large to be read");
        assertThat(kind("SELECT 1")).isEqualTo(Kind.NO_CATALOG);
    }

    @Test
    void facts_ofTooLongRows_proveNothing() {
        for (int i = 0; i < 520; i++) {
            row("view", "v" + i, "SELECT '" + "x".repeat(65_000) + "'");
        }
        assertThat(reading.facts(7).missing()).isEqualTo("the catalog is too large to be read");
    }

    @Test
    void facts_ofRowsThatNobodyKnows_proveNothing() {
        row("macro", "x", null);
        assertThat(reading.facts(7).missing()).contains("macro");
    }

    @Test
    void facts_ofARowWithoutAName_proveNothing() {
        row("function", null, null);
        assertThat(reading.facts(7).isKnown()).isFalse();
    }

    /** {@code IN}, {@code LIKE} and the like call operators that the text does not show. */
    @Test
    void facts_withAVolatileOperatorThatIsImplied_proveNothing() {
        row("operator", "=", null);
        assertThat(reading.facts(7).missing()).contains("operator =");
    }

    /** {@code ORDER BY} and {@code DISTINCT} call the operators of an index. */
    @Test
    void facts_withAVolatileOperatorOfAnIndex_proveNothing() {
        row("implied operator", "#<#", null);
        assertThat(reading.facts(7).missing()).contains("operator #<#");
    }

    @Test
    void facts_withAVolatileImplicitCast_proveNothing() {
        row("implicit cast", "money", null);
        assertThat(reading.facts(7).missing()).contains("money");
    }

    @Test
    void aViewOnAViewThatWrites_isNotProven_inWhateverOrderTheyCome() {
        row("view", "top", "SELECT * FROM middle;");
        row("view", "middle", "SELECT * FROM bottom;");
        row("view", "bottom", "SELECT next_id();");
        row("view", "apart", "SELECT 1;");
        row("volatile", "next_id", null);
        assertThat(kind("SELECT * FROM top")).isEqualTo(Kind.RELATION);
        assertThat(kind("SELECT * FROM apart")).isEqualTo(Kind.READS);
    }

    @Test
    void aViewWhoseDefinitionIsMissingOrCut_isNotProven() {
        row("view", "gone", null);
        row("view", "endless", "SELECT '" + "x".repeat(CatalogQuery.MAX_DEFINITION) + "'");
        assertThat(kind("SELECT * FROM gone")).isEqualTo(Kind.RELATION);
        assertThat(kind("SELECT * FROM endless")).isEqualTo(Kind.RELATION);
    }

    /** The bytes of such a name depend on the client's encoding, which is not looked at. */
    @Test
    void aViewWithOtherLetters_makesAllNamesWithSuchDoubtful() {
        row("view", "größe", "SELECT next_id();");
        row("volatile", "next_id", null);
        assertThat(kind("SELECT * FROM größe")).isEqualTo(Kind.RELATION);
        assertThat(kind("SELECT * FROM straße")).isEqualTo(Kind.RELATION);
        assertThat(kind("SELECT * FROM users WHERE name = 'Größe'")).isEqualTo(Kind.READS);
    }

    @Test
    void aViewWithOtherLettersThatReads_doubtsNothing() {
        row("view", "größe", "SELECT 1;");
        assertThat(kind("SELECT * FROM größe")).isEqualTo(Kind.READS);
    }

    @Test
    void aFunctionWithOtherLettersInItsName_isNeverKnown() {
        row("function", "größe", null);
        assertThat(kind("SELECT größe(1)")).isEqualTo(Kind.UNKNOWN_FUNCTION);
    }

    /** Quoted names that differ in nothing but their case count as one. */
    @Test
    void functionsThatDifferInCase_areVolatileIfOneIs() {
        row("function", "save", null);
        row("volatile", "Save", null);
        assertThat(kind("SELECT save()")).isEqualTo(Kind.VOLATILE_FUNCTION);
    }

    @Test
    void aFunctionWhoseDefaultWrites_isNotProven() {
        row("function", "f", null);
        row("default", "f", "nextval('s'::regclass)");
        row("volatile", "nextval", null);
        assertThat(kind("SELECT f()")).isEqualTo(Kind.VOLATILE_FUNCTION);
    }

    /** {@code t.f} calls {@code f(t)} also if what writes is the default of another argument. */
    @Test
    void aFunctionWhoseDefaultWrites_isNotProvenAsAColumnEither() {
        row("function", "f", null);
        row("notation", "f", null);
        row("default", "f", "nextval('s'::regclass)");
        row("volatile", "nextval", null);
        assertThat(kind("SELECT t.f FROM t")).isEqualTo(Kind.VOLATILE_FUNCTION);
        row("function", "g", null);
        row("notation", "g", null);
        assertThat(kind("SELECT t.g FROM t")).isEqualTo(Kind.READS);
    }

    @Test
    void aView_isNotProvenWhereAnAliasInItIsCalledLikeASequence() {
        row("view", "tables", "SELECT c.relname AS table_name FROM pg_class c");
        assertThat(kind("SELECT table_name FROM information_schema.tables")).isEqualTo(Kind.READS);
        row("sequence", "c", null);
        assertThat(kind("SELECT table_name FROM information_schema.tables")).isEqualTo(Kind.RELATION);
    }

    @Test
    void aDomain_isProvenByItsConstraint() {
        row("domain", "positive", "CHECK ((VALUE > 0))");
        row("domain", "counted", "CHECK ((next_id() > 0)) NOT VALID");
        row("volatile", "next_id", null);
        assertThat(kind("SELECT 1::positive")).isEqualTo(Kind.READS);
        assertThat(kind("SELECT 1::counted")).isEqualTo(Kind.RELATION);
    }

    @Test
    void aReservedWordAsAName_countsOnlyInQuotes() {
        row("sequence", "order", null);
        row("sequence", "position", null);
        assertThat(kind("SELECT 1 ORDER BY 1")).isEqualTo(Kind.READS);
        assertThat(kind("SELECT * FROM \"order\"")).isEqualTo(Kind.RELATION);
        assertThat(kind("SELECT * FROM s.order")).isEqualTo(Kind.RELATION);
        assertThat(kind("SELECT * FROM position")).isEqualTo(Kind.RELATION);
    }
}
