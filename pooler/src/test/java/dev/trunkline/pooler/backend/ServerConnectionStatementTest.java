package dev.trunkline.pooler.backend;

import static dev.trunkline.pooler.backend.Messages.complete;
import static dev.trunkline.pooler.backend.Messages.empty;
import static dev.trunkline.pooler.backend.Messages.error;
import static dev.trunkline.pooler.backend.Messages.frame;
import static dev.trunkline.pooler.backend.Messages.join;
import static dev.trunkline.pooler.backend.Messages.parameter;
import static dev.trunkline.pooler.backend.Messages.ready;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.Holder.Taken;
import dev.trunkline.pooler.backend.Replies.Action;
import dev.trunkline.pooler.backend.Replies.Kind;
import dev.trunkline.pooler.statement.ClientStatement;
import dev.trunkline.pooler.statement.Named;
import dev.trunkline.wire.PgError;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a connection notes of the statements that replies are about, and how it takes a batch back. */
class ServerConnectionStatementTest {
    private static final byte[] STALE =
            frame('E', "SERROR\0VERROR\0C0A000\0Mcached plan\0RRevalidateCachedQuery\0\0".getBytes(UTF_8));
    private static final byte[] NO_ROWS = frame('T', (byte) 0, (byte) 0);

    private final ConnectionFixture fixture = ConnectionFixture.held();
    private final ServerConnection connection = fixture.connection;
    private final RecordingHolder holder = fixture.holder;
    private final ClientStatement statement = Named.statement("mine", "SELECT 1");
    private final List<@Nullable PgError> ended = new ArrayList<>();

    @AfterEach
    void releaseEverything() {
        fixture.channel.finishAndReleaseAll();
    }

    private void describe(Action action) {
        connection.replies().expect(Kind.DESCRIBE_STATEMENT, action, null);
        connection.replies().about(statement);
    }

    @Test
    void description_isNotedAsToldOrFound() {
        describe(Action.FORWARD);
        fixture.expect(Kind.SYNC);
        byte[] answer = join(frame('t', (byte) 0, (byte) 0), NO_ROWS, ready('I'));
        fixture.receiveSlowly(answer);
        assertThat(holder.takeStream()).isEqualTo(answer);
        assertThat(statement.isTold()).isTrue();
        assertThat(statement.fits()).isFalse();
        describe(Action.SWALLOW);
        fixture.expect(Kind.SYNC);
        fixture.receiveSlowly(answer);
        assertThat(holder.takeStream()).isEqualTo(ready('I'));
        assertThat(statement.fits()).isTrue();
    }

    @Test
    void descriptionWithoutRows_isAShapeToo() {
        describe(Action.FORWARD);
        describe(Action.SWALLOW);
        fixture.expect(Kind.SYNC);
        byte[] none = join(frame('t', (byte) 0, (byte) 0), empty("n"));
        fixture.receive(none, none, ready('I'));
        assertThat(statement.fits()).isTrue();
        assertThat(holder.takeStream()).isEqualTo(join(none, ready('I')));
    }

    @Test
    void stalePlan_isRelayedWhereTheHolderDoesNotTakeItBack() {
        bind();
        fixture.expect(Kind.EXECUTE, Kind.SYNC);
        fixture.receive(STALE, ready('I'));
        assertThat(holder.takeStream()).isEqualTo(join(STALE, ready('I')));
        assertThat(holder.events).containsExactly("error 0A000", "ready IDLE");
    }

    @Test
    void stalePlan_thatIsTakenBackIsToldToTheProxyAlone() {
        holder.taken = Taken.ERROR;
        holder.onTaken = () -> connection.takeBack(ended::add);
        bind();
        fixture.expect(Kind.EXECUTE, Kind.SYNC);
        fixture.receive(STALE, ready('I'));
        assertThat(holder.takeStream()).isEmpty();
        assertThat(ended).singleElement().satisfies(error -> assertThat(error).isNotNull());
    }

    @Test
    void stalePlan_ofABatchWithoutASyncGetsOne() {
        holder.taken = Taken.ANSWERS;
        holder.onTaken = () -> connection.takeBack(ended::add);
        fixture.expect(Kind.PARSE);
        bind();
        fixture.receive(empty("1"), STALE);
        assertThat(holder.takeStream())
                .as("the answers before it are taken back too")
                .isEmpty();
        assertThat(fixture.sent()).isEqualTo(frame('S'));
        fixture.receive(ready('I'));
        assertThat(ended).hasSize(1);
        assertThat(connection.isAtBoundary()).isTrue();
    }

    @Test
    void stalePlan_ofTheProxysOwnRequestTakesNothingBack() {
        connection.replies().expect(Kind.BIND, Action.SWALLOW, null);
        connection.replies().about(statement);
        connection.sync(ended::add);
        fixture.receive(STALE, ready('I'));
        assertThat(ended).hasSize(1);
        assertThat(holder.events).doesNotContain("ready IDLE");
    }

    @Test
    void errorOfASharedStatement_namesTheClientsOwn() {
        bind();
        fixture.expect(Kind.SYNC);
        String name = new String(statement.statement().serverName(), UTF_8);
        fixture.receive(error("26000", "prepared statement \"" + name + "\" does not exist"), ready('I'));
        assertThat(new String(holder.takeStream(), UTF_8)).contains("prepared statement \"mine\" does not exist");
    }

    @Test
    void replacedFrames_withoutAHolderAreReleased() {
        bind();
        connection.replies().retouch(Retouch.moved(1, 1));
        fixture.expect(Kind.QUERY);
        connection.replies().retouch(Retouch.tag("LISTEN"));
        connection.detach();
        fixture.receive(error("42601", "syntax error"));
        assertThat(connection.replies().isBatchOpen())
                .as("the error was taken in")
                .isTrue();
        assertThat(holder.takeStream()).isEmpty();
    }

    // Hazard R1
    @Test
    void otherRole_thatIsKnownIsNobodyElse() {
        fixture.receive(parameter("is_superuser", "off"));
        assertThat(connection.isSomebodyElse()).isTrue();
        connection.parameters(connection.parameters().with("role", "reader"));
        assertThat(connection.isSomebodyElse()).isFalse();
        connection.parameters(connection.parameters().without("role").with("session_authorization", "bob"));
        assertThat(connection.isSomebodyElse()).isFalse();
        connection.parameters(connection.atLogin());
        assertThat(connection.isSomebodyElse()).isTrue();
    }

    @Test
    void holder_thatComesBackFindsTheConnectionAsItLeftIt() {
        assertThat(connection.hasChangedHands()).isTrue();
        connection.detach();
        connection.attach(holder);
        assertThat(connection.hasChangedHands()).isFalse();
        connection.detach();
        connection.attach(new RecordingHolder());
        assertThat(connection.hasChangedHands()).isTrue();
    }

    @Test
    void tagOfACommand_isSwallowedWithItsRetouch() {
        connection.replies().expect(Kind.QUERY, Action.SWALLOW, null);
        connection.replies().retouch(Retouch.tag("LISTEN"));
        fixture.expect(Kind.QUERY);
        connection.replies().retouch(Retouch.moved(1, 1));
        fixture.receive(complete("UNLISTEN"));
        assertThat(holder.takeStream()).isEmpty();
    }

    private void bind() {
        connection.replies().expect(Kind.BIND);
        connection.replies().about(statement);
    }
}
