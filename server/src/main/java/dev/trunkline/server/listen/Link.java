package dev.trunkline.server.listen;

import dev.trunkline.pooler.backend.OwnQuery;
import dev.trunkline.pooler.backend.QuietHolder;
import dev.trunkline.pooler.backend.Replies;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.pool.CheckResult;
import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.pooler.pool.ConnectFailure;
import dev.trunkline.pooler.pool.ConnectResult;
import dev.trunkline.pooler.pool.Connector;
import dev.trunkline.wire.BackendType;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameLimits;
import dev.trunkline.wire.FrameTable;
import dev.trunkline.wire.ProtocolViolation;
import io.netty.buffer.ByteBuf;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shared connection itself: how it is opened on the leader, kept alive, and comes back. Loop-confined.
 *
 * <p>It is wanted or not, aims at a server or at none, and has a connection, or an attempt at one, or neither.
 */
final class Link {
    private static final Logger LOG = LoggerFactory.getLogger(Link.class);

    /** What may come without having been asked for. */
    private static final FrameTable UNASKED = FrameTable.builder("server")
            .whole(BackendType.NOTIFICATION_RESPONSE)
            .bulk(BackendType.NOTICE_RESPONSE)
            .bulk(BackendType.PARAMETER_STATUS)
            .bulk(BackendType.ERROR_RESPONSE)
            .build();

    private final String name;
    private final Owner owner;
    private final LongSupplier ticker;
    private final Delays delays;
    private @Nullable Connector<ServerConnection> connector;
    private @Nullable Attempt attempt;
    private @Nullable Session session;
    private boolean wanted;
    private @Nullable ConnectFailure lastFailure;
    private long retryAt;

    Link(String name, Owner owner, LongSupplier ticker, Delays delays) {
        this.name = name;
        this.owner = owner;
        this.ticker = ticker;
        this.delays = delays;
        this.retryAt = ticker.getAsLong();
    }

    /**
     * Nanoseconds.
     *
     * @param retry between two attempts to connect, at least
     * @param check how long it may be silent before it is asked for a sign of life
     */
    record Delays(long retry, long check) {}

    /** What its listener hears. */
    interface Owner {
        /** There is a connection, which has been asked for nothing yet. */
        void connected();

        /** A notification, lent: the body of the frame that is current. */
        void notified(FrameCursor frame);

        /** What has arrived was handled. */
        void readEnd();

        /** The connection is gone. What it was asked for is not answered any more. */
        void lost();
    }

    /** Leads to another server from now on, or to none. */
    void aim(@Nullable Connector<ServerConnection> newConnector) {
        connector = newConnector;
        attempt = null;
        drop(CloseReason.RETARGETED);
        retryAt = ticker.getAsLong();
        connectIfDue();
    }

    /** Opens the connection, if there is a server, and keeps it. */
    void want() {
        wanted = true;
        connectIfDue();
    }

    /** Closes the connection until it is wanted again. */
    void rest(CloseReason reason) {
        wanted = false;
        attempt = null;
        drop(reason);
    }

    boolean isWanted() {
        return wanted;
    }

    boolean isConnected() {
        return session != null;
    }

    boolean hasServer() {
        return connector != null;
    }

    /** Why there is no connection, if an attempt has failed. */
    @Nullable
    ConnectFailure lastFailure() {
        return lastFailure;
    }

    /** About once a second. */
    void tick() {
        connectIfDue();
        Session open = session;
        if (open != null && ticker.getAsLong() - open.heardAt >= delays.check()) {
            open.check();
        }
    }

    /** Sends a query, if there is a connection. {@code done} is not told if the connection is lost before. */
    void ask(String query, OwnQuery done) {
        Session asked = session;
        if (asked != null) {
            asked.connection.ask(query, error -> {
                if (session == asked) {
                    asked.heardAt = ticker.getAsLong();
                    done.ended(error);
                }
            });
            asked.connection.flush();
        }
    }

    /** Closes what is open; if it is wanted, it comes back after a while. */
    void drop(CloseReason reason) {
        Session dropped = session;
        if (dropped != null) {
            forget(dropped);
            dropped.from.close(dropped.connection, reason);
            owner.lost();
        }
    }

    private void connectIfDue() {
        Connector<ServerConnection> to = connector;
        if (wanted && to != null && session == null && attempt == null && ticker.getAsLong() - retryAt >= 0) {
            attempt = new Attempt(to);
            to.connect(attempt);
        }
    }

    private void forget(Session gone) {
        session = null;
        gone.frames.close();
        // One that has held for a while may come back at once.
        retryAt = gone.openedAt + delays.retry();
    }

    /** One try to connect; of no interest any more once another has begun. */
    private final class Attempt implements ConnectResult<ServerConnection> {
        private final Connector<ServerConnection> from;

        Attempt(Connector<ServerConnection> from) {
            this.from = from;
        }

        @Override
        public void connected(ServerConnection connection) {
            if (attempt != this) {
                from.close(connection, CloseReason.RETARGETED);
                return;
            }
            attempt = null;
            lastFailure = null;
            session = new Session(connection, from);
            connection.attach(session);
            owner.connected();
        }

        @Override
        public void failed(ConnectFailure failure) {
            if (attempt == this) {
                attempt = null;
                lastFailure = failure;
                retryAt = ticker.getAsLong() + delays.retry();
            }
        }

        @Override
        public boolean isWanted() {
            return attempt == this;
        }
    }

    /** One connection for as long as it lives. */
    private final class Session implements QuietHolder, CheckResult {
        private final ServerConnection connection;
        private final Connector<ServerConnection> from;
        private final FrameCursor frames;
        private final long openedAt = ticker.getAsLong();
        private long heardAt = openedAt;
        private boolean checking;

        Session(ServerConnection connection, Connector<ServerConnection> from) {
            this.connection = connection;
            this.from = from;
            this.frames = new FrameCursor(
                    UNASKED, FrameLimits.DEFAULT, connection.channel().alloc());
        }

        void check() {
            if (!checking) {
                checking = true;
                from.check(connection, this);
            }
        }

        @Override
        public void alive() {
            checking = false;
            heardAt = ticker.getAsLong();
        }

        @Override
        public void dead(String why) {
            if (session == this) {
                LOG.warn("{}: the connection that listens is given up: {}", name, why);
                drop(CloseReason.CHECK_FAILED);
            }
        }

        @Override
        public void relay(ByteBuf run) {
            frames.feed(run);
            heardAt = ticker.getAsLong();
            try {
                while (frames.next()) {
                    if (frames.type() == BackendType.NOTIFICATION_RESPONSE) {
                        owner.notified(frames);
                    }
                    frames.skip();
                }
            } catch (ProtocolViolation e) {
                LOG.warn("{}: the connection that listens is given up: {}", name, e.getMessage());
                drop(CloseReason.PROTOCOL);
            }
        }

        @Override
        public void synthesize(Replies.Kind kind) {
            throw new IllegalStateException("nothing is synthesized here");
        }

        @Override
        public void onReadEnd() {
            owner.readEnd();
        }

        @Override
        public void onLost(Loss loss) {
            LOG.warn(
                    "{}: the connection that listens was lost: {}",
                    name,
                    loss.error() == null ? "closed by the server" : loss.error());
            forget(this);
            owner.lost();
            connectIfDue();
        }
    }
}
