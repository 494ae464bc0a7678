package dev.trunkline.server.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.router.Member;
import dev.trunkline.router.Topology;
import dev.trunkline.server.config.ListenMode;
import dev.trunkline.server.config.ListenSettings;
import dev.trunkline.server.config.PoolMode;
import dev.trunkline.server.config.PoolSettings;
import dev.trunkline.server.config.SessionRules;
import dev.trunkline.server.config.SessionStateMode;
import dev.trunkline.server.config.UnnamedReuse;
import dev.trunkline.server.testing.Frames;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameLimits;
import dev.trunkline.wire.FrontendType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A client of a {@link FakeHome} that has logged in, and what happens on the wires around it. */
final class FakeClient implements AutoCloseable {
    final EmbeddedChannel channel = new EmbeddedChannel();
    private final FakeHome home;

    FakeClient(FakeHome home, PoolMode mode, Parameters parameters) {
        this(home, mode, parameters, SessionTraits.Destination.BY_TRANSACTION);
    }

    FakeClient(FakeHome home, PoolMode mode, Parameters parameters, SessionTraits.Destination destination) {
        this.home = home;
        FrameCursor cursor = new FrameCursor(FrontendType.table(), FrameLimits.DEFAULT, channel.alloc());
        SessionIdentity identity = new SessionIdentity(1, "app", "app", "app", "");
        SessionTraits traits = traits(mode, destination);
        channel.pipeline()
                .addLast(new ClientSession(
                        channel,
                        new ClientSession.Login(identity, traits, FakeHome.AT_LOGIN.withAll(parameters)),
                        cursor,
                        home));
    }

    /** A pool of one connection, and no wait for a leader. */
    static SessionTraits traits(PoolMode mode, SessionTraits.Destination destination) {
        return traits(mode, destination, ReadTraits.USUAL);
    }

    /** The same with such reads. */
    static SessionTraits traits(PoolMode mode, SessionTraits.Destination destination, ReadTraits reads) {
        PoolSettings settings = new PoolSettings(
                mode,
                1,
                0,
                0,
                0,
                200,
                UnnamedReuse.OFF,
                1 << 20,
                Duration.ofHours(1),
                Duration.ofMinutes(2),
                Duration.ZERO,
                Duration.ZERO,
                new SessionRules(SessionStateMode.REPLAY, 50),
                new ListenSettings(ListenMode.PIN, false, 1 << 20));
        return new SessionTraits(settings, destination, reads, 0, "DISCARD ALL");
    }

    /** The client sends this in one read. */
    void sends(byte[]... parts) {
        read(channel, parts);
    }

    /** The last server connection sends this in one read. */
    void serverSends(byte[]... parts) {
        read(server(), parts);
    }

    EmbeddedChannel server() {
        return home.servers.getLast();
    }

    /** The types of the messages that the server got since the last look. */
    String serverGot() {
        return types(server());
    }

    /** The types of the messages that the client got since the last look. */
    String got() {
        return types(channel);
    }

    /** The cluster has another leader, or none, and the worker tells its sessions. */
    void seesLeader(@Nullable Member leader) {
        home.pools().apply(new Topology(2, 2, leader, List.of(), List.of()));
        channel.pipeline().get(ClientSession.class).followPools();
        settle();
    }

    /** A switchover begins: nothing new is to begin on the leader. */
    void hold() {
        home.pools().hold();
        settle();
    }

    /** It is over. */
    void release() {
        home.pools().release();
        session().holdEnded();
        settle();
    }

    /** A switchover waits for its transaction, which is a long one. */
    void keepOut() {
        session().hold().keepOut();
    }

    /** It is over. */
    void letIn() {
        session().hold().letIn();
        session().holdEnded();
        settle();
    }

    /** An administrator pauses the database: nothing new is to begin. */
    void pause() {
        home.pools().pause();
        settle();
    }

    /** It goes on. */
    void resume() {
        home.pools().resume();
        session().holdEnded();
        settle();
    }

    ClientSession session() {
        return channel.pipeline().get(ClientSession.class);
    }

    /** The client is gone without a word. */
    void dies() {
        channel.close();
        settle();
    }

    /** As if more, or less, were waiting for the peer of this channel than the mark. */
    void makeWritable(EmbeddedChannel peer, Writable writable) {
        Objects.requireNonNull(peer.unsafe().outboundBuffer()).setUserDefinedWritability(1, writable == Writable.YES);
        settle();
    }

    /** Whether a peer takes more. */
    enum Writable {
        YES,
        NO
    }

    boolean isRead() {
        return channel.config().isAutoRead();
    }

    @Override
    public void close() {
        channel.finishAndReleaseAll();
        home.servers.forEach(EmbeddedChannel::finishAndReleaseAll);
    }

    /** The fields of the last error that the client got since the last look; empty if it got none. */
    String lastError() {
        String all = "";
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            all += out.toString(UTF_8);
            out.release();
        }
        return all.substring(Math.max(0, all.lastIndexOf("S" + "FATAL")));
    }

    static byte[] ready(char status) {
        return Frames.frame('Z', new byte[] {(byte) status});
    }

    static byte[] complete(String tag) {
        return Frames.frame('C', Frames.string(tag));
    }

    static byte[] error(String code) {
        return Frames.frame('E', ("SERROR\0VERROR\0C" + code + "\0Mno\0\0").getBytes(UTF_8));
    }

    static byte[] reports(String name, String value) {
        return Frames.frame('S', Frames.string(name), Frames.string(value));
    }

    private void read(EmbeddedChannel from, byte[]... parts) {
        from.pipeline().fireChannelRead(Unpooled.wrappedBuffer(Frames.concat(parts)));
        from.pipeline().fireChannelReadComplete();
        settle();
    }

    private void settle() {
        home.drain();
        channel.runPendingTasks();
        home.servers.forEach(EmbeddedChannel::runPendingTasks);
        home.drain();
    }

    private static String types(EmbeddedChannel to) {
        StringBuilder types = new StringBuilder();
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf out = to.readOutbound(); out != null; out = to.readOutbound()) {
            all.writeBytes(out);
            out.release();
        }
        while (all.isReadable()) {
            types.append((char) all.readByte());
            all.skipBytes(all.getInt(all.readerIndex()));
        }
        all.release();
        return types.toString();
    }
}
