package dev.trunkline.pooler.statement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.statement.Rewrite.Kind;
import dev.trunkline.pooler.statement.StatementRewriter.Certainty;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class UnnamedStatementTest {
    private final StatementCatalog catalog = new StatementCatalog(10_000);
    private final ClientStatements ours = new ClientStatements(catalog);
    private final ClientStatements theirs = new ClientStatements(catalog);
    private final StatementRewriter we = new StatementRewriter(ours);
    private final StatementRewriter they = new StatementRewriter(theirs);
    private final ServerStatements server = new ServerStatements(2);
    private final ServerStatements other = new ServerStatements(2);

    private Rewrite parse(StatementRewriter who, ServerStatements where, String name, String text) {
        return who.onParse(Frames.parse(name, text), where, Certainty.KNOWN);
    }

    private static void undo(@Nullable Undo undo) {
        Objects.requireNonNull(undo).undo();
    }

    private static void isPlain(Rewrite rewrite) {
        assertThat(rewrite.kind()).isEqualTo(Kind.PASS);
        hasNoShadow(rewrite);
        assertThat(rewrite.undo()).isNull();
    }

    private static void hasNoShadow(Rewrite rewrite) {
        assertThat(rewrite.close()).isNull();
        assertThat(rewrite.parse()).isNull();
        assertThat(rewrite.parseUnnamed()).isFalse();
        assertThat(rewrite.closeUnnamed()).isFalse();
        assertThat(rewrite.duplicate()).isFalse();
        assertThat(rewrite.closeUndo()).isNull();
        assertThat(rewrite.parseUndo()).isNull();
    }

    @Test
    void unnamed_passesAndIsBoundWhereItIs() {
        Rewrite rewrite = parse(we, server, "", "SELECT 1");
        assertThat(rewrite.kind()).isEqualTo(Kind.PASS);
        hasNoShadow(rewrite);
        assertThat(rewrite.undo()).isNotNull();
        isPlain(we.onUse(Frames.bind("", ""), server));
        isPlain(we.onUse(Frames.describe('S', ""), server));
        assertThat(we.named(Frames.bind("", ""))).isNull();
    }

    @Test
    void unnamed_afterSyncOnAnotherServerIsSentAgain() {
        parse(we, server, "", "SELECT 1");
        Rewrite rewrite = we.onUse(Frames.bind("", ""), other);
        assertThat(rewrite.kind()).isEqualTo(Kind.PASS);
        assertThat(rewrite.parseUnnamed()).isTrue();
        assertThat(ours.unnamedDefinition()).isEqualTo(Frames.definition("SELECT 1"));
        isPlain(we.onUse(Frames.bind("", ""), other));
    }

    @Test
    void unnamed_afterAnotherClientsIsSentAgain() {
        parse(we, server, "", "SELECT 1");
        parse(they, server, "", "SELECT secret");
        assertThat(we.onUse(Frames.bind("", ""), server).parseUnnamed()).isTrue();
        assertThat(they.onUse(Frames.bind("", ""), server).parseUnnamed()).isTrue();
    }

    @Test
    void unnamed_ofAClientThatHasNoneClosesWhatOthersHaveLeft() {
        parse(we, server, "", "SELECT secret");
        Rewrite rewrite = they.onUse(Frames.bind("", ""), server);
        assertThat(rewrite.kind()).isEqualTo(Kind.PASS);
        assertThat(rewrite.closeUnnamed()).isTrue();
        assertThat(we.onUse(Frames.bind("", ""), server).parseUnnamed()).isTrue();
        parse(we, server, "", "SELECT secret");
        assertThat(they.onUse(Frames.bind("", ""), server).closeUnnamed()).isTrue();
        // That Close may have been skipped after an error: so it is sent each time.
        assertThat(they.onUse(Frames.bind("", ""), server).closeUnnamed()).isTrue();
    }

    // Hazard D5: each of these left the secret where another client could have run it.
    @Test
    void unnamed_isNeverAnotherClientsWhateverTheServerSkipped() {
        parse(they, server, "", "SELECT secret");
        they.onClose(Frames.close('S', ""), server);
        assertThat(we.onUse(Frames.bind("", ""), server).closeUnnamed()).isTrue();

        parse(they, server, "", "SELECT secret");
        server.clear();
        assertThat(we.onUse(Frames.bind("", ""), server).closeUnnamed()).isTrue();

        parse(we, other, "", "SELECT 1");
        parse(they, server, "", "SELECT secret");
        undo(we.onUse(Frames.bind("", ""), server).parseUnnamedUndo());
        assertThat(we.onUse(Frames.bind("", ""), server).parseUnnamed()).isTrue();
    }

    // Hazard D5: the failure of a batch is told when the next batch was already sent.
    @Test
    void unnamed_staysWhenAnEarlierOneHasFailed() {
        Undo first = Objects.requireNonNull(we.onParse(Frames.parse("", "SELECT bad"), server, Certainty.KNOWN)
                .undo());
        Undo second = Objects.requireNonNull(
                we.onParse(Frames.parse("", "SELECT 1"), server, Certainty.OPEN).undo());
        first.undo();
        isPlain(we.onUse(Frames.bind("", ""), server));
        second.undo();
        assertThat(we.onUse(Frames.bind("", ""), server).closeUnnamed()).isTrue();
    }

    @Test
    void unnamed_isForgottenAfterItsFailureAndAfterClose() {
        undo(parse(we, server, "", "SELECT bad").undo());
        assertThat(we.onUse(Frames.bind("", ""), server).closeUnnamed()).isTrue();
        parse(we, server, "", "SELECT 1");
        assertThat(we.onClose(Frames.close('S', ""), server).kind()).isEqualTo(Kind.PASS);
        assertThat(we.onUse(Frames.bind("", ""), server).closeUnnamed()).isTrue();
    }

    @Test
    void unnamed_isForgottenAfterASimpleQuery() {
        parse(we, server, "", "SELECT 1");
        assertThat(ours.dropUnnamed(server, false)).isNotNull();
        assertThat(we.onUse(Frames.bind("", ""), server).closeUnnamed()).isTrue();
    }

    @Test
    void unnamed_thatIsTooLongIsNotCarriedToAnotherServer() {
        parse(we, server, "", "x".repeat(UnnamedStatement.MAX_BYTES));
        isPlain(we.onUse(Frames.bind("", ""), server));
        assertThat(we.onUse(Frames.bind("", ""), other).closeUnnamed()).isTrue();
        assertThat(ours.unnamedDefinition()).isEmpty();
        parse(we, server, "", "x".repeat(200_000));
        parse(we, server, "", "SELECT 1");
        assertThat(we.onUse(Frames.bind("", ""), other).parseUnnamed()).isTrue();
        assertThat(ours.unnamedDefinition()).isEqualTo(Frames.definition("SELECT 1"));
    }
}
