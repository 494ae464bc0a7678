package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Holder.Loss;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.router.pools.RoutedPool;
import dev.trunkline.router.pools.RoutedPool.Duty;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * Runs the first batch of a transaction on another connection if its own was lost and that can harm nobody. Loop-confined. It owns
 * the bytes from the loss until they are sent again, which they are once.
 *
 * <ul>
 *   <li>On a leader: the server has ended the session with 57P01, and then reset the connection. The kernel of a server that has read
 *       all that it was sent ends a connection in order (FIN); it resets one (RST) only for bytes that nobody has read. Nothing was sent
 *       behind the batch, so that its own end was not read, and neither a Query nor the Sync without which a batch is rolled back.
 *   <li>On a replica nothing can be written. One that says nothing at its end may have been crashed by the batch itself, which is then
 *       kept from the leader.
 * </ul>
 */
final class Rerun {
    private final FirstBatch first;
    private final Channel client;
    private @Nullable ByteBuf bytes;
    private @Nullable PgError failure;
    private boolean forLeader;

    Rerun(FirstBatch first, Channel client) {
        this.first = first;
        this.client = client;
    }

    /**
     * True if the loss is made good, and a connection for it is to be found; the bytes are taken over then.
     *
     * @param duty of the connection that was lost
     * @param error what the client is told otherwise
     */
    boolean takes(Loss loss, Duty duty, PgError error) {
        if (!first.isWhole() || loss.relayed() || loss.midFrame() || !isHarmless(loss, duty)) {
            first.drop();
            return false;
        }
        bytes = first.take(client.alloc());
        failure = error;
        forLeader = loss.error() != null;
        return true;
    }

    private static boolean isHarmless(Loss loss, Duty duty) {
        return switch (duty) {
            case REPLICA -> true;
            case LEADER -> loss.reset() && isShutdown(loss.error());
            case WAITING_FOR_REPLICA -> false;
        };
    }

    private static boolean isShutdown(@Nullable PgError error) {
        return error != null && error.code().equals(SqlState.ADMIN_SHUTDOWN.code());
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
        if (pool.duty() == Duty.LEADER && !forLeader) {
            return failure;
        }
        bytes = null;
        first.drop();
        relay.sendAgain(again, server);
        return null;
    }

    /** The bytes are not sent any more. */
    void drop() {
        first.drop();
        ByteBuf kept = bytes;
        bytes = null;
        if (kept != null) {
            kept.release();
        }
    }
}
