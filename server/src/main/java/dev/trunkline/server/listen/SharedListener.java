package dev.trunkline.server.listen;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trunkline.pooler.backend.OwnQuery;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.pooler.pool.ConnectFailure;
import dev.trunkline.pooler.pool.Connector;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens on one server connection for all clients of one user on one database. Loop-confined.
 *
 * <h2>How a client comes to listen</h2>
 *
 * <ol>
 *   <li>Its LISTEN is held back until the shared connection listens on that channel ({@link Topic.Standing#LISTENING}).
 *   <li>It goes to the client's own server connection as a NOTIFY on the {@link ControlChannel}, with an {@link Order} in it. So
 *       the server itself decides: if the transaction or its savepoint is rolled back, there is no notification.
 *   <li>The shared connection receives the order. Notifications come in the order of commits, so that from there on exactly
 *       those follow which were committed after the client's transaction, and these the client gets.
 * </ol>
 *
 * UNLISTEN goes the same way.
 *
 * <h2>When the connection is lost</h2>
 *
 * An order that was sent and did not come back may have been committed: the client is then taken to listen, because a
 * notification too many does less harm than one that is lost. The connection comes back, on the new leader if the leader has moved,
 * listens again on all channels, and tells those who asked for it that there was a gap.
 */
public final class SharedListener implements Link.Owner {
    private static final Logger LOG = LoggerFactory.getLogger(SharedListener.class);

    /** For how long a channel or connection that nobody uses is kept. */
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** Sent first: names and payloads come in UTF-8, and nothing ends a session that waits for long. */
    private static final String SET_UP =
            "SELECT pg_catalog.set_config('application_name', 'trunkline listener', false),"
                    + " pg_catalog.set_config('client_encoding', 'UTF8', false);"
                    + " SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings"
                    + " WHERE name IN ('statement_timeout', 'idle_session_timeout', 'transaction_timeout')";

    private final String name;
    private final LongSupplier ticker;
    private final long maxInboxBytes;
    private final ControlChannel control;
    private final Topic controlTopic;
    private final Link link;
    private final Map<String, Topic> topics = new LinkedHashMap<>();
    private final Map<Long, ClientListening> members = new LinkedHashMap<>();
    private final List<ClientListening> unflushed = new ArrayList<>();
    private final List<ClientListening> overflowing = new ArrayList<>();
    private final ListenCounters counters = new ListenCounters();
    /** A query whose answer settles what was sent before it is under way. */
    private boolean settling;

    private long lastMember;

    /**
     * A listener without clients and without a connection.
     *
     * @param name user and database, for the log
     * @param random gives a name that nobody can guess
     */
    public SharedListener(String name, LongSupplier ticker, RandomGenerator random, Limits limits) {
        this.name = name;
        this.ticker = ticker;
        this.maxInboxBytes = limits.maxInboxBytes();
        this.control = new ControlChannel(random);
        this.controlTopic = new Topic(control.name());
        controlTopic.used(ticker.getAsLong());
        this.link = new Link(name, this, ticker, new Link.Delays(limits.retryNanos(), limits.checkNanos()));
    }

    /**
     * What the configuration says.
     *
     * @param maxInboxBytes most bytes that wait for one client
     * @param retryNanos between two attempts to connect
     * @param checkNanos how long the connection may be silent
     */
    public record Limits(long maxInboxBytes, long retryNanos, long checkNanos) {}

    /** A client that may want to listen. It must {@link ClientListening#leave}. */
    public ClientListening join(Subscriber subscriber, WaitLimit waitLimit) {
        lastMember++;
        ClientListening client = new ClientListening(this, subscriber, lastMember, waitLimit, new Inbox(maxInboxBytes));
        members.put(lastMember, client);
        return client;
    }

    /** The leader has moved; null while there is none. */
    public void follow(@Nullable Connector<ServerConnection> leader) {
        link.aim(leader);
    }

    /** About once a second. */
    public void housekeep() {
        link.tick();
        List.copyOf(members.values()).forEach(ClientListening::checkWait);
        forgetIdleTopics();
        settle();
    }

    /** Ends the connection. Clients have left. */
    public void close() {
        rest(CloseReason.POOL_CLOSED);
    }

    private void rest(CloseReason reason) {
        link.rest(reason);
        counters.rests();
    }

    public ListenCounters counters() {
        return counters;
    }

    /** What is listened to, for those who look. */
    public List<ChannelView> channels() {
        return topics.values().stream()
                .map(topic -> new ChannelView(topic.name(), topic.subscriberCount(), topic.delivered()))
                .toList();
    }

    /**
     * One channel as it is now.
     *
     * @param clients how many listen
     * @param delivered notifications handed to clients, each client counted
     */
    public record ChannelView(String channel, int clients, long delivered) {}

    ControlChannel control() {
        return control;
    }

    long now() {
        return ticker.getAsLong();
    }

    /** What has to be listened to before an order may be sent; asked for if it was not yet. */
    Topic required(Order order) {
        link.want();
        Topic topic = order.isListen() ? topic(order.command().channel()) : controlTopic;
        topic.used(now());
        if (link.isConnected() && topic.standing() == Topic.Standing.NOT_ASKED) {
            listen(List.of(topic), topic::wake);
        }
        return topic;
    }

    Topic topic(String channel) {
        return topics.computeIfAbsent(channel, Topic::new);
    }

    void left(ClientListening client, long member) {
        members.remove(member);
        unflushed.remove(client);
        overflowing.remove(client);
    }

    /** The client was written to and has to be flushed when all that has arrived is dealt with. */
    void written(ClientListening client) {
        unflushed.add(client);
    }

    /** The client has to be closed, once nobody is in the middle of handing out. */
    void overflowed(ClientListening client) {
        counters.overflowed();
        overflowing.add(client);
    }

    /** True while a leader is known. */
    boolean hasLeader() {
        return link.hasServer();
    }

    /** Why a statement had to wait in vain. */
    PgError refusal() {
        ConnectFailure failure = link.lastFailure();
        if (!link.hasServer()) {
            return PgError.error(SqlState.CANNOT_CONNECT_NOW, "no leader is available")
                    .detail("LISTEN needs a connection to the leader, which all clients share.");
        }
        boolean full = failure != null
                && failure.cause() instanceof PgError said
                && said.code().equals(SqlState.TOO_MANY_CONNECTIONS.code());
        return PgError.error(
                        full ? SqlState.TOO_MANY_CONNECTIONS : SqlState.CANNOT_CONNECT_NOW,
                        "the connection that listens for all clients could not be opened in time")
                .detail(
                        failure == null
                                ? "It is being opened."
                                : "The last attempt failed: " + failure.message() + ".");
    }

    @Override
    public void connected() {
        link.ask(SET_UP, error -> given("to set itself up", error));
        List<Topic> all = new ArrayList<>(topics.values());
        all.add(controlTopic);
        listen(all, () -> listening(all));
    }

    private void listening(List<Topic> all) {
        all.forEach(Topic::wake);
        String gap = counters.listening();
        if (gap != null) {
            LOG.warn("{} listens again; notifications may have been lost {}", name, gap);
            List.copyOf(members.values()).forEach(client -> client.warn(gap));
            readEnd();
        } else {
            LOG.info("{} listens on a connection that its clients share", name);
        }
    }

    @Override
    public void notified(FrameCursor frame) {
        ByteBuf buf = frame.buffer();
        int start = frame.bodyIndex() + 4;
        int end = frame.bodyIndex() + frame.bodyLength();
        int nul = start > end ? -1 : buf.indexOf(start, end, (byte) 0);
        if (nul < 0) {
            return;
        }
        String channel = buf.toString(start, nul - start, UTF_8);
        if (channel.equals(control.name())) {
            ordered(Order.of(buf.toString(nul + 1, Math.max(0, end - nul - 2), UTF_8)));
            return;
        }
        Topic topic = topics.get(channel);
        if (topic != null && topic.subscriberCount() > 0) {
            publish(topic, buf, frame);
        }
    }

    /** Copies the message once: what waits for a slow client must not keep the rest of a read in memory. */
    private void publish(Topic topic, ByteBuf buf, FrameCursor frame) {
        int header = 5;
        ByteBuf copy = buf.alloc().buffer(header + frame.bodyLength());
        copy.writeBytes(buf, frame.bodyIndex() - header, header + frame.bodyLength());
        try {
            counters.delivered(topic.subscriberCount());
            topic.publish(copy);
        } finally {
            copy.release();
        }
    }

    private void ordered(@Nullable Order order) {
        ClientListening client = order == null ? null : members.get(order.member());
        if (order != null && client != null) {
            client.committed(order);
        }
    }

    @Override
    public void readEnd() {
        List<ClientListening> written = List.copyOf(unflushed);
        unflushed.clear();
        written.forEach(ClientListening::flush);
        List<ClientListening> full = List.copyOf(overflowing);
        overflowing.clear();
        full.forEach(ClientListening::close);
    }

    @Override
    public void lost() {
        settling = false;
        counters.lost();
        controlTopic.standing(Topic.Standing.NOT_ASKED);
        topics.values().forEach(topic -> topic.standing(Topic.Standing.NOT_ASKED));
        members.values().forEach(ClientListening::assumeCommitted);
    }

    private void listen(List<Topic> wanted, Runnable done) {
        StringBuilder query = new StringBuilder();
        for (Topic topic : wanted) {
            topic.standing(Topic.Standing.ASKED);
            query.append("LISTEN ").append(quoted(topic)).append(';');
        }
        link.ask(query.toString(), error -> {
            if (given("to listen", error)) {
                wanted.forEach(topic -> topic.standing(Topic.Standing.LISTENING));
                done.run();
            }
        });
    }

    private boolean given(String what, @Nullable PgError error) {
        if (error != null) {
            LOG.warn("{}: the server does not allow the connection that listens {}: {}", name, what, error);
            link.drop(CloseReason.DIRTY);
        }
        return error == null;
    }

    private static String quoted(Topic topic) {
        return '"' + topic.name().replace("\"", "\"\"") + '"';
    }

    private void forgetIdleTopics() {
        long now = now();
        StringBuilder query = new StringBuilder();
        topics.values().removeIf(topic -> {
            boolean idle = topic.isIdleFor(LINGER_NANOS, now);
            if (idle && topic.standing() != Topic.Standing.NOT_ASKED) {
                query.append("UNLISTEN ").append(quoted(topic)).append(';');
            }
            return idle;
        });
        if (!query.isEmpty()) {
            link.ask(query.toString(), error -> given("to unlisten", error));
        }
        if (link.isWanted() && topics.isEmpty() && controlTopic.isIdleFor(LINGER_NANOS, now) && isSettled()) {
            rest(CloseReason.IDLE);
        }
    }

    private boolean isSettled() {
        return members.values().stream().allMatch(ClientListening::isSettled);
    }

    /**
     * Finds out which orders were rolled back: the server tells of a commit before it answers the client, so that an order
     * which has not come by the end of a later query never will.
     */
    private void settle() {
        List<Runnable> settlements = members.values().stream()
                .map(ClientListening::settlement)
                .filter(Objects::nonNull)
                .toList();
        if (!settling && !settlements.isEmpty() && controlTopic.standing() == Topic.Standing.LISTENING) {
            settling = true;
            OwnQuery done = _ -> {
                settling = false;
                settlements.forEach(Runnable::run);
            };
            link.ask("", done);
        }
    }
}
