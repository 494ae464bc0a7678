package dev.trunkline.pooler.backend;

import static dev.trunkline.pooler.backend.Messages.complete;
import static dev.trunkline.pooler.backend.Messages.empty;
import static dev.trunkline.pooler.backend.Messages.error;
import static dev.trunkline.pooler.backend.Messages.fatal;
import static dev.trunkline.pooler.backend.Messages.frame;
import static dev.trunkline.pooler.backend.Messages.join;
import static dev.trunkline.pooler.backend.Messages.key;
import static dev.trunkline.pooler.backend.Messages.ready;
import static dev.trunkline.pooler.backend.Messages.row;
import static dev.trunkline.pooler.backend.Messages.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.Replies.Kind;
import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import dev.trunkline.wire.message.BackendKeyData;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is at the boundary of a transaction, and how a connection ends. */
class ServerConnectionEndTest {
    private final ConnectionFixture fixture = ConnectionFixture.held();
    private final ServerConnection connection = fixture.connection;
    private final RecordingHolder holder = fixture.holder;
    private final List<@Nullable PgError> ended = new ArrayList<>();

    @AfterEach
    void releaseEverything() {
        fixture.channel.finishAndReleaseAll();
    }

    private Holder.Loss loss() {
        return Objects.requireNonNull(holder.loss);
    }

    // Hazard D16
    @Test
    void lastWordsThatTheHolderKeeps_areNotRelayed() {
        holder.lastWords = error -> null;
        fixture.expect(Kind.QUERY);
        fixture.receive(fatal("57P01", "terminating connection"));
        assertThat(holder.takeStream()).isEmpty();
        fixture.channel.close();
        assertThat(loss().relayed()).isFalse();
        assertThat(loss().reset()).isFalse();
        assertThat(Objects.requireNonNull(loss().error()).code()).isEqualTo("57P01");
    }

    // Hazard D16
    @Test
    void lastWordsThatTheHolderChanges_areRelayedChangedHoweverTheyCome() {
        byte[] words = fatal("57P01", "terminating connection");
        for (int cut = 0; cut < words.length; cut++) {
            ConnectionFixture other = ConnectionFixture.held();
            other.holder.lastWords = error -> error.detail("who knows");
            other.expect(Kind.QUERY);
            other.receive(row(1), ConnectionFixture.head(words, cut));
            other.receive(ConnectionFixture.tail(words, cut));
            byte[] told = Messages.report('E', "FATAL", "57P01", "terminating connection", text("Dwho knows"));
            assertThat(other.holder.takeStream()).as("cut at %d", cut).isEqualTo(join(row(1), told));
            other.channel.close();
            assertThat(Objects.requireNonNull(other.holder.loss).relayed()).isTrue();
            assertThat(other.holder.events).containsExactly("error 57P01", "lost");
            other.channel.finishAndReleaseAll();
        }
    }

    @Test
    void halfOfLastWords_isNotRelayed() {
        fixture.expect(Kind.QUERY);
        byte[] words = fatal("57P01", "terminating connection");
        fixture.receive(row(1), ConnectionFixture.head(words, words.length - 1));
        fixture.channel.close();
        assertThat(holder.takeStream()).isEqualTo(row(1));
        assertThat(loss().midFrame()).isFalse();
        assertThat(loss().error()).isNull();
    }

