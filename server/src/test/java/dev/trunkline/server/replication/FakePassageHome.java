package dev.trunkline.server.replication;

import dev.trunkline.pooler.backend.Credentials;
import dev.trunkline.pooler.backend.LoggedIn;
import dev.trunkline.pooler.backend.LoginResult;
import dev.trunkline.pooler.backend.LoginResult.Outcome;
import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.pooler.backend.ServerIdentity;
import dev.trunkline.pooler.backend.ServerTarget;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Hint;
import dev.trunkline.router.Member;
import dev.trunkline.router.Role;
import dev.trunkline.router.Topology;
import dev.trunkline.server.client.CloseCause;
import dev.trunkline.server.client.SessionIdentity;
import dev.trunkline.server.state.Replication;
import dev.trunkline.server.testing.Message;
import dev.trunkline.wire.BackendType;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameLimits;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.message.BackendKeyData;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A worker without a thread, whose logins to servers end when and as the test says. */
final class FakePassageHome implements PassageHome {
    static final Endpoint ONE = new Endpoint("10.0.0.1", 5432);
    static final Endpoint TWO = new Endpoint("10.0.0.2", 5432);

    final List<Dial> dials = new ArrayList<>();
    final List<Hint> hints = new ArrayList<>();
    final List<CloseCause> turnedAway = new ArrayList<>();
    final List<CloseCause> ended = new ArrayList<>();
    final List<ServerIdentity> cancelled = new ArrayList<>();
    final List<Passage> passages = new ArrayList<>();
    Topology topology = Topology.unknown();
    Duration hold = Duration.ofSeconds(30);

    /** A login that was asked for. */
    record Dial(ServerTarget target, Consumer<LoginResult> done) {
        void fail(Outcome outcome, @Nullable PgError error) {
            done.accept(new LoginResult(outcome, null, error, "it has failed", null));
        }
    }

    /** A server connection that has just logged in and has said {@code more} since. */
    static EmbeddedChannel succeed(Dial dial, byte[]... more) {
        ChannelInboundHandlerAdapter login = new ChannelInboundHandlerAdapter();
        EmbeddedChannel server = new EmbeddedChannel(login);
        FrameCursor cursor = new FrameCursor(BackendType.table(), FrameLimits.DEFAULT, server.alloc());
        cursor.feed(Unpooled.wrappedBuffer(more));
        ServerIdentity identity = new ServerIdentity(
                InetSocketAddress.createUnresolved(
                        dial.target().host(), dial.target().port()),
                "rep",
                "db",
                new BackendKeyData(4711, new byte[4]),
                Parameters.of(Map.of("server_version", "18.0")));
        Parameters parameters = Parameters.of(Map.of("TimeZone", "UTC"));
        LoggedIn session = new LoggedIn(server, identity, parameters, cursor, login);
        dial.done().accept(new LoginResult(Outcome.SUCCEEDED, session, null, "", null));
        return server;
    }

    static Topology cluster(@Nullable Endpoint leader, Endpoint... replicas) {
        List<Member> readers =
                Arrays.stream(replicas).map(each -> member(each, Role.REPLICA)).toList();
        return new Topology(1, 1, leader == null ? null : member(leader, Role.LEADER), readers, List.of());
    }

    private static Member member(Endpoint endpoint, Role role) {
        return new Member(endpoint.toString(), endpoint, role, true, 1, 0, true);
    }

    static Traveller traveller(EmbeddedChannel channel, Side side) {
        ServerTarget.Login login = new ServerTarget.Login("rep", new Credentials.None());
        return new Traveller(
                channel,
                new SessionIdentity(1, "rep", "rep", "db", "test"),
                new Destination("main", side, Replication.PHYSICAL, "db", login));
    }

    /** All that was written to this channel. */
    static byte[] written(EmbeddedChannel channel) {
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            all.writeBytes(part);
            part.release();
        }
        return ByteBufUtil.getBytes(all);
    }

    /** The messages that were written to this channel, which must be whole. */
    static List<Message> messages(EmbeddedChannel channel) {
        ByteBuf in = Unpooled.wrappedBuffer(written(channel));
        List<Message> messages = new ArrayList<>();
        while (in.isReadable()) {
            char type = (char) in.readByte();
            byte[] body = new byte[in.readInt() - 4];
            in.readBytes(body);
            messages.add(new Message(type, body));
        }
        return messages;
    }

    @Override
    public Topology topology(String cluster) {
        return topology;
    }

    @Override
    public Duration hold(String cluster) {
        return hold;
    }

    @Override
    public Duration loginRetry() {
        return Duration.ofSeconds(1);
    }

    @Override
    public void dial(ServerTarget target, Consumer<LoginResult> done) {
        dials.add(new Dial(target, done));
    }

    @Override
    public void cancel(ServerIdentity session) {
        cancelled.add(session);
    }

    @Override
    public RandomGenerator random() {
        return new SplittableRandom(1);
    }

    @Override
    public long nextId() {
        return 2;
    }

    @Override
    public void hint(String cluster, Hint hint, Endpoint endpoint) {
        hints.add(hint);
    }

    @Override
    public void arrived(PassageLogin login) {}

    @Override
    public void turnedAway(PassageLogin login, CloseCause cause) {
        turnedAway.add(cause);
    }

    @Override
    public BackendKeyData register(PassageLogin login, Passage passage) {
        passages.add(passage);
        return new BackendKeyData(77, new byte[] {1, 2, 3, 4});
    }

    @Override
    public void ended(Passage passage, CloseCause cause) {
        ended.add(cause);
    }
}
