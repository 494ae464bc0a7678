package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Holder.Loss;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.router.pools.RoutedPool;
import dev.trunkline.router.pools.RoutedPool.Duty;
import dev.trunkline.router.pools.RoutedPools;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs the first batch of a transaction on another connection if its own was lost and that can harm nobody, or if a replica has failed
 * it that was chosen without the client's doing. Loop-confined. It owns the bytes from the loss until they are sent again, which they
 * are once.
 *
 * <ul>
 *   <li>On a leader: the server has ended the session with 57P01, and then reset the connection. The kernel of a server that has read
 *       all that it was sent ends a connection in order (FIN); it resets one (RST) only for bytes that nobody has read. Nothing was sent
 *       behind the batch, so that its own end was not read, and neither a Query nor the Sync without which a batch is rolled back.
 *   <li>Or PostgreSQL itself, and nobody in between, has said 57P01 in front of the answer to the batch's first Bind: it answers in turn, and
 *       executes nothing that it has not bound. So it does in front of the answer to a query that only begins a transaction, whatever the
 *       batch behind that is.
 *   <li>On a replica nothing can be written, and what is proven to read writes nowhere. A replica that says nothing at its end may have been
 *       crashed by the batch itself, which is then kept from the leader; but not if it would have gone there but for the proof that it reads.
 *   <li>What such a batch may fail with on a replica and not on the leader is not told to the client: the leader's answer counts.
 * </ul>
 */
final class Rerun {
    /**
     * What a standby cannot do (25006, 0A000, 55000), what it ends because of what it has to replay (40001, 40P01), and what it has
     * not replayed yet: a table, a column, a function, a type, a schema, a privilege.
     */
    private static final Set<String> OF_REPLICAS =
            Set.of("25006", "0A000", "55000", "40001", "40P01", "42P01", "42703", "42883", "42704", "3F000", "42501");

    /** The function of PostgreSQL's source, which each error names, that ends a session when it is told to. */
    private static final String ENDS_SESSIONS = "ProcessInterrupts";

    private final FirstBatch first;
    private final BatchTexts texts;
    private final ProvenRead proven;
    private final Channel client;
    private @Nullable ByteBuf bytes;
    private @Nullable PgError failure;
    private Place place = Place.ANYWHERE;
    /** The batch is proven to read, and was sent for the first time. */
    private boolean reads;
    /** The replica that has failed the batch has yet to come to the end of it. */
    private boolean rollingBack;

    /** Where the bytes may be sent. */
    private enum Place {
        ANYWHERE,
        REPLICAS,
        LEADER
    }

    Rerun(FirstBatch first, BatchTexts texts, ProvenRead proven, Channel client) {
        this.first = first;
        this.texts = texts;
        this.proven = proven;
        this.client = client;
    }

    /** A transaction begins on a connection that was got for it. */
    void begins(boolean provenToRead) {
        reads = provenToRead;
    }

    /**
     * True if the loss is made good, and a connection for it is to be found; the bytes are taken over then.
     *
     * @param duty of the connection that was lost
     * @param error what the client is told otherwise
     */
    boolean takes(Loss loss, Duty duty, PgError error) {
        if (rollingBack) {
            rollingBack = false;
            return true;
        }
        if (!first.isWhole() || loss.relayed() || loss.midFrame() || !isHarmless(loss, duty)) {
            first.drop();
            return false;
        }
        bytes = first.take(client.alloc());
        failure = error;
        place = loss.error() != null || reads ? Place.ANYWHERE : Place.REPLICAS;
        proven.discard();
        return true;
    }

    /**
     * True if the batch that has failed just now is run on the leader instead, whose answer the client gets; the bytes are taken over
     * then, and nothing of this answer is relayed any more.
     *
     * @param held the replica's connection
     */
    boolean takes(ServerConnection held, PgError error) {
        if (!proven.isSent() || !first.isWhole() || !OF_REPLICAS.contains(error.code())) {
            return false;
        }
        ByteBuf again = first.take(client.alloc());
        if (error.code().equals(SqlState.READ_ONLY_SQL_TRANSACTION.code())) {
            texts.rememberWrites(again);
        }
        bytes = again;
        failure = error;
        place = Place.LEADER;
        rollingBack = true;
        proven.discard();
        held.takeBack(_ -> rollingBack = false);
        return true;
    }

    /** True if the bytes are for the leader, and the replica that has failed them has come to their end. */
    boolean isForLeader() {
        return bytes != null && place == Place.LEADER && !rollingBack;
    }

    /** Gives up a replica that is not reached any more, if nothing of the answer has come and the batch is to be run elsewhere. */
    void leaves(RoutedPools pools, ServerSide servers) {
        ServerConnection server = servers.server();
        RoutedPool pool = servers.pool();
        if (server != null && pool != null && pools.isOutOfReach(pool) && first.isWhole() && !server.isMidFrame()) {
            server.giveUp(PgError.fatal(
                    SqlState.CONNECTION_FAILURE, "terminating connection because its server does not answer"));
        }
    }

    /** The server that the bytes are for, of the kinds that the transaction was sent to one of. */
    Checkout.Wish wish(Duty lost, Checkout.Wish before) {
        return !isForLeader() && (lost == Duty.REPLICA || reads) ? before : Checkout.Wish.LEADER;
    }

    /** True if the bytes may be sent to any server. */
    boolean isForAnywhere() {
        return bytes != null && place == Place.ANYWHERE;
    }

    private boolean isHarmless(Loss loss, Duty duty) {
        return switch (duty) {
            case REPLICA -> true;
            case LEADER -> reads || isUnexecuted(loss);
            case WAITING_FOR_REPLICA -> false;
        };
    }

    /** Nothing is answered: what is answered to a query that begins a transaction comes in front of what is executed behind it. */
    private boolean isUnexecuted(Loss loss) {
        boolean inFront = (loss.unbound() || first.isBehindBegin()) && isOfPostgres(loss.error());
        return isShutdown(loss.error()) && (loss.reset() || inFront);
    }

    private static boolean isShutdown(@Nullable PgError error) {
        return error != null && error.code().equals(SqlState.ADMIN_SHUTDOWN.code());
    }

    /** What a pooler in between says of its own accord may come in front of answers that it has not passed on. */
    private static boolean isOfPostgres(@Nullable PgError error) {
        return error != null && ENDS_SESSIONS.equals(error.field(PgError.Field.ROUTINE));
    }

    /** True while the bytes wait for a connection. */
    boolean isPending() {
        return bytes != null;
    }

    /**
     * A connection has come. The bytes are sent on it if it was for them.
     *
     * @return what the client is told if they must not be sent there; null if all is well
     */
    @Nullable
    PgError goesOn(Relay relay, ServerSide servers) {
        ServerConnection server = servers.server();
        RoutedPool pool = servers.pool();
        ByteBuf again = bytes;
        if (again == null || server == null || pool == null) {
            return null;
        }
        if (pool.duty() == Duty.LEADER && place == Place.REPLICAS) {
            return failure;
        }
        bytes = null;
        first.drop();
        texts.forgetNames(again);
        relay.sendAgain(again, server);
        relay.record().shut();
        return null;
    }

    /** The bytes are not sent any more. */
    void drop() {
        first.drop();
        proven.discard();
        rollingBack = false;
        ByteBuf kept = bytes;
        bytes = null;
        if (kept != null) {
            kept.release();
        }
    }
}
