package dev.trunkline.server.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.router.pools.RoutedPool;
import dev.trunkline.router.sql.ReadOnlyTexts;
import dev.trunkline.server.config.Consistency;
import dev.trunkline.server.config.NoReplica;
import dev.trunkline.server.config.PoolMode;
import dev.trunkline.server.testing.Frames;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameLimits;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.TxStatus;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WriteWatchTest {
    private final FakeHome home = new FakeHome();
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final FrameCursor cursor = new FrameCursor(FrontendType.table(), FrameLimits.DEFAULT, channel.alloc());
    private final SessionTraits traits = FakeClient.traits(
            PoolMode.TRANSACTION,
            SessionTraits.Destination.BY_TRANSACTION,
            new ReadTraits(Consistency.SESSION, NoReplica.LEADER, false, null));
    private final Relay relay = ClientSide.of(channel, traits, cursor, home).relay();
    private final Freshness freshness = new Freshness(traits, home);
    private final WriteWatch watch = new WriteWatch(freshness, new ReadOnlyTexts());
    private final RoutedPool leader = home.pools().leader();

    @AfterEach
    void close() {
        relay.close();
        cursor.close();
        channel.finishAndReleaseAll();
    }

    @Test
    void transactionOnTheLeader_hasWritten() {
        watch.begins(leader, Checkout.Wish.LEADER);
        watch.answered(TxStatus.IDLE);

        assertThat(hasWritten()).isTrue();
    }

    @Test
    void transactionElsewhere_hasNot() {
        watch.begins(home.pools().waitingRoom(), Checkout.Wish.REPLICA);
        watch.answered(TxStatus.IDLE);

        assertThat(hasWritten()).isFalse();
    }

    @Test
    void readThatCameToTheLeader_hasNot() {
        watch.begins(leader, Checkout.Wish.REPLICA);
        sees(Frames.query("BEGIN READ ONLY"));
        sees(Frames.query("SELECT 1"));
        sees(Frames.query("COMMIT"));
        watch.answered(TxStatus.IDLE);

        assertThat(hasWritten()).isFalse();
    }

    @Test
    void readThatMayWriteAfterAll_has() {
        watch.begins(leader, Checkout.Wish.REPLICA);
        sees(Frames.query("BEGIN READ ONLY"));
        sees(Frames.query("SET TRANSACTION READ WRITE"));
        assertThat(watch.isReading()).isFalse();
        watch.answered(TxStatus.IDLE);

        assertThat(hasWritten()).isTrue();
    }

    @Test
    void parseThatMayWrite_countsLikeAQuery() {
        watch.begins(leader, Checkout.Wish.REPLICA);
        sees(Frames.parse("", "SET transaction_read_only = off"));
        watch.answered(TxStatus.IDLE);

        assertThat(hasWritten()).isTrue();
    }

    @Test
    void bindOfAStatementThatIsNotKnown_mayWrite() {
        watch.begins(leader, Checkout.Wish.REPLICA);
        sees(Frames.bind("", "prepared elsewhere", new String[0]));
        watch.answered(TxStatus.IDLE);

        assertThat(hasWritten()).isTrue();
    }

    @Test
    void anotherTransactionBehindTheRead_has() {
        watch.begins(leader, Checkout.Wish.REPLICA);
        sees(Frames.query("BEGIN READ ONLY"));
        watch.answered(TxStatus.IDLE);
        watch.answered(TxStatus.IDLE);

        assertThat(hasWritten()).isTrue();
    }

    @Test
    void whatIsSentBehindTheEndBeforeItIsAnswered_has() {
        watch.begins(leader, Checkout.Wish.REPLICA);
        sees(Frames.query("BEGIN READ ONLY"));
        sees(Frames.query("COMMIT"));
        sees(Frames.query("INSERT INTO t VALUES (1)"));
        watch.answered(TxStatus.IDLE);

        assertThat(hasWritten()).isTrue();
    }

    @Test
    void provenRead_isNotReadAgain() {
        watch.asks(true);
        watch.begins(leader, Checkout.Wish.REPLICA);
        sees(Frames.query("SELECT 'transaction_read_only' AS write"));
        watch.answered(TxStatus.IDLE);

        assertThat(hasWritten()).isFalse();
    }

    @Test
    void whatIsSentBehindAProvenRead_isRead() {
        for (byte[] proven : List.of(Frames.query("SELECT 1"), Frames.extended("SELECT 1"))) {
            watch.asks(true);
            watch.begins(leader, Checkout.Wish.REPLICA);
            sees(proven);
            assertThat(watch.isReading()).isTrue();
            sees(Frames.query("CALL p()"));
            assertThat(watch.isReading()).isFalse();
        }
    }

    @Test
    void transactionBehindAProvenOne_isReadAgain() {
        watch.asks(true);
        watch.begins(leader, Checkout.Wish.REPLICA);
        watch.answered(TxStatus.IDLE);
        watch.asks(false);
        watch.begins(leader, Checkout.Wish.REPLICA);
        sees(Frames.query("CALL p()"));

        assertThat(watch.isReading()).isFalse();
    }

    @Test
    void lostConnection_mayHaveWritten() {
        watch.begins(leader, Checkout.Wish.LEADER);
        watch.lost();

        assertThat(hasWritten()).isTrue();
    }

    private void sees(byte[] frame) {
        cursor.feed(Unpooled.wrappedBuffer(frame));
        while (cursor.next()) {
            if (watch.isReading()) {
                watch.sees(cursor, relay);
            }
            cursor.skip();
        }
    }

    private boolean hasWritten() {
        return freshness.isChoosy();
    }
}
