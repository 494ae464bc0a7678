package dev.trunkline.server.tunnel;

import dev.trunkline.pooler.backend.SocketDialer.Dialled;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Excluded;
import dev.trunkline.router.Hint;
import dev.trunkline.router.Ineligible;
import dev.trunkline.router.Member;
import dev.trunkline.router.Role;
import dev.trunkline.router.Topology;
import dev.trunkline.server.client.CloseCause;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A worker without a thread, whose connections to servers come about when and as the test says. */
final class FakeTunnelHome implements TunnelHome {
    static final Endpoint ONE = new Endpoint("10.0.0.1", 5432);
    static final Endpoint TWO = new Endpoint("10.0.0.2", 5432);

    final List<Dial> dials = new ArrayList<>();
    final List<Hint> hints = new ArrayList<>();
    /** Where null stands for a client that has left. */
    final List<@Nullable Refusal> turnedAway = new ArrayList<>();

    final List<Tunnel> tunnels = new ArrayList<>();
    final List<CloseCause> ended = new ArrayList<>();
    private final Targets targets = new Targets(new SplittableRandom(1));
    Topology topology = Topology.unknown();
    Duration hold = Duration.ofSeconds(30);
    boolean held;

    @Nullable
    Refusal refusal;

    /** A connection that was asked for. */
    record Dial(Endpoint endpoint, Consumer<Dialled> done) {
        void fail() {
            done.accept(new Dialled(null, "Connection refused"));
        }

        EmbeddedChannel succeed() {
            EmbeddedChannel server = new EmbeddedChannel();
            server.config().setAutoRead(false);
            done.accept(new Dialled(server, ""));
            return server;
        }
    }

    static Topology cluster(@Nullable Endpoint leader, Endpoint... replicas) {
        List<Member> readers =
                Arrays.stream(replicas).map(each -> member(each, Role.REPLICA)).toList();
        return new Topology(1, 1, leader == null ? null : member(leader, Role.LEADER), readers, List.of());
    }

    /** A cluster whose only other member gets nothing. */
    static Topology excluding(@Nullable Endpoint leader, Endpoint endpoint, Ineligible reason) {
        return new Topology(
                1,
                1,
                leader == null ? null : member(leader, Role.LEADER),
                List.of(),
                List.of(new Excluded(member(endpoint, Role.REPLICA), reason)));
    }

    private static Member member(Endpoint endpoint, Role role) {
        return new Member(endpoint.toString(), endpoint, role, true, 1, 0, true);
    }

    /** A client that has just come. */
    TunnelWait arrive(EmbeddedChannel client, Side side) {
        TunnelWait wait = new TunnelWait(new Visitor(1, client, new Entrance("*:6434", "main", side), 0), this);
        client.pipeline().addLast(wait);
        client.pipeline().fireChannelActive();
        return wait;
    }

    /** All that was written to this channel. */
    static String written(EmbeddedChannel channel) {
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            all.writeBytes(part);
            part.release();
        }
        return new String(ByteBufUtil.getBytes(all), StandardCharsets.US_ASCII);
    }

    static void says(EmbeddedChannel channel, String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    }

    @Override
    public Topology topology(String cluster) {
        return topology;
    }

    @Override
    public boolean isHeld(String cluster) {
        return held;
    }

    @Override
    public Duration hold(String cluster) {
        return hold;
    }

    @Override
    public Duration retry() {
        return Duration.ofSeconds(1);
    }

    @Override
    public Targets targets() {
        return targets;
    }

    @Override
    public void dial(Endpoint endpoint, Consumer<Dialled> done) {
        dials.add(new Dial(endpoint, done));
    }

    @Override
    public void hint(String cluster, Hint hint, Endpoint endpoint) {
        hints.add(hint);
    }

    @Override
    public @Nullable Refusal admit(TunnelWait wait) {
        return refusal;
    }

    @Override
    public void turnedAway(TunnelWait wait, @Nullable Refusal why) {
        turnedAway.add(why);
    }

    @Override
    public void opened(TunnelWait wait, Tunnel tunnel) {
        tunnels.add(tunnel);
    }

    @Override
    public void ended(Tunnel tunnel, CloseCause cause) {
        ended.add(cause);
    }
}
