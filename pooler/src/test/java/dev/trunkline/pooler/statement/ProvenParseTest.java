package dev.trunkline.pooler.statement;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameLimits;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.FrontendType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** When a Parse is answered for a client that has no server connection. */
class ProvenParseTest {
    private final StatementCatalog catalog = new StatementCatalog(1 << 20);
    private final Object pools = new Object();
    private final ServerStatements server = new ServerStatements(10);

    @Test
    void onParseWithoutServer_unknownText_needsServer() {
        assertThat(withoutServer(new ClientStatements(catalog, pools), "a", "SELECT 1"))
                .isFalse();
    }

    @Test
    void onParseWithoutServer_textThatIsNotConfirmedYet_needsServer() {
        firstParse(new ClientStatements(catalog, pools));

        assertThat(withoutServer(new ClientStatements(catalog, pools), "b", "SELECT 1"))
                .isFalse();
    }

    @Test
    void onParseWithoutServer_confirmedText_definesTheName() {
        firstParse(new ClientStatements(catalog, pools)).done();
        ClientStatements second = new ClientStatements(catalog, pools);

        assertThat(withoutServer(second, "b", "SELECT 1")).isTrue();
        assertThat(second.size()).isEqualTo(1);
    }

    @Test
    void onParseWithoutServer_textConfirmedForOtherPools_needsServer() {
        firstParse(new ClientStatements(catalog, pools)).done();

        assertThat(withoutServer(new ClientStatements(catalog, new Object()), "b", "SELECT 1"))
                .isFalse();
    }

    @Test
    void onParseWithoutServer_nameThatIsTaken_needsServer() {
        ClientStatements client = new ClientStatements(catalog, pools);
        firstParse(client).done();

        assertThat(withoutServer(client, "a", "SELECT 1")).isFalse();
    }

    @Test
    void onParseWithoutServer_unnamed_needsServer() {
        firstParse(new ClientStatements(catalog, pools)).done();

        assertThat(withoutServer(new ClientStatements(catalog, pools), "", "SELECT 1"))
                .isFalse();
    }

    private Undo firstParse(ClientStatements client) {
        FrameCursor frame = parse("a", "SELECT 1");
        Rewrite rewrite = new StatementRewriter(client).onParse(frame, server, StatementRewriter.Certainty.KNOWN);
        frame.close();
        Undo undo = rewrite.undo();
        return Objects.requireNonNull(undo);
    }

    private static boolean withoutServer(ClientStatements client, String name, String text) {
        FrameCursor frame = parse(name, text);
        boolean answered = new StatementRewriter(client).onParseWithoutServer(frame);
        frame.close();
        return answered;
    }

    private static FrameCursor parse(String name, String text) {
        ByteBuf out = Unpooled.buffer();
        FrameWriter.parse(out, name.getBytes(US_ASCII), (text + "\0\0\0").getBytes(US_ASCII));
        FrameCursor cursor =
                new FrameCursor(FrontendType.table(), FrameLimits.DEFAULT, UnpooledByteBufAllocator.DEFAULT);
        cursor.feed(out);
        assertThat(cursor.next()).isTrue();
        return cursor;
    }
}
