package dev.trunkline.pooler.backend;

import static dev.trunkline.pooler.backend.Messages.complete;
import static dev.trunkline.pooler.backend.Messages.empty;
import static dev.trunkline.pooler.backend.Messages.error;
import static dev.trunkline.pooler.backend.Messages.frame;
import static dev.trunkline.pooler.backend.Messages.join;
import static dev.trunkline.pooler.backend.Messages.ready;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.Replies.Kind;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import dev.trunkline.wire.message.DataRow;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Answers to texts that were changed on the way, and rows that the proxy asks for itself. */
class ServerConnectionRetouchTest {
    private final ConnectionFixture fixture = ConnectionFixture.held();
    private final ServerConnection connection = fixture.connection;
    private final RecordingHolder holder = fixture.holder;

    @AfterEach
    void releaseEverything() {
        fixture.channel.finishAndReleaseAll();
    }

    @Test
    void tag_isReplacedForTheMarkedRequestOnly() {
        fixture.expect(Kind.QUERY);
        connection.replies().retouch(Retouch.tag("LISTEN"));
        fixture.expect(Kind.QUERY);
        fixture.receiveSlowly(complete("UNLISTEN"), ready('I'), complete("UNLISTEN"), ready('I'));
        assertThat(holder.takeStream())
                .isEqualTo(join(complete("LISTEN"), ready('I'), complete("UNLISTEN"), ready('I')));
    }

    @Test
    void tag_ofAnExecuteIsReplacedThoughItIsNotTheFirst() {
        fixture.expect(Kind.BIND, Kind.EXECUTE);
        connection.replies().retouch(Retouch.tag("RESET"));
        fixture.expect(Kind.SYNC);
        fixture.receive(empty("2"), complete("SET"), ready('I'));
        assertThat(holder.takeStream()).isEqualTo(join(empty("2"), complete("RESET"), ready('I')));
    }

    @Test
    void position_isCountedInTheClientsText() {
        for (int sent : List.of(3, 9, 12, 30)) {
            fixture.expect(Kind.QUERY);
            connection.replies().retouch(Retouch.moved(9, 5));
            fixture.receive(at(sent), ready('I'));
        }
        assertThat(holder.takeStream())
                .isEqualTo(join(at(3), ready('I'), at(9), ready('I'), at(9), ready('I'), at(25), ready('I')));
    }

    @Test
    void position_ofATextThatWasMadeShorter() {
        for (int sent : List.of(9, 10)) {
            fixture.expect(Kind.QUERY);
            connection.replies().retouch(Retouch.moved(9, -5));
            fixture.receive(at(sent), ready('I'));
        }
        assertThat(holder.takeStream()).isEqualTo(join(at(9), ready('I'), at(15), ready('I')));
    }

    @Test
    void positionBehindSeveralPieces_isCountedInTheClientsText() {
        for (int sent : List.of(3, 5, 12, 16, 20, 30, 40)) {
            fixture.expect(Kind.QUERY);
            connection
                    .replies()
                    .retouch(Retouch.changed(List.of(new Retouch.Piece(4, 10, 0), new Retouch.Piece(8, 10, 0))));
            fixture.receive(at(sent), ready('I'));
        }
        byte[] expected = {};
        for (int own : List.of(3, 4, 4, 6, 8, 10, 20)) {
            expected = join(expected, at(own), ready('I'));
        }
        assertThat(holder.takeStream()).isEqualTo(expected);
    }

    @Test
    void statementOfTheProxysOwn_isHiddenAmongTheClients() {
        for (int round = 0; round < 2; round++) {
            fixture.expect(Kind.QUERY);
            connection
                    .replies()
                    .retouch(Retouch.changed(List.of(new Retouch.Piece(4, 10, 2), new Retouch.Piece(8, 10, 4))));
        }
        byte[] answer = join(
                complete("UNLISTEN"), complete("NOTIFY"), complete("UNLISTEN"), complete("NOTIFY"), complete("NOTIFY"));
        fixture.receiveSlowly(answer, ready('I'), answer, ready('I'));
        byte[] own = join(complete("UNLISTEN"), complete("UNLISTEN"), complete("NOTIFY"), ready('I'));
        assertThat(holder.takeStream()).isEqualTo(join(own, own));
    }

    @Test
    void errorWithoutAPosition_isRelayedAsItIs() {
        fixture.expect(Kind.QUERY);
        connection.replies().retouch(Retouch.moved(9, 5));
        byte[] answer = join(error("22012", "division by zero"), ready('I'));
        fixture.receiveSlowly(answer);
        assertThat(holder.takeStream()).isEqualTo(answer);
    }

    @Test
    void retouch_ofARequestThatIsIgnoredTouchesNothingElse() {
        fixture.expect(Kind.PARSE);
        fixture.receive(error("42601", "syntax error"));
        connection.replies().expect(Kind.EXECUTE);
        connection.replies().retouch(Retouch.tag("LISTEN"));
        fixture.expect(Kind.SYNC, Kind.QUERY);
        holder.takeStream();
        fixture.receive(ready('I'), complete("UNLISTEN"), ready('I'));
        assertThat(holder.takeStream()).isEqualTo(join(ready('I'), complete("UNLISTEN"), ready('I')));
    }

    @Test
    void ownRow_isReadOnceAllOfItHasCome() {
        List<List<@Nullable String>> rows = new ArrayList<>();
        connection.ask("SELECT current_setting('a')", new OwnQuery() {
            @Override
            public void row(ByteBuf buf, int index, int length) {
                rows.add(DataRow.read(buf, index, length));
            }

            @Override
            public void ended(@Nullable PgError error) {
                assertThat(error).isNull();
            }
        });
        fixture.expect(Kind.QUERY);
        byte[] row = frame(
                'D',
                (byte) 0,
                (byte) 2,
                (byte) 0,
                (byte) 0,
                (byte) 0,
                (byte) 1,
                (byte) 'x',
                (byte) -1,
                (byte) -1,
                (byte) -1,
                (byte) -1);
        fixture.receiveSlowly(row, complete("SELECT 1"), ready('I'), complete("SELECT 0"), ready('I'));
        List<@Nullable String> expected = new ArrayList<>();
        expected.add("x");
        expected.add(null);
        assertThat(rows).containsExactly(expected);
        assertThat(holder.takeStream()).isEqualTo(join(complete("SELECT 0"), ready('I')));
    }

    private static byte[] at(int position) {
        ByteBuf out = Unpooled.buffer();
        PgError.error(SqlState.SYNTAX_ERROR, "syntax error")
                .with(PgError.Field.POSITION, Integer.toString(position))
                .writeTo(out);
        byte[] bytes = ByteBufUtil.getBytes(out);
        out.release();
        return bytes;
    }
}
