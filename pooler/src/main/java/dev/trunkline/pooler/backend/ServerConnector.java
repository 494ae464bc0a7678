package dev.trunkline.pooler.backend;

import dev.trunkline.pooler.pool.CheckResult;
import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.pooler.pool.ConnectFailure;
import dev.trunkline.pooler.pool.ConnectResult;
import dev.trunkline.pooler.pool.Connector;
import dev.trunkline.wire.PgError;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens, checks and closes the server connections of one pool. Loop-confined. */
public final class ServerConnector implements Connector<ServerConnection> {
    private static final Logger LOG = LoggerFactory.getLogger(ServerConnector.class);

    private final ServerTarget target;
    private final ConnectSettings settings;
    private final BackendContext context;
    private final ServerDialer dialer;
    private final Trouble trouble;
    private final Supplier<Parameters> startup;

    /** Opens sessions that begin with the server's own parameters. */
    public ServerConnector(ServerTarget target, ConnectSettings settings, BackendContext context, Trouble trouble) {
        this(target, settings, context, trouble, () -> Parameters.NONE);
    }

    /** @param startup the parameters that the next session begins with, as the startup packet carries them */
    public ServerConnector(
            ServerTarget target,
            ConnectSettings settings,
            BackendContext context,
            Trouble trouble,
            Supplier<Parameters> startup) {
        this.target = target;
        this.settings = settings;
        this.context = context;
        this.dialer = new ServerDialer(context, settings);
        this.trouble = trouble;
        this.startup = startup;
    }

    /** Hears of each connection that could not be opened: worth a line in the log, or a look at the cluster. */
    @FunctionalInterface
    public interface Trouble {
        /** For those who look at the result of the connect anyway. */
        Trouble IGNORED = (_, _) -> {};

        /** @param why one sentence */
        void seen(Kind kind, String why);

        /**
         * A connection has ended that nobody held.
         *
         * @param lastWords the fatal error of the server; null if it said nothing
         */
        default void lost(@Nullable PgError lastWords) {}

        /** What was seen. */
        enum Kind {
            UNREACHABLE,
            /** The server says that it starts, stops or recovers. */
            REFUSED,
            /** The server has no room, and is well otherwise. */
            FULL,
            IN_RECOVERY,
            /** The user, the database or the way to log in is wrong: the server itself is well. */
            DENIED
        }
    }

    public ServerTarget target() {
        return target;
    }

    @Override
    public void connect(ConnectResult<ServerConnection> result) {
        Parameters begins = startup.get();
        dialer.dial(target.beginningWith(begins), login -> report(login, begins, result));
    }

    @Override
    public void check(ServerConnection connection, CheckResult result) {
        var limit = context.loop()
                .schedule(
                        () -> result.dead("no answer within " + settings.timeoutMillis() + " ms"),
                        settings.timeoutMillis(),
                        TimeUnit.MILLISECONDS);
        connection.ask("", error -> {
            if (limit.cancel(false)) {
                if (error == null) {
                    result.alive();
                } else {
                    result.dead(error.message());
                }
            }
        });
        connection.flush();
    }

    @Override
    public void close(ServerConnection connection, CloseReason reason) {
        LOG.info("server connection {} closed: {}", connection.identity(), reason.text());
        connection.close(reason);
    }

    @Override
    public boolean isUsable(ServerConnection connection) {
        return connection.isUsable();
    }

    private void report(LoginResult login, Parameters begins, ConnectResult<ServerConnection> result) {
        if (login.session() != null) {
            result.connected(begin(login.session(), begins));
            return;
        }
        ConnectFailure.Verdict verdict = verdict(login);
        trouble.seen(kind(login, verdict), login.message());
        result.failed(
                new ConnectFailure(verdict, login.message(), login.error() != null ? login.error() : login.cause()));
    }

    private ServerConnection begin(LoggedIn session, Parameters begins) {
        ServerConnection connection = new ServerConnection(
                session.channel(),
                session.identity(),
                session.parameters(),
                session.cursor(),
                settings.maxPreparedStatements());
        connection.startedWith(begins);
        connection.whenLostIdle(trouble::lost);
        session.become(connection);
        LOG.info("server connection {} opened", connection.identity());
        return connection;
    }

    /** A server that starts, stops, recovers or is full may do better later; one that knows no such user will not. */
    private static ConnectFailure.Verdict verdict(LoginResult login) {
        return switch (login.outcome()) {
            case REFUSED -> {
                String state = state(login);
                boolean passes = state.startsWith("57P") || state.startsWith("53") || state.startsWith("08");
                yield passes ? ConnectFailure.Verdict.RETRY : ConnectFailure.Verdict.FAIL_WAITERS;
            }
            case DENIED, BROKEN -> ConnectFailure.Verdict.FAIL_WAITERS;
            case IN_RECOVERY, UNREACHABLE, SUCCEEDED -> ConnectFailure.Verdict.RETRY;
        };
    }

    private static String state(LoginResult login) {
        return login.error() == null ? "" : login.error().code();
    }

    private static Trouble.Kind kind(LoginResult login, ConnectFailure.Verdict verdict) {
        if (verdict == ConnectFailure.Verdict.FAIL_WAITERS) {
            return Trouble.Kind.DENIED;
        }
        return switch (login.outcome()) {
            case REFUSED -> state(login).startsWith("53") ? Trouble.Kind.FULL : Trouble.Kind.REFUSED;
            case IN_RECOVERY -> Trouble.Kind.IN_RECOVERY;
            case DENIED, BROKEN, UNREACHABLE, SUCCEEDED -> Trouble.Kind.UNREACHABLE;
        };
    }
}
