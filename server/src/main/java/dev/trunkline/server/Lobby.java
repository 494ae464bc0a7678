package dev.trunkline.server;

import dev.trunkline.pooler.backend.Credentials;
import dev.trunkline.server.admin.AdminConsole;
import dev.trunkline.server.admin.AdminSession;
import dev.trunkline.server.admin.AdminUser;
import dev.trunkline.server.admin.ConsoleAccess;
import dev.trunkline.server.auth.AuthExchange;
import dev.trunkline.server.auth.Authenticator;
import dev.trunkline.server.client.ClientSession;
import dev.trunkline.server.client.CloseCause;
import dev.trunkline.server.client.Entrant;
import dev.trunkline.server.client.FrontDoor;
import dev.trunkline.server.client.Greeter;
import dev.trunkline.server.client.SessionIdentity;
import dev.trunkline.server.client.SessionTraits;
import dev.trunkline.server.config.Config;
import dev.trunkline.server.config.DatabaseConfig;
import dev.trunkline.server.config.ListenerConfig;
import dev.trunkline.server.replication.Destination;
import dev.trunkline.server.replication.PassageLogin;
import dev.trunkline.server.replication.ReplicationLimit;
import dev.trunkline.server.replication.Traveller;
import dev.trunkline.server.state.Replication;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameLimits;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import dev.trunkline.wire.TxStatus;
import dev.trunkline.wire.message.CancelRequest;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Receives the clients of one listener: who is in is led to the console, or to the pools that serve it on the worker that is
 * their home. Thread-safe.
 */
final class Lobby implements FrontDoor {
    private final Config config;
    private final TraitsTable traits;
    private final Authenticator authenticator;
    private final Guests guests;
    private final Workers workers;
    private final AdminConsole console;
    private final ReplicationLimit replicationLimit;
    private final ReplicationEntrance replication;

    Lobby(ListenerConfig listener, Config config, Authenticator authenticator, Guests guests, House house) {
        this.config = config;
        this.traits = new TraitsTable(listener, config);
        this.authenticator = authenticator;
        this.guests = guests;
        this.workers = house.workers();
        this.console = house.console();
        this.replicationLimit = house.replication();
        this.replication = new ReplicationEntrance(listener, config, authenticator);
    }

    /** Where clients are led to. */
    record House(Workers workers, AdminConsole console, ReplicationLimit replication) {}

    @Override
    public @Nullable PgError refusal() {
        return guests.refusal();
    }

    @Override
    public void cancel(CancelRequest request) {
        workers.cancel(request);
    }

    @Override
    public CompletionStage<AuthExchange> authenticate(String user) {
        return authenticator.begin(user);
    }

    @Override
    public void enter(Channel channel, Entrant entrant, FrameCursor cursor) {
        if (entrant.replication() != Replication.NONE) {
            toReplication(channel, entrant, cursor);
            return;
        }
        if (entrant.database().equals(Config.CONSOLE_DATABASE)) {
            toConsole(channel, entrant, cursor);
            return;
        }
        DatabaseConfig database = config.database(entrant.database());
        if (database == null) {
            refuse(
                    channel,
                    entrant,
                    cursor,
                    PgError.fatal(
                            SqlState.INVALID_CATALOG_NAME, "database \"" + entrant.database() + "\" does not exist"));
            return;
        }
        String poolUser = database.user() == null ? entrant.user() : database.user();
        Credentials credentials =
                database.user() == null ? entrant.credentials() : authenticator.credentials(database.user());
        PoolKey key = new PoolKey(entrant.database(), poolUser);
        Worker home =
                workers.homeFor(channel, key, traits.of(database, poolUser).pool());
        Movers.move(
                channel,
                home.loop(),
                () -> greet(home, home.group(key, database, credentials), channel, entrant, cursor));
    }

    @Override
    public void turnedAway(Channel channel, @Nullable String user, CloseCause cause) {
        guests.turnedAway(channel, user, cause);
    }

    @Override
    public long loginTimeoutMillis() {
        return config.general().clients().loginTimeout().toMillis();
    }

    @Override
    public FrameLimits limits() {
        int most = config.general().clients().maxPacketSize();
        return new FrameLimits(most, most);
    }

    @Override
    public Set<String> ignoredParameters() {
        return config.general().clients().ignoreStartupParameters();
    }

    private void greet(Worker home, PoolGroup group, Channel channel, Entrant entrant, FrameCursor cursor) {
        String name = entrant.requested().get("application_name");
        PoolKey key = group.key();
        // The same object for all clients, where it is the same name.
        String user = entrant.user().equals(key.user()) ? key.user() : entrant.user();
        SessionIdentity identity =
                new SessionIdentity(home.nextId(), user, key.user(), key.database(), name == null ? "" : name);
        SessionTraits own = traits.of(group.database(), user);
        ClientSession.Login login = new ClientSession.Login(identity, own, own.startup(entrant.requested()));
        Greeter greeter = new Greeter(channel, login, entrant.protocol(), cursor, group);
        channel.pipeline().replace("authentication", "greeting", greeter);
        channel.config().setAutoRead(true);
        if (channel.isActive()) {
            greeter.begin();
        } else {
            greeter.abandon();
        }
    }

    private void toReplication(Channel channel, Entrant entrant, FrameCursor cursor) {
        PgError full = replicationLimit.admit(channel);
        if (full != null) {
            refuse(channel, entrant, cursor, full);
            return;
        }
        switch (replication.decide(entrant)) {
            case ReplicationEntrance.Decision.Refused refused -> refuse(channel, entrant, cursor, refused.error());
            case ReplicationEntrance.Decision.To to -> passOn(channel, entrant, cursor, to.destination());
        }
    }

    /** A stream has nothing to share with a pool, so the client stays on the worker that has accepted it. */
    private void passOn(Channel channel, Entrant entrant, FrameCursor cursor, Destination destination) {
        Worker worker = workers.of(channel.eventLoop());
        String name = entrant.requested().get("application_name");
        SessionIdentity identity = new SessionIdentity(
                worker.nextId(),
                entrant.user(),
                destination.login().user(),
                entrant.database(),
                name == null ? "" : name);
        PassageLogin login = new PassageLogin(new Traveller(channel, identity, destination), cursor, worker.passages());
        channel.pipeline().replace("authentication", "replication", login);
        login.begin();
    }

    private void toConsole(Channel channel, Entrant entrant, FrameCursor cursor) {
        ConsoleAccess access = ConsoleAccess.of(
                entrant.user(),
                config.general().auth().adminUsers(),
                config.general().auth().statsUsers());
        if (access == null) {
            refuse(channel, entrant, cursor, PgError.fatal(SqlState.INSUFFICIENT_PRIVILEGE, "not allowed"));
            return;
        }
        ByteBuf out = channel.alloc().buffer();
        AdminSession.greet(out);
        FrameWriter.backendKeyData(out, 0, new byte[4]);
        FrameWriter.readyForQuery(out, TxStatus.IDLE);
        channel.writeAndFlush(out);
        cursor.close();
        channel.pipeline()
                .replace(
                        "authentication",
                        "console",
                        new AdminSession(console, new AdminUser(entrant.user(), access), channel.alloc()));
    }

    private void refuse(Channel channel, Entrant entrant, FrameCursor cursor, PgError error) {
        cursor.close();
        ByteBuf out = channel.alloc().buffer();
        error.writeTo(out);
        channel.writeAndFlush(out).addListener(ChannelFutureListener.CLOSE);
        guests.turnedAway(channel, entrant.user(), CloseCause.REFUSED);
    }
}
