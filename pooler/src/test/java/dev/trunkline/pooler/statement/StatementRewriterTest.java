package dev.trunkline.pooler.statement;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trunkline.pooler.statement.Rewrite.Kind;
import dev.trunkline.pooler.statement.StatementRewriter.Certainty;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.ProtocolViolation;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StatementRewriterTest {
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

    private static String name(Rewrite rewrite) {
        assertThat(rewrite.kind()).isEqualTo(Kind.RENAME);
        return new String(rewrite.name(), US_ASCII);
    }

    private static String name(@Nullable Prepared statement) {
        return new String(Objects.requireNonNull(statement).serverName(), US_ASCII);
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
    void parse_ofANewTextIsRenamed() {
        Rewrite rewrite = parse(we, server, "s", "SELECT 1");
        assertThat(name(rewrite)).isEqualTo("__trunkline_0");
        hasNoShadow(rewrite);
        assertThat(ours.size()).isEqualTo(1);
        assertThat(server.size()).isEqualTo(1);
    }

    @Test
    void names_ofAClientThatKeepsAServerForNamesThereAreTheServers() {
        parse(we, server, "s", "SELECT 1");
        we.namesOnServer(() -> true);
        isPlain(parse(we, server, "t", "SELECT 1"));
        isPlain(we.onPrepare("u".getBytes(US_ASCII), " AS SELECT 1".getBytes(US_ASCII), server));
        isPlain(we.onClose(Frames.close('S', "t"), server));
        assertThat(parse(we, server, "s", "SELECT 2").duplicate()).isTrue();
        assertThat(ours.size()).isEqualTo(1);
    }

    @Test
    void parse_ofATextThatTheServerHasIsAnswered() {
        parse(we, server, "s", "SELECT 1");
        Rewrite rewrite = parse(they, server, "t", "SELECT 1");
        assertThat(rewrite.kind()).isEqualTo(Kind.ANSWER);
        hasNoShadow(rewrite);
        assertThat(name(they.onUse(Frames.bind("", "t"), server))).isEqualTo("__trunkline_0");
    }

    @Test
    void parse_thatMayFailClosesAndPreparesAgain() {
        parse(we, server, "s", "SELECT 1");
        Rewrite rewrite = they.onParse(Frames.parse("t", "SELECT 1"), server, Certainty.OPEN);
        assertThat(name(rewrite)).isEqualTo("__trunkline_0");
        assertThat(name(rewrite.close())).isEqualTo("__trunkline_0");
        undo(rewrite.undo());
        assertThat(server.size()).isZero();
        undo(rewrite.closeUndo());
        assertThat(server.size()).isEqualTo(1);
        assertThat(theirs.size()).isZero();
    }

    @Test
    void undoOfParse_forgetsNameAndStatement() {
        Rewrite rewrite = parse(we, server, "s", "SELECT 1");
        undo(rewrite.undo());
        assertThat(ours.size()).isZero();
        assertThat(server.size()).isZero();
        assertThat(we.named(Frames.bind("", "s"))).isNull();
    }

    @Test
    void undoOfAnAnsweredParse_forgetsOnlyTheName() {
        parse(we, server, "s", "SELECT 1");
        undo(parse(they, server, "t", "SELECT 1").undo());
        assertThat(theirs.size()).isZero();
        assertThat(server.size()).isEqualTo(1);
        assertThat(ours.size()).isEqualTo(1);
    }

    @Test
    void parse_ofANameThatTheClientHasIsADuplicate() {
        parse(we, server, "s", "SELECT 1");
        Rewrite rewrite = parse(we, server, "s", "SELECT 2");
        assertThat(rewrite.kind()).isEqualTo(Kind.RENAME);
        assertThat(name(rewrite)).isEqualTo("__trunkline_taken");
        assertThat(rewrite.duplicate()).isTrue();
        assertThat(rewrite.undo()).isNull();
        assertThat(name(we.onUse(Frames.bind("", "s"), server))).isEqualTo("__trunkline_0");
    }

    @Test
    void sameNameOfTwoClients_areTwoStatements() {
        parse(we, server, "s", "SELECT 1");
        parse(they, server, "s", "SELECT 2");
        assertThat(name(we.onUse(Frames.bind("", "s"), server))).isEqualTo("__trunkline_0");
        assertThat(name(they.onUse(Frames.bind("", "s"), server))).isEqualTo("__trunkline_1");
    }

    @Test
    void use_onAnotherServerPreparesFirst() {
        parse(we, server, "s", "SELECT 1");
        Rewrite rewrite = we.onUse(Frames.bind("portal", "s"), other);
        assertThat(name(rewrite)).isEqualTo("__trunkline_0");
        assertThat(name(rewrite.parse())).isEqualTo("__trunkline_0");
        assertThat(rewrite.close()).isNull();
        assertThat(rewrite.undo()).isNull();
        hasNoShadow(we.onUse(Frames.bind("", "s"), other));
    }

    @Test
    void undoOfAShadowParse_forgetsItOnThatServer() {
        parse(we, server, "s", "SELECT 1");
        undo(we.onUse(Frames.bind("", "s"), other).parseUndo());
        assertThat(other.size()).isZero();
        assertThat(ours.size()).isEqualTo(1);
        assertThat(we.onUse(Frames.bind("", "s"), other).parse()).isNotNull();
    }

    @Test
    void describe_isRenamedLikeABind() {
        parse(we, server, "s", "SELECT 1");
        assertThat(name(we.onUse(Frames.describe('S', "s"), server))).isEqualTo("__trunkline_0");
        assertThat(we.named(Frames.describe('S', "s"))).isNotNull();
    }

    // Hazard D5
    @Test
    void leastRecentlyUsed_isClosedFirst() {
        parse(we, server, "a", "SELECT 1");
        parse(we, server, "b", "SELECT 2");
        we.onUse(Frames.bind("", "a"), server);
        Rewrite rewrite = parse(we, server, "c", "SELECT 3");
        assertThat(name(rewrite.close())).isEqualTo("__trunkline_1");
        assertThat(server.size()).isEqualTo(2);
        undo(rewrite.undo());
        undo(rewrite.closeUndo());
        assertThat(server.size()).isEqualTo(2);
        hasNoShadow(we.onUse(Frames.bind("", "b"), server));
    }

    // Hazard D5
    @Test
    void shadowParse_closesTheLeastRecentlyUsedToo() {
        parse(we, server, "a", "SELECT 1");
        parse(they, other, "b", "SELECT 2");
        parse(they, other, "c", "SELECT 3");
        Rewrite rewrite = we.onUse(Frames.bind("", "a"), other);
        assertThat(name(rewrite.close())).isEqualTo("__trunkline_1");
        assertThat(name(rewrite.parse())).isEqualTo("__trunkline_0");
        undo(rewrite.parseUndo());
        undo(rewrite.closeUndo());
        assertThat(other.size()).isEqualTo(2);
        hasNoShadow(they.onUse(Frames.bind("", "b"), other));
    }

    @Test
    void use_ofAnUnknownNameIsLeftToTheServer() {
        isPlain(we.onUse(Frames.bind("", "nobody"), server));
        isPlain(we.onUse(Frames.describe('S', "nobody"), server));
        assertThat(we.named(Frames.bind("", "nobody"))).isNull();
    }

    @Test
    void use_ofANameThatLooksLikeOursIsMadeOneThatNoServerKnows() {
        parse(we, server, "s", "SELECT 1");
        assertThat(name(they.onUse(Frames.bind("", "__trunkline_0"), server))).isEqualTo("__trunkline_missing");
        assertThat(name(they.onUse(Frames.describe('S', "__trunkline_"), server)))
                .isEqualTo("__trunkline_missing");
        isPlain(they.onUse(Frames.bind("", "__trunkline"), server));
        isPlain(they.onUse(Frames.bind("", "__trunkliner0"), server));
    }

    @Test
    void parse_ofANameThatLooksLikeOursIsTheClientsOwn() {
        parse(they, server, "t", "SELECT secret");
        parse(we, server, "__trunkline_0", "SELECT 1");
        assertThat(name(we.onUse(Frames.bind("", "__trunkline_0"), server))).isEqualTo("__trunkline_1");
    }

    @Test
    void close_isAnsweredAndTheServerKeepsTheStatement() {
        parse(we, server, "s", "SELECT 1");
        Rewrite rewrite = we.onClose(Frames.close('S', "s"), server);
        assertThat(rewrite.kind()).isEqualTo(Kind.ANSWER);
        hasNoShadow(rewrite);
        assertThat(ours.size()).isZero();
        assertThat(server.size()).isEqualTo(1);
        assertThat(parse(they, server, "t", "SELECT 1").kind()).isEqualTo(Kind.ANSWER);
    }

    @Test
    void undoOfClose_bringsTheNameBack() {
        parse(we, server, "s", "SELECT 1");
        undo(we.onClose(Frames.close('S', "s"), server).undo());
        assertThat(ours.size()).isEqualTo(1);
        hasNoShadow(we.onUse(Frames.bind("", "s"), server));
    }

    @Test
    void undoOfCloseAndParse_lastFirstBringsTheOlderBack() {
        parse(we, server, "s", "SELECT 1");
        Undo close = we.onClose(Frames.close('S', "s"), server).undo();
        Undo parse = parse(we, server, "s", "SELECT 2").undo();
        undo(parse);
        undo(close);
        assertThat(name(we.onUse(Frames.bind("", "s"), server))).isEqualTo("__trunkline_0");
        assertThat(ours.size()).isEqualTo(1);
        assertThat(catalog.acquire(
                                catalog.enter(new byte[0]),
                                Frames.parse("", "SELECT 1").buffer(),
                                6,
                                11)
                        .clients())
                .isEqualTo(2);
    }

    @Test
    void undoOfClose_putsTheOlderInPlaceOfANewer() {
        parse(we, server, "s", "SELECT 1");
        Undo close = we.onClose(Frames.close('S', "s"), server).undo();
        parse(we, server, "s", "SELECT 2");
        undo(close);
        assertThat(ours.size()).isEqualTo(1);
        assertThat(name(we.onUse(Frames.bind("", "s"), server))).isEqualTo("__trunkline_0");
    }

    @Test
    void closeWithoutServer_forgetsTheNameAndTheUnnamedStatement() {
        parse(we, server, "s", "SELECT 1");
        Objects.requireNonNull(parse(we, server, "", "SELECT 2").undo()).done();
        we.onCloseWithoutServer(Frames.close('S', "s"));
        we.onCloseWithoutServer(Frames.close('S', "nobody"));
        assertThat(ours.size()).isZero();
        assertThat(ours.unnamed().exists()).isTrue();
        we.onCloseWithoutServer(Frames.close('S', ""));
        assertThat(ours.unnamed().exists()).isFalse();
    }

    @Test
    void close_ofAnUnknownNameIsNoError() {
        Rewrite rewrite = we.onClose(Frames.close('S', "nobody"), server);
        assertThat(rewrite.kind()).isEqualTo(Kind.ANSWER);
        assertThat(rewrite.undo()).isNull();
    }

    @Test
    void clear_ofAClientForgetsItsNamesAndKeepsTheUnnamed() {
        parse(we, server, "s", "SELECT 1");
        parse(we, server, "", "DEALLOCATE ALL");
        ours.clear(server);
        server.clear();
        assertThat(ours.size()).isZero();
        isPlain(we.onUse(Frames.bind("", "s"), server));
        isPlain(we.onUse(Frames.bind("", ""), server));
        assertThat(name(parse(we, server, "s", "SELECT 1"))).isEqualTo("__trunkline_0");
    }

    @Test
    void clear_ofAClientWithoutNamesIsHarmless() {
        ours.clear(server);
        ours.undefine(new ClientStatement(
                new byte[] {(byte) 115}, new Prepared(0, new byte[3], new StatementSpace(new byte[0]))));
        assertThat(ours.size()).isZero();
    }

    @Test
    void undoOfAClose_whoseNameDeallocateAllHasEnded() {
        parse(we, server, "s", "SELECT 1");
        Undo close = we.onClose(Frames.close('S', "s"), server).undo();
        ours.clear(server);
        undo(close);
        assertThat(ours.size()).isZero();
    }

    @Test
    void undo_ofADefinitionThatIsGoneIsHarmless() {
        Undo parse = parse(we, server, "s", "SELECT 1").undo();
        ours.clear(server);
        server.clear();
        undo(parse);
        assertThat(ours.size()).isZero();
        assertThat(server.size()).isZero();
    }

    @Test
    void staleStatement_isClosedAndPreparedAgainAtItsNextUse() {
        parse(we, server, "s", "SELECT 1");
        server.distrust(Objects.requireNonNull(we.named(Frames.bind("", "s"))));
        Rewrite rewrite = we.onUse(Frames.bind("", "s"), server);
        assertThat(name(rewrite.close())).isEqualTo("__trunkline_0");
        assertThat(name(rewrite.parse())).isEqualTo("__trunkline_0");
        undo(rewrite.parseUndo());
        assertThat(server.size()).isZero();
        undo(rewrite.closeUndo());
        assertThat(server.size()).isEqualTo(1);
        hasNoShadow(we.onUse(Frames.bind("", "s"), server));
    }

    @Test
    void parse_ofAStaleTextIsPreparedAgain() {
        parse(we, server, "s", "SELECT 1");
        server.distrust(Objects.requireNonNull(we.named(Frames.bind("", "s"))));
        Rewrite rewrite = parse(they, server, "t", "SELECT 1");
        assertThat(name(rewrite)).isEqualTo("__trunkline_0");
        assertThat(name(rewrite.close())).isEqualTo("__trunkline_0");
        assertThat(parse(they, server, "u", "SELECT 1").kind()).isEqualTo(Kind.ANSWER);
    }

    @Test
    void staleStatement_thatTheServerHasNotIsSimplyPrepared() {
        parse(we, server, "s", "SELECT 1");
        Prepared statement = Objects.requireNonNull(we.named(Frames.bind("", "s")));
        other.distrust(statement);
        assertThat(we.onUse(Frames.bind("", "s"), other).close()).isNull();
        assertThat(we.onStale(statement, other).parse()).isSameAs(statement);
    }

    @Test
    void sameTextOfClientsWithOtherSettings_isAnotherStatement() {
        theirs.context("search_path=theirs".getBytes(US_ASCII));
        parse(we, server, "s", "SELECT 1");
        assertThat(name(parse(they, server, "s", "SELECT 1"))).isEqualTo("__trunkline_1");
        ours.context("search_path=theirs".getBytes(US_ASCII));
        assertThat(parse(we, server, "t", "SELECT 1").kind()).isEqualTo(Kind.ANSWER);
        assertThat(name(we.onUse(Frames.bind("", "s"), server))).isEqualTo("__trunkline_0");
        ours.close();
        theirs.close();
        theirs.close();
        assertThat(catalog.size()).isEqualTo(2);
    }

    // Hazard D5: the batch that failed is told of when a later one has defined the name again.
    @Test
    void undoOfParse_leavesALaterDefinitionOfTheName() {
        Undo first = parse(we, server, "s", "SELECT 1").undo();
        we.onClose(Frames.close('S', "s"), server);
        parse(we, server, "s", "SELECT 2");
        undo(first);
        assertThat(name(we.onUse(Frames.bind("", "s"), server))).isEqualTo("__trunkline_1");
    }

    @Test
    void isAboutStatement_tellsStatementsFromPortals() {
        assertThat(StatementRewriter.isAboutStatement(Frames.describe('S', "s")))
                .isTrue();
        assertThat(StatementRewriter.isAboutStatement(Frames.close('P', "s"))).isFalse();
        assertThat(StatementRewriter.isAboutStatement(Frames.frame(FrontendType.CLOSE)))
                .isFalse();
    }

    // Hazard S17
    @Test
    void nameWithoutEnd_isAViolation() {
        assertThatThrownBy(() -> we.onUse(Frames.frame(FrontendType.BIND, new byte[] {'a'}), server))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessage("invalid string in message");
        assertThatThrownBy(() -> we.onUse(Frames.frame(FrontendType.BIND, new byte[] {'a', 0}), server))
                .isInstanceOf(ProtocolViolation.class);
        assertThatThrownBy(() -> we.onUse(Frames.frame(FrontendType.BIND), server))
                .isInstanceOf(ProtocolViolation.class);
        assertThatThrownBy(() -> we.onClose(Frames.frame(FrontendType.CLOSE), server))
                .isInstanceOf(ProtocolViolation.class);
        assertThatThrownBy(() -> we.named(Frames.frame(FrontendType.DESCRIBE, new byte[] {'S', 'a'})))
                .isInstanceOf(ProtocolViolation.class);
    }
}
