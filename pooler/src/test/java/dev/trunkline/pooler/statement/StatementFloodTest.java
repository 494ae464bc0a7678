package dev.trunkline.pooler.statement;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.Replies;
import dev.trunkline.pooler.backend.Replies.Action;
import dev.trunkline.pooler.backend.Replies.Kind;
import dev.trunkline.pooler.statement.StatementRewriter.Certainty;
import dev.trunkline.wire.BackendType;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameLimits;
import dev.trunkline.wire.FrontendType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What distinct statements without number cost. Hazards R11 and R12. */
class StatementFloodTest {
    private static final long CACHE = 1 << 20;
    private static final int SERVER_MAX = 200;

    private final StatementCatalog catalog = new StatementCatalog(CACHE);
    private final ClientStatements client = new ClientStatements(catalog, new Object(), CACHE);
    private final StatementRewriter rewriter = new StatementRewriter(client);
    private final Replies replies = new Replies();
    private final ServerStatements server = new ServerStatements(SERVER_MAX, replies);
    private final ByteBuf frame = Unpooled.buffer(256);

    // Hazard R11
    @Test
    void distinctStatements_leaveNothingBehind() {
        flood(200_000, Ending.SYNC);
    }

    // Hazard R11: a client may go on in one batch for ever, if it flushes.
    @Test
    void distinctStatementsOfOneBatch_leaveNothingBehind() {
        flood(200_000, Ending.FLUSH);
    }

    // Hazard R11
    @Test
    @Tag("long")
    void tenMillionDistinctStatements_leaveNothingBehind() {
        flood(10_000_000, Ending.SYNC);
    }

    /** What a client ends its requests with. */
    private enum Ending {
        SYNC,
        FLUSH
    }

    private void flood(int count, Ending ending) {
        int tenth = count / 10;
        prepareAndClose(0, tenth, ending);
        long before = usedHeap();
        for (int i = 1; i < 10; i++) {
            prepareAndClose(i * tenth, tenth, ending);
            assertBounded();
        }
        assertThat(usedHeap() - before)
                .as("bytes of heap more after %d statements", count)
                .isLessThan(2 * CACHE);
    }

    private void prepareAndClose(int from, int count, Ending ending) {
        for (int i = from; i < from + count; i++) {
            send(Kind.PARSE, rewriter.onParse(parse("s", i), server, Certainty.KNOWN));
            send(Kind.PARSE, rewriter.onParse(parse("", i), server, Certainty.KNOWN));
            send(Kind.CLOSE, rewriter.onClose(close("s"), server));
            if (ending == Ending.SYNC) {
                replies.expect(Kind.SYNC);
                replies.onReply(BackendType.READY_FOR_QUERY);
            }
        }
    }

    private void send(Kind kind, Rewrite rewrite) {
        if (rewrite.close() != null) {
            replies.expect(Kind.CLOSE, Action.SWALLOW, rewrite.closeUndo());
            replies.onReply(BackendType.CLOSE_COMPLETE);
        }
        if (rewrite.kind() == Rewrite.Kind.ANSWER) {
            replies.expect(kind, Action.SYNTHESIZE, rewrite.undo());
            assertThat(replies.pollSynthesized()).isEqualTo(kind);
        } else {
            replies.expect(kind, Action.FORWARD, rewrite.undo());
            replies.onReply(BackendType.PARSE_COMPLETE);
        }
        assertThat(rewrite.evictions()).isEmpty();
    }

    private void assertBounded() {
        assertThat(client.size()).isZero();
        assertThat(client.bytes()).isZero();
        assertThat(catalog.bytes()).isLessThanOrEqualTo(CACHE);
        assertThat(server.size()).isEqualTo(SERVER_MAX);
        assertThat(server.bytes()).isLessThan(SERVER_MAX * 1000L);
    }