    // Hazard D16
    @Test
    void reset_isToldApartFromOtherEnds() {
        fixture.expect(Kind.QUERY);
        fixture.channel.pipeline().fireExceptionCaught(new SocketException("Connection reset"));
        fixture.channel.close();
        assertThat(loss().reset()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Broken pipe", "Connection timed out"})
    void otherFailures_areNoReset(String message) {
        fixture.expect(Kind.QUERY);
        fixture.channel.pipeline().fireExceptionCaught(new SocketException(message));
        fixture.channel.close();
        assertThat(loss().reset()).isFalse();
    }

    @Test
    void resetOfAnyOtherKind_isNone() {
        fixture.expect(Kind.QUERY);
        fixture.channel.pipeline().fireExceptionCaught(new IOException("Connection reset"));
        fixture.channel.close();
        assertThat(loss().reset()).as("nobody knows what that is").isFalse();
    }

    @Test
    void undo_ofALostConnectionIsForTheClientsRequestsOnly() {
        List<String> undone = new ArrayList<>();
        connection.replies().expect(Kind.PARSE, Replies.Action.FORWARD, () -> undone.add("first"));
        connection.replies().expect(Kind.PARSE, Replies.Action.SWALLOW, () -> undone.add("own"));
        connection.replies().expect(Kind.BIND, Replies.Action.FORWARD, null);
        connection.replies().expect(Kind.PARSE, Replies.Action.SYNTHESIZE, () -> undone.add("last"));
        connection.replies().undoClients();
        connection.replies().undoClients();
        assertThat(undone).containsExactly("last", "first");
    }

    // Hazard R16
    @Test
    void connectionThatIsBrokenOff_isLostWithTheProxysWordsInATaskOfItsOwn() {
        fixture.expect(Kind.QUERY);
        connection.breakOff(PgError.fatal(SqlState.CONNECTION_FAILURE, "no longer the leader"));
        assertThat(holder.loss).as("not inside the call").isNull();
        fixture.channel.runPendingTasks();
        assertThat(Objects.requireNonNull(loss().error()).message()).isEqualTo("no longer the leader");
        assertThat(loss().relayed()).isFalse();
        assertThat(fixture.channel.isOpen()).isFalse();
        connection.breakOff(PgError.fatal(SqlState.CONNECTION_FAILURE, "again"));
        fixture.channel.runPendingTasks();
        assertThat(holder.events).containsOnlyOnce("lost");
    }

    @Test
    void noMemoryForWhatTheServerSends_isToldAsThat() {
        fixture.expect(Kind.QUERY);
        fixture.channel.pipeline().fireExceptionCaught(new OutOfMemoryError("no 65536 bytes"));
        fixture.channel.runPendingTasks();
        assertThat(Objects.requireNonNull(loss().error()).code()).isEqualTo("53200");
        assertThat(fixture.channel.isOpen()).isFalse();
    }

    // Hazard R16
    @Test
    void connectionThatIsBrokenOff_keepsTheServersOwnWords() {
        fixture.expect(Kind.QUERY);
        fixture.receive(fatal("57P01", "terminating connection"));
        connection.breakOff(PgError.fatal(SqlState.CONNECTION_FAILURE, "no longer the leader"));
        fixture.channel.runPendingTasks();
        assertThat(Objects.requireNonNull(loss().error()).code()).isEqualTo("57P01");
    }

    @Test
    void lastWordsBehindRows_comeBehindThem() {
        fixture.expect(Kind.QUERY);
        byte[] words = fatal("57P01", "terminating connection");
        fixture.receive(row(1), words);
        assertThat(holder.takeStream()).isEqualTo(join(row(1), words));
        fixture.channel.close();
        assertThat(loss().relayed()).isTrue();
    }

    @Test
    void connectionThatIsLostIdle_tellsWithWhichWords() {
        ConnectionFixture idle = new ConnectionFixture();
        List<@Nullable PgError> told = new ArrayList<>();
        idle.connection.whenLostIdle(told::add);
        idle.receive(fatal("57P01", "terminating connection"));
        idle.channel.close();
        assertThat(told).singleElement().satisfies(error -> assertThat(
                        Objects.requireNonNull(error).code())
                .isEqualTo("57P01"));
        idle.channel.finishAndReleaseAll();
    }

    @Test
    void connectionThatIsLostInUse_tellsItsHolderAlone() {
        List<@Nullable PgError> told = new ArrayList<>();
        connection.whenLostIdle(told::add);
        fixture.channel.close();
        assertThat(told).isEmpty();
        assertThat(holder.loss).isNotNull();
    }

    @Test
    void boundary_isReachedWhenTheTransactionHasEnded() {
        assertThat(connection.isAtBoundary()).isTrue();
        fixture.expect(Kind.QUERY);
        assertThat(connection.isAtBoundary()).isFalse();
        fixture.receive(complete("BEGIN"), ready('T'));
        assertThat(connection.isAtBoundary()).isFalse();
        fixture.expect(Kind.QUERY);
        fixture.receive(error("22012", "division by zero"), ready('E'));
        assertThat(connection.isAtBoundary()).isFalse();
        fixture.expect(Kind.QUERY);
        fixture.receive(complete("ROLLBACK"));
        assertThat(connection.isAtBoundary()).isFalse();
        fixture.receive(ready('I'));
        assertThat(connection.isAtBoundary()).isTrue();
    }

    // Hazard D15
    @Test
    void boundary_isNotReachedInsideARead() {
        List<Boolean> seen = new ArrayList<>();
        holder.onReadEnd = () -> seen.add(connection.isAtBoundary());
        fixture.expect(Kind.QUERY, Kind.QUERY);
        fixture.receive(complete("SELECT 0"), ready('I'), ConnectionFixture.head(complete("SELECT 0"), 3));
        fixture.receive(ConnectionFixture.tail(complete("SELECT 0"), 3), ready('I'));
        assertThat(seen).containsExactly(false, true);
    }

    // Hazard D15
    @Test
    void boundary_isNotReachedWithUnreadBytes() {
        fixture.receive(ConnectionFixture.head(frame('S', new byte[20]), 8));
        assertThat(connection.isAtBoundary()).isFalse();
    }

    // Hazard D15
    @Test
    void boundary_isNotReachedInsideAFrame() {
        byte[] notice = frame('N', new byte[20]);
        fixture.receive(ConnectionFixture.head(notice, 8));
        assertThat(connection.isAtBoundary()).isFalse();
        fixture.receive(ConnectionFixture.tail(notice, 8));
        assertThat(connection.isAtBoundary()).isTrue();
    }

    // Hazards D1, D5
    @Test
    void boundary_isNotReachedWithoutSync() {
        fixture.expect(Kind.PARSE);
        fixture.receive(empty("1"));
        assertThat(connection.isAtBoundary()).isFalse();
        fixture.expect(Kind.BIND);
        fixture.receive(error("08P01", "bind message supplies 1 parameters"));
        assertThat(connection.replies().isEmpty()).isTrue();
        assertThat(connection.isAtBoundary()).isFalse();
        fixture.expect(Kind.SYNC);
        fixture.receive(ready('I'));
        assertThat(connection.isAtBoundary()).isTrue();
    }

    // Hazard D10
    @Test
    void cancel_keepsTheConnectionUntilItIsDelivered() {
        assertThat(connection.cancelBegun()).isTrue();
        assertThat(connection.isAtBoundary()).isFalse();
        assertThat(connection.cancelEnded(Canceller.Outcome.DELIVERED)).isFalse();
        assertThat(connection.isAtBoundary()).isTrue();
        assertThat(connection.isUsable()).isTrue();
        assertThat(holder.readEnds).isEqualTo(1);
    }

    // Hazard D10
    @Test
    void cancel_thatIsAskedForWhileOneIsUnderWayFollowsIt() {
        fixture.expect(Kind.QUERY);
        assertThat(connection.cancelBegun()).isTrue();
        assertThat(connection.cancelBegun()).isFalse();
        assertThat(connection.cancels()).isEqualTo(1);
        assertThat(connection.cancelEnded(Canceller.Outcome.DELIVERED)).isTrue();
        assertThat(connection.cancelBegun()).isTrue();
        assertThat(connection.cancelEnded(Canceller.Outcome.DELIVERED)).isFalse();
    }

    // Hazard D10
    @Test
    void cancel_thatIsAskedForAgainIsNotSentWhenNothingIsLeftToCancel() {
        assertThat(connection.cancelBegun()).isTrue();
        assertThat(connection.cancelBegun()).isFalse();
        assertThat(connection.cancelEnded(Canceller.Outcome.DELIVERED)).isFalse();
        assertThat(connection.isAtBoundary()).isTrue();
    }

    // Hazard D10
    @Test
    void cancel_ofWhichNothingIsKnownMakesTheConnectionUnusable() {
        connection.cancelBegun();
        connection.cancelEnded(Canceller.Outcome.UNCERTAIN);
        assertThat(connection.isAtBoundary()).isTrue();
        assertThat(connection.isUsable()).isFalse();
        assertThat(connection.dirt()).isEqualTo(CloseReason.CANCEL_UNCERTAIN);
    }

    @Test
    void cancel_thatEndsWhenNobodyHoldsTellsNobody() {
        connection.cancelBegun();
        connection.detach();
        connection.cancelEnded(Canceller.Outcome.DELIVERED);
        assertThat(holder.readEnds).isZero();
    }

    @Test
    void dirt_isWhatWasFoundFirst() {
        connection.soil(CloseReason.DIRTY);
        connection.soil(CloseReason.PROTOCOL);
        assertThat(connection.dirt()).isEqualTo(CloseReason.DIRTY);
        assertThat(connection.isUsable()).isFalse();
    }

    // Hazard D5
    @Test
    void ambiguousSync_serverIsAskedBeforeTheConnectionIsLentAgain() {
        fixture.expect(Kind.QUERY, Kind.COPY_DATA, Kind.SYNC);
        fixture.receive(frame('G', new byte[3]), error("22P04", "bad copy data"), ready('I'));
        assertThat(connection.isAtBoundary()).isFalse();
        assertThat(connection.isUsable()).isFalse();
        holder.takeStream();

        connection.clearUp();
        connection.clearUp();

        assertThat(fixture.sent()).isEqualTo(frame('Q', text("")));
        fixture.receive(ready('I'), empty("I"), ready('I'));
        assertThat(holder.takeStream()).as("the Sync was answered").isEqualTo(ready('I'));
        assertThat(connection.isAtBoundary()).isTrue();
        assertThat(connection.isUsable()).isTrue();
    }

    @Test
    void nothingInDoubt_serverIsNotAsked() {
        fixture.expect(Kind.QUERY, Kind.COPY_DATA, Kind.SYNC);
        connection.clearUp();
        fixture.receive(frame('G', new byte[3]));
        connection.clearUp();
        fixture.receive(complete("COPY 1"), ready('I'));
        connection.clearUp();
        assertThat(fixture.sent()).isEmpty();
    }

    @Test
    void ambiguousSyncInATransaction_isLeftToWhatTheClientSendsNext() {
        fixture.expect(Kind.QUERY, Kind.COPY_DATA, Kind.SYNC);
        fixture.receive(frame('G', new byte[3]), error("22P04", "bad copy data"), ready('E'));
        connection.clearUp();
        assertThat(fixture.sent()).isEmpty();
    }

    // Hazard D16
    @Test
    void fatalError_isRelayedAndTheLossSaysSo() {
        fixture.expect(Kind.QUERY);
        fixture.receive(row(4), fatal("57P01", "terminating connection"));
        assertThat(connection.isUsable()).isFalse();
        fixture.channel.close();
        assertThat(holder.takeStream()).isEqualTo(join(row(4), fatal("57P01", "terminating connection")));
        assertThat(holder.events).containsExactly("error 57P01", "lost");
        assertThat(loss().relayed()).isTrue();
        assertThat(loss().midFrame()).isFalse();
        assertThat(loss().error()).isNotNull().extracting(PgError::code).isEqualTo("57P01");
        assertThat(connection.isHeld()).isFalse();
    }

    // Hazard D17
    @Test
    void fatalError_inTheMiddleOfOwnQueriesIsTheirs() {
        connection.ask("SELECT 1", ended::add);
        connection.ask("SELECT 2", ended::add);
        fixture.receive(fatal("57P01", "terminating connection"));
        fixture.channel.close();
        assertThat(holder.takeStream()).isEmpty();
        assertThat(loss().relayed()).isFalse();
        assertThat(loss().error()).isNotNull();
        assertThat(ended)
                .hasSize(2)
                .allSatisfy(each ->
                        assertThat(each).isNotNull().extracting(PgError::code).isEqualTo("57P01"));
    }

    @Test
    void panic_isFatalToo() {
        fixture.expect(Kind.QUERY);
        fixture.receive(Messages.report('E', "PANIC", "XX000", "oops"));
        assertThat(connection.dirt()).isEqualTo(CloseReason.SERVER_LOST);
    }

    @Test
    void loss_inMidFrameIsToldAsSuch() {
        fixture.expect(Kind.QUERY);
        fixture.receive(ConnectionFixture.head(row(100), 50));
        fixture.channel.close();
        assertThat(loss().midFrame()).isTrue();
        assertThat(loss().relayed()).isFalse();
        assertThat(loss().error()).isNull();
    }

    @Test
    void loss_byAFailedSocketInMidFrameIsToldAsSuch() {
        fixture.expect(Kind.QUERY);
        fixture.receive(ConnectionFixture.head(row(100), 50));
        fixture.channel.pipeline().fireExceptionCaught(new IOException("reset"));
        fixture.channel.runPendingTasks();
        assertThat(loss().midFrame()).isTrue();
        assertThat(fixture.channel.isOpen()).isFalse();
    }

    @Test
    void loss_tellsOwnQueriesBehindTheHolder() {
        connection.ask("SELECT 1", error -> {
            assertThat(holder.loss).isNotNull();
            ended.add(error);
        });
        fixture.channel.pipeline().fireExceptionCaught(new IOException("reset"));
        fixture.channel.runPendingTasks();
        assertThat(ended).hasSize(1);
        assertThat(ended.getFirst()).isNotNull().extracting(PgError::code).isEqualTo("08006");
    }

    @ParameterizedTest(name = "message {0} to nothing")
    @ValueSource(chars = {'Z', '1', 'D', 'C'})
    void unaskedMessage_endsTheConnection(char type) {
        byte[] message = type == 'Z' ? ready('I') : type == 'C' ? complete("SELECT 1") : frame(type);
        fixture.receive(message);
        assertThat(holder.events).containsExactly("lost");
        assertThat(connection.dirt()).isEqualTo(CloseReason.PROTOCOL);
        assertThat(fixture.channel.isOpen()).isFalse();
        assertThat(holder.takeStream()).isEmpty();
    }

    @Test
    void messagesOfALogin_endTheConnection() {
        for (byte[] message : List.of(Messages.authentication(0), key(1, 2), frame('v', new byte[8]))) {
            ConnectionFixture other = ConnectionFixture.held();
            other.expect(Kind.QUERY);
            other.receive(row(3), message, row(4));
            assertThat(other.holder.events).containsExactly("lost");
            assertThat(other.holder.takeStream()).isEqualTo(row(3));
            assertThat(other.connection.dirt()).isEqualTo(CloseReason.PROTOCOL);
            other.channel.finishAndReleaseAll();
        }
    }

    // Hazard S17
    @Test
    void malformedMessages_endTheConnection() {
        List<byte[]> malformed = List.of(
                frame('Z'),
                frame('Z', (byte) 'I', (byte) 'I'),
                frame('Z', (byte) 'X'),
                frame('S', (byte) 'a'),
                new byte[] {'D', 0, 0, 0, 3},
                new byte[] {'D', -1, -1, -1, -1},
                new byte[] {'?', 0, 0, 0, 4});
        for (byte[] message : malformed) {
            ConnectionFixture other = ConnectionFixture.held();
            other.expect(Kind.QUERY);
            other.receive(message);
            assertThat(other.holder.events).as("%s", (Object) message).containsExactly("lost");
            other.channel.finishAndReleaseAll();
        }
    }

    // Hazard S3
    @Test
    void errorsWithoutFields_areRelayedAsTheyAre() {
        byte[] bare = frame('E', new byte[1]);
        byte[] unterminated = frame('E', (byte) 'M', (byte) 'a', (byte) 'b');
        byte[] unknown = frame('E', (byte) '!', (byte) 'a', (byte) 0, (byte) 0);
        for (byte[] error : List.of(frame('E'), bare, unterminated, unknown)) {
            fixture.expect(Kind.QUERY);
            fixture.receive(error, ready('I'));
            assertThat(holder.takeStream()).isEqualTo(join(error, ready('I')));
        }
        assertThat(holder.events).containsOnly("error XX000", "ready IDLE");
    }

    @Test
    void errorLongerThanItsHead_isRelayedInPieces() {
        byte[] error = error("22012", "x".repeat(5000));
        fixture.expect(Kind.QUERY);
        fixture.receive(ConnectionFixture.head(error, 400));
        assertThat(holder.takeStream()).isEmpty();
        fixture.receive(Messages.join(Arrays.copyOfRange(error, 400, 1000)));
        assertThat(holder.takeStream()).hasSize(1000);
        fixture.receive(ConnectionFixture.tail(error, 1000), ready('I'));
        assertThat(holder.takeStream()).isEqualTo(join(ConnectionFixture.tail(error, 1000), ready('I')));
    }

    @Test
    void close_saysGoodbyeWhereTheServerListens() {
        connection.close(CloseReason.IDLE);
        connection.close(CloseReason.IDLE);
        assertThat(fixture.sent()).isEqualTo(frame('X'));
        assertThat(fixture.channel.isOpen()).isFalse();
        assertThat(connection.isUsable()).isFalse();
        assertThat(holder.events).isEmpty();
    }

    // A Terminate behind half a Query could make it a whole one.
    @Test
    void close_addsNothingToHalfAMessage() {
        fixture.expect(Kind.QUERY);
        connection.write(Unpooled.wrappedBuffer(ConnectionFixture.head(frame('Q', Messages.text("TRUNCATE t")), 12)));
        connection.flush();
        connection.close(CloseReason.CLIENT_LOST_IN_TRANSACTION);
        assertThat(fixture.sent()).hasSize(12);
        assertThat(fixture.channel.isOpen()).isFalse();
    }

    @Test
    void close_ofADeadSocketSaysNothing() {
        fixture.channel.close();
        connection.close(CloseReason.IDLE);
        assertThat(fixture.sent()).isEmpty();
    }

    @Test
    void close_inTheMiddleOfAReadDropsTheRest() {
        fixture.expect(Kind.QUERY);
        connection.ask("SELECT 1", error -> connection.close(CloseReason.DIRTY));
        fixture.receive(complete("SELECT 0"), ready('I'), complete("SELECT 1"), ready('I'), row(10), row(10));
        assertThat(holder.takeStream()).isEqualTo(join(complete("SELECT 0"), ready('I')));
        assertThat(holder.events).containsExactly("ready IDLE");
    }

    @Test
    void bytesBehindTheEnd_areReleased() {
        connection.close(CloseReason.IDLE);
        connection.channelRead(
                fixture.channel.pipeline().firstContext(), Unpooled.buffer().writeByte(1));
        assertThat(holder.takeStream()).isEmpty();
    }

    @Test
    void identity_saysWhoItIs() {
        assertThat(connection.identity()).hasToString("app@localhost:5432/db pid 4711");
        ServerIdentity unknown = new ServerIdentity(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 5433), "app", "db", null, Parameters.NONE);
        assertThat(unknown.pid()).isZero();
        assertThat(new BackendKeyData(1, new byte[4])).hasToString("BackendKeyData[pid=1]");
    }
}
