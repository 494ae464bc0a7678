package dev.trunkline.pooler.backend;

import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.pooler.pool.ConnectFailure;
import dev.trunkline.pooler.pool.ConnectResult;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.ProtocolVersion;
import dev.trunkline.wire.SqlState;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks a server one thing on a connection that is opened for it and closed behind it. Thread-safe: everything runs on the loop of the
 * context.
 */
public final class SingleQuery {
    /** For connect and login. */
    private static final int CONNECT_MILLIS = 5_000;

    private static final ConnectSettings SETTINGS = new ConnectSettings(
            CONNECT_MILLIS, 1, ConnectSettings.Cleartext.REFUSED, ConnectSettings.KeepAlive.ON, ProtocolVersion.V3_0);

    private final BackendContext context;
    private final Duration limit;

    /**
     * @param context of a loop that is no worker's
     * @param limit for the answer; connect and login have {@value #CONNECT_MILLIS} ms of their own
     */
    public SingleQuery(BackendContext context, Duration limit) {
        this.context = context;
        this.limit = limit;
    }

    /** Opens a connection, and asks. {@code answer} is told of the end once, however it comes: on the loop, without the connection. */
    public void ask(ServerTarget target, String sql, OwnQuery answer) {
        context.loop().execute(() -> new ServerConnector(target, SETTINGS, context, ServerConnector.Trouble.IGNORED)
                .connect(new Asked(sql, answer)));
    }

    /** What becomes of one question. Loop-confined. */
    private final class Asked implements ConnectResult<ServerConnection>, OwnQuery {
        private final String sql;
        private final OwnQuery answer;
        private @Nullable ServerConnection connection;
        private @Nullable ScheduledFuture<?> timeout;
        private boolean over;

        Asked(String sql, OwnQuery answer) {
            this.sql = sql;
            this.answer = answer;
        }

        @Override
        public void connected(ServerConnection opened) {
            connection = opened;
            timeout = context.loop().schedule(this::timedOut, limit.toMillis(), TimeUnit.MILLISECONDS);
            opened.ask(sql, this);
            opened.flush();
        }

        @Override
        public void failed(ConnectFailure failure) {
            ended(
                    failure.cause() instanceof PgError error
                            ? error
                            : PgError.fatal(SqlState.CONNECTION_FAILURE, failure.message()));
        }

        @Override
        public boolean isWanted() {
            return true;
        }

        @Override
        public void row(ByteBuf buf, int index, int length) {
            if (!over) {
                answer.row(buf, index, length);
            }
        }

        @Override
        public void ended(@Nullable PgError error) {
            if (over) {
                return;
            }
            over = true;
            if (timeout != null) {
                timeout.cancel(false);
            }
            ServerConnection opened = connection;
            if (opened != null) {
                // In a task of its own: this is called from inside of the connection.
                context.loop().execute(() -> opened.close(CloseReason.POOL_CLOSED));
            }
            answer.ended(error);
        }

        private void timedOut() {
            ended(PgError.error(SqlState.QUERY_CANCELED, "no answer within " + limit.toSeconds() + " s"));
        }
    }
}
