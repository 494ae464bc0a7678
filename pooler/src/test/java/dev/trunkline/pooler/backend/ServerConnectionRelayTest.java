package dev.trunkline.pooler.backend;

import static dev.trunkline.pooler.backend.Messages.complete;
import static dev.trunkline.pooler.backend.Messages.empty;
import static dev.trunkline.pooler.backend.Messages.error;
import static dev.trunkline.pooler.backend.Messages.frame;
import static dev.trunkline.pooler.backend.Messages.join;
import static dev.trunkline.pooler.backend.Messages.notice;
import static dev.trunkline.pooler.backend.Messages.parameter;
import static dev.trunkline.pooler.backend.Messages.ready;
import static dev.trunkline.pooler.backend.Messages.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.Replies.Action;
import dev.trunkline.pooler.backend.Replies.Kind;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.TxStatus;
import io.netty.buffer.Unpooled;
import io.netty.channel.WriteBufferWaterMark;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ServerConnectionRelayTest {
    private final ConnectionFixture fixture = ConnectionFixture.held();
    private final ServerConnection connection = fixture.connection;
    private final RecordingHolder holder = fixture.holder;
    private final List<@Nullable PgError> ended = new ArrayList<>();

    @AfterEach
    void releaseEverything() {
        fixture.channel.finishAndReleaseAll();
    }

    @Test
    void answer_inOnePieceIsRelayedAsItIs() {
        byte[] answer = join(frame('T', new byte[30]), row(10), row(20), complete("SELECT 2"), ready('T'));
        fixture.expect(Kind.QUERY);
        fixture.receive(answer);
        assertThat(holder.takeStream()).isEqualTo(answer);
        assertThat(holder.events).containsExactly("ready IN_TRANSACTION");
        assertThat(holder.readEnds).isEqualTo(1);
        assertThat(holder.readCompletes).isEqualTo(1);
        assertThat(connection.status()).isEqualTo(TxStatus.IN_TRANSACTION);
    }

    @Test
    void answer_byteByByteIsRelayedAsItIs() {
        byte[] answer = join(
                frame('T', new byte[30]),
                row(10),
                notice("a notice"),
                parameter("TimeZone", "Europe/Berlin"),
                frame('A', new byte[9]),
                error("22012", "division by zero"),
                ready('E'));
        fixture.expect(Kind.QUERY);
        fixture.receiveSlowly(answer);
        assertThat(holder.takeStream()).isEqualTo(answer);
        assertThat(holder.events).containsExactly("parameter TimeZone=Europe/Berlin", "error 22012", "ready FAILED");
    }

    @Test
    void halfARow_isRelayedBeforeTheOtherHalfHasCome() {
        byte[] row = row(1000);
        fixture.expect(Kind.QUERY);
        fixture.receive(ConnectionFixture.head(row, 100));
        assertThat(holder.takeStream()).isEqualTo(ConnectionFixture.head(row, 100));
        assertThat(connection.isMidFrame()).isTrue();
        fixture.receive(ConnectionFixture.tail(row, 100), complete("SELECT 1"), ready('I'));
        assertThat(holder.takeStream())
                .isEqualTo(join(ConnectionFixture.tail(row, 100), complete("SELECT 1"), ready('I')));
        assertThat(connection.isMidFrame()).isFalse();
    }

    // Hazard D3
    @Test
    void synthesizedAnswer_isGivenInItsPlace() {
        fixture.expect(Kind.BIND, Kind.EXECUTE);
        connection.replies().expect(Kind.CLOSE, Action.SYNTHESIZE, null);
        connection.replies().expect(Kind.PARSE, Action.SYNTHESIZE, null);
        fixture.expect(Kind.BIND, Kind.EXECUTE, Kind.SYNC);
        fixture.receive(empty("2"), row(5), complete("SELECT 1"), empty("2"), complete("SELECT 0"), ready('I'));
        assertThat(holder.takeStream())
                .isEqualTo(
                        join(empty("2"), row(5), complete("SELECT 1"), empty("312"), complete("SELECT 0"), ready('I')));
    }

    // Hazard D3
    @Test
    void synthesizedAnswer_behindHalfAFrameWaitsForItsEnd() {
        byte[] shape = frame('T', new byte[50]);
        fixture.expect(Kind.DESCRIBE_PORTAL);
        connection.replies().expect(Kind.CLOSE, Action.SYNTHESIZE, null);
        fixture.expect(Kind.BIND, Kind.SYNC);
        fixture.receive(ConnectionFixture.head(shape, 10));
        connection.answerSynthesized();
        assertThat(holder.takeStream()).isEqualTo(ConnectionFixture.head(shape, 10));
        fixture.receive(ConnectionFixture.tail(shape, 10), empty("2"), ready('I'));
        assertThat(holder.takeStream()).isEqualTo(join(ConnectionFixture.tail(shape, 10), empty("32"), ready('I')));
    }

    @Test
    void synthesizedAnswer_behindHalfAFrameIsGivenWithItsEnd() {
        byte[] shape = frame('T', new byte[50]);
        fixture.expect(Kind.DESCRIBE_PORTAL);
        connection.replies().expect(Kind.CLOSE, Action.SYNTHESIZE, null);
        fixture.receive(ConnectionFixture.head(shape, 10));
        fixture.receive(ConnectionFixture.tail(shape, 10));
        assertThat(holder.takeStream()).isEqualTo(join(shape, empty("3")));
    }

    @Test
    void synthesizedAnswer_thatIsNextIsGivenAtOnce() {
        connection.replies().expect(Kind.PARSE, Action.SYNTHESIZE, null);
        connection.answerSynthesized();
        assertThat(holder.takeStream()).isEqualTo(empty("1"));
    }

    @Test
    void shadowAnswers_areCutOut() {
        connection.replies().expect(Kind.CLOSE, Action.SWALLOW, null);
        connection.replies().expect(Kind.PARSE, Action.SWALLOW, null);
        fixture.expect(Kind.BIND, Kind.EXECUTE, Kind.SYNC);
        fixture.receiveSlowly(empty("312"), row(3), complete("SELECT 1"), ready('I'));
        assertThat(holder.takeStream()).isEqualTo(join(empty("2"), row(3), complete("SELECT 1"), ready('I')));
    }

    // Hazard D17
    @Test
    void ownQuery_isSwallowedWithAllThatComesInItsTime() {
        connection.ask("SELECT set_config('a','b',false)", ended::add);
        fixture.expect(Kind.QUERY);
        connection.flush();
        assertThat(fixture.sent()).isEqualTo(frame('Q', Messages.text("SELECT set_config('a','b',false)")));
        fixture.receiveSlowly(
                frame('T', new byte[10]),
                row(4),
                notice("from the proxy's own"),
                parameter("application_name", "x"),
                frame('A', new byte[9]),
                complete("SELECT 1"),
                ready('I'),
                notice("the client's"),
                parameter("DateStyle", "ISO"),
                complete("SELECT 0"),
                ready('I'));
        assertThat(holder.takeStream())
                .isEqualTo(join(
                        frame('A', new byte[9]),
                        notice("the client's"),
                        parameter("DateStyle", "ISO"),
                        complete("SELECT 0"),
                        ready('I')));
        assertThat(ended).containsExactly((PgError) null);
        assertThat(holder.events).containsExactly("parameter DateStyle=ISO", "ready IDLE");
        assertThat(connection.parameters().get("application_name")).isEqualTo("x");
    }

    @Test
    void ownQuery_thatFailsTellsWhy() {
        connection.ask("nonsense", ended::add);
        connection.ask("SELECT 1", ended::add);
        fixture.receive(error("42601", "syntax error"), ready('I'), complete("SELECT 1"), ready('I'));
        assertThat(ended).hasSize(2);
        assertThat(ended.getFirst()).isNotNull().extracting(PgError::code).isEqualTo("42601");
        assertThat(ended.getLast()).isNull();
        assertThat(holder.takeStream()).isEmpty();
        assertThat(holder.events).containsExactly("error 42601");
    }

    @Test
    void ownQuery_thatTheServerSkipsAfterAnErrorIsToldSo() {
        fixture.expect(Kind.PARSE);
        connection.ask("SELECT 1", ended::add);
        fixture.expect(Kind.SYNC);
        connection.ask("SELECT 2", ended::add);
        fixture.receive(error("42601", "syntax error"), ready('I'));
        assertThat(ended).hasSize(1);
        assertThat(ended.getFirst()).isNotNull();
        fixture.receive(complete("SELECT 1"), ready('I'));
        assertThat(ended).hasSize(2);
        assertThat(ended.getLast()).isNull();
        assertThat(connection.isAtBoundary()).isTrue();
    }

    @Test
    void ownQuery_ofAServerThatIgnoresEverythingIsToldSoAtOnce() {
        fixture.expect(Kind.PARSE);
        fixture.receive(error("42601", "syntax error"));
        connection.ask("SELECT 1", ended::add);
        assertThat(ended).hasSize(1);
        assertThat(connection.isAtBoundary()).isFalse();
    }

    @Test
    void discardAll_takesStatementsAndParametersBack() {
        connection.parameters(connection.parameters().with("TimeZone", "Asia/Tokyo"));
        fixture.expect(Kind.QUERY);
        fixture.receive(complete("DISCARD ALL"), ready('I'));
        assertThat(holder.events).containsExactly("discarded SESSION", "ready IDLE");
        assertThat(connection.parameters()).isEqualTo(connection.atLogin());
        assertThat(connection.atLogin().get("TimeZone")).isEqualTo("UTC");
    }

    @Test
    void deallocateAll_takesStatementsBack() {
        connection.parameters(connection.parameters().with("TimeZone", "Asia/Tokyo"));
        fixture.expect(Kind.QUERY);
        fixture.receive(complete("DEALLOCATE ALL"), ready('I'));
        assertThat(holder.events).containsExactly("discarded STATEMENTS", "ready IDLE");
        assertThat(connection.parameters().get("TimeZone")).isEqualTo("Asia/Tokyo");
    }

    @Test
    void discardAll_ofTheProxysOwnIsNotTheClients() {
        connection.ask("DISCARD ALL", ended::add);
        fixture.receive(complete("DISCARD ALL"), ready('I'));
        assertThat(holder.events).isEmpty();
        assertThat(ended).containsExactly((PgError) null);
    }

    @Test
    void otherTags_discardNothing() {
        for (String tag : List.of("DELETE 1", "DISCARD PLANS", "DEALLOCATE", "DISCARD ALLX", "DISCARD AL", "D", "")) {
            fixture.expect(Kind.QUERY);
            fixture.receive(complete(tag), ready('I'));
        }
        fixture.expect(Kind.QUERY);
        fixture.receive(frame('C'), ready('I'));
        assertThat(holder.events).containsOnly("ready IDLE");
    }

    /** Who took it for a wish would try to set it on the next connection. */
    @Test
    void factAboutTheServer_isRelayedAndNoParameter() {
        byte[] fact = parameter("in_hot_standby", "off");
        fixture.receive(fact);
        assertThat(connection.parameters()).isSameAs(connection.atLogin());
        assertThat(holder.takeStream()).isEqualTo(fact);
        assertThat(holder.events).isEmpty();
    }

    // Hazard R1
    @Test
    void sessionAuthorization_ofAnotherIsNoticed() {
        assertThat(connection.isSomebodyElse()).isFalse();
        fixture.receive(parameter("session_authorization", "bob"));
        assertThat(connection.isSomebodyElse()).isTrue();
    }

    @Test
    void copyOut_isRelayedWithoutWaitingForWholeRows() {
        byte[] data = frame('d', new byte[5000]);
        fixture.expect(Kind.QUERY);
        fixture.receive(frame('H', new byte[3]), ConnectionFixture.head(data, 7));
        assertThat(holder.takeStream()).hasSize(8 + 7);
        fixture.receive(ConnectionFixture.tail(data, 7), empty("c"), complete("COPY 1"), ready('I'));
        assertThat(holder.takeStream())
                .isEqualTo(join(ConnectionFixture.tail(data, 7), empty("c"), complete("COPY 1"), ready('I')));
    }

    @Test
    void writability_isToldToTheHolder() {
        fixture.channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(10, 100));
        connection.write(Unpooled.wrappedBuffer(new byte[200]));
        assertThat(holder.flows).containsExactly(Holder.Flow.STOPPED);
        connection.flush();
        assertThat(holder.flows).containsExactly(Holder.Flow.STOPPED, Holder.Flow.OPEN);
    }

    @Test
    void nobodyHolds_nothingIsRelayedAndNobodyTold() {
        connection.detach();
        assertThat(connection.isHeld()).isFalse();
        fixture.channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(10, 100));
        connection.write(Unpooled.wrappedBuffer(new byte[200]));
        fixture.receiveSlowly(notice("hello"), parameter("TimeZone", "Asia/Tokyo"), frame('A', new byte[9]));
        connection.ask("DISCARD ALL", ended::add);
        fixture.receive(complete("DISCARD ALL"), ready('I'));
        assertThat(holder.events).isEmpty();
        assertThat(holder.takeStream()).isEmpty();
        assertThat(ended).containsExactly((PgError) null);
        assertThat(connection.isUsable()).isTrue();
        assertThat(connection.isAtBoundary()).isTrue();
    }
}