    // Hazard R12: two clients with more statements than the server may have; each use closes one and prepares one, and
    // no more.
    @Test
    void thrash_costsOneCloseAndOneParseForEachUse() {
        int names = SERVER_MAX + 1;
        for (int i = 0; i < names; i++) {
            rewriter.onParse(parse("s" + i, i), server, Certainty.KNOWN);
        }
        for (int i = 0; i < 10 * names; i++) {
            FrameCursor bind = Frames.bind("", "s" + i % names);
            Rewrite rewrite = rewriter.onUse(bind, server);
            assertThat(rewrite.parse()).isNotNull();
            assertThat(rewrite.close()).isNotNull();
            assertThat(rewrite.evictions()).isEmpty();
            bind.close();
        }
        assertThat(server.size()).isEqualTo(SERVER_MAX);
    }

    @Test
    void largeTexts_driveOutAsManyAsTheyNeed() {
        int quarter = (int) (ServerStatements.MAX_BYTES / 8) - 1000;
        ClientStatements rich = new ClientStatements(catalog);
        StatementRewriter large = new StatementRewriter(rich);
        for (char c = 'a'; c < 'e'; c++) {
            assertThat(large.onParse(Frames.parse("" + c, String.valueOf(c).repeat(quarter)), server, Certainty.KNOWN)
                            .close())
                    .isNull();
        }
        Rewrite rewrite = large.onParse(Frames.parse("e", "e".repeat(2 * quarter)), server, Certainty.KNOWN);
        assertThat(rewrite.close()).isNotNull();
        assertThat(rewrite.evictions()).hasSize(1);
        assertThat(server.size()).isEqualTo(3);
        rewrite.evictions().getFirst().undo().undo();
        assertThat(server.size()).isEqualTo(4);
    }

    @Test
    void clientThatHasTooMuch_isPinnedAndItsNewNamesPass() {
        ClientStatements small = new ClientStatements(catalog, new Object(), 400);
        StatementRewriter poor = new StatementRewriter(small);
        Rewrite first = poor.onParse(Frames.parse("a", "SELECT 1"), server, Certainty.KNOWN);
        assertThat(first.pins()).isFalse();
        assertThat(first.kind()).isEqualTo(Rewrite.Kind.RENAME);
        Rewrite second = poor.onParse(Frames.parse("b", "SELECT 2" + " ".repeat(200)), server, Certainty.KNOWN);
        assertThat(second.pins()).isTrue();
        assertThat(second.kind()).isEqualTo(Rewrite.Kind.PASS);
        assertThat(poor.onUse(Frames.bind("", "b"), server).kind()).isEqualTo(Rewrite.Kind.PASS);
        assertThat(poor.onClose(Frames.close('S', "b"), server).kind()).isEqualTo(Rewrite.Kind.PASS);
        assertThat(poor.onUse(Frames.bind("", "a"), server).kind()).isEqualTo(Rewrite.Kind.RENAME);
        assertThat(poor.onPrepare("c".getBytes(US_ASCII), new byte[300], server).pins())
                .isTrue();
        poor.onClose(Frames.close('S', "a"), server);
        assertThat(small.bytes()).isZero();
    }

    private FrameCursor parse(String name, int number) {
        byte[] text = ("SELECT " + number + " FROM a_table WHERE a_column = $1").getBytes(US_ASCII);
        frame.clear();
        frame.writeByte(FrontendType.PARSE).writeInt(4 + name.length() + 1 + text.length + 3);
        frame.writeBytes(name.getBytes(US_ASCII)).writeByte(0);
        frame.writeBytes(text).writeByte(0).writeShort(0);
        return cursor();
    }

    private FrameCursor close(String name) {
        frame.clear();
        frame.writeByte(FrontendType.CLOSE).writeInt(4 + 2 + name.length());
        frame.writeByte('S').writeBytes(name.getBytes(US_ASCII)).writeByte(0);
        return cursor();
    }

    private FrameCursor cursor() {
        FrameCursor cursor =
                new FrameCursor(FrontendType.table(), FrameLimits.DEFAULT, UnpooledByteBufAllocator.DEFAULT);
        cursor.feed(frame.retain());
        assertThat(cursor.next()).isTrue();
        return cursor;
    }

    private static long usedHeap() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
