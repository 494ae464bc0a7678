package dev.trunkline.server.listen;

import dev.trunkline.router.sql.ListenCommand;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One client of a {@link SharedListener}: what it listens to, and what is on its way to it. Loop-confined. */
public final class ClientListening {
    private final SharedListener listener;
    private final Subscriber subscriber;
    private final long number;
    private final WaitLimit waitLimit;
    private final Inbox inbox;
    private final Set<Topic> topics = new LinkedHashSet<>(0);
    /** Orders that were sent and of which it is not known whether they were committed, in order. */
    private final ArrayDeque<Order> unsettled = new ArrayDeque<>(0);
    /** How many orders were sent. */
    private long sent;
    /** Where its statement waits; null while none does. */
    private @Nullable Topic awaited;

    private Waits waits = Waits.NO;
    private long waitingSince;
    private long lastOrder;
    private State state = State.OPEN;

    ClientListening(SharedListener listener, Subscriber subscriber, long number, WaitLimit waitLimit, Inbox inbox) {
        this.listener = listener;
        this.subscriber = subscriber;
        this.number = number;
        this.waitLimit = waitLimit;
        this.inbox = inbox;
    }

    /** Whether its statement has been held back, also if it is being tried again. */
    private enum Waits {
        NO,
        SINCE
    }

    private enum State {
        OPEN,
        /** Notifications came that had no room: nothing more is taken, and the client is about to be closed. */
        OVERFLOWED,
        LEFT
    }

    /** The order that carries out this command of this client. */
    public Order order(ListenCommand command) {
        lastOrder++;
        return new Order(number, lastOrder, command);
    }

    /** The statement that is sent in place of the client's own. */
    public byte[] text(Order order) {
        return listener.control().text(order);
    }

    /** This client's order in a text that {@link #text} has made; null for any other text. The buffer is borrowed. */
    public @Nullable Order read(ByteBuf buf, int index, int length) {
        Order order = listener.control().read(buf, index, length);
        return order == null || order.member() != number ? null : order;
    }

    /** True if orders were put into a text. The buffer is borrowed. */
    public boolean hasOrders(ByteBuf buf, int index, int length) {
        return listener.control().isNamed(buf, index, length);
    }

    /** True if an UNLISTEN has something to end, or may have. */
    public boolean isConcernedBy(ListenCommand command) {
        String channel = command.channel();
        return command.kind() == ListenCommand.Kind.UNLISTEN_ALL
                ? !hasNothing()
                : topics.stream().anyMatch(topic -> topic.name().equals(channel))
                        || unsettled.stream()
                                .anyMatch(order -> order.command().channel().equals(channel));
    }

    /**
     * True if the statement may be sent now. If not, it waits until the shared connection is ready for it, and the
     * {@link Subscriber} hears how that ends.
     */
    public boolean mayGo(Order order) {
        if (!order.isListen() && hasNothing()) {
            return true;
        }
        Topic topic = listener.required(order);
        if (topic.standing() == Topic.Standing.LISTENING) {
            waits = Waits.NO;
            return true;
        }
        await(topic);
        return false;
    }

    private void await(Topic topic) {
        topic.await(this);
        awaited = topic;
        if (waits == Waits.NO) {
            waits = Waits.SINCE;
            waitingSince = listener.now();
        }
    }

    /** True while a statement waits. */
    public boolean isWaiting() {
        return awaited != null;
    }

    /** The statement that waits is given up. */
    public void stopWaiting() {
        Topic topic = awaited;
        awaited = null;
        waits = Waits.NO;
        if (topic != null) {
            topic.stopWaiting(this);
        }
    }

    /** The order was sent to a server. */
    public void sent(Order order) {
        if (!order.isListen() && hasNothing()) {
            return;
        }
        sent++;
        unsettled.add(order);
        if (order.isListen()) {
            listener.topic(order.command().channel()).claim();
        }
    }

    /** The client listens to nothing any more, whatever it has sent before, as after DISCARD ALL. */
    public void unlistenAll() {
        while (!unsettled.isEmpty()) {
            release(unsettled.remove());
        }
        topics.forEach(topic -> topic.unsubscribe(this, listener.now()));
        topics.clear();
    }

    /** Delivers what waits, as far as the client takes it. To be called when the client is in no transaction. */
    public void pump() {
        if (inbox.isEmpty()) {
            return;
        }
        for (ByteBuf next = nextIfTaken(); next != null; next = nextIfTaken()) {
            subscriber.deliver(next);
        }
        subscriber.flush();
    }

    /** The client is gone. */
    public void leave() {
        if (state == State.LEFT) {
            return;
        }
        state = State.LEFT;
        stopWaiting();
        unlistenAll();
        inbox.close();
        listener.left(this, number);
    }

    /** To how many channels it listens. */
    public int channelCount() {
        return topics.size();
    }

    /** Takes a message: it is delivered now, or when the client is ready for it. */
    void offer(ByteBuf message) {
        if (state != State.OPEN) {
            message.release();
        } else if (inbox.isEmpty() && subscriber.isIdle() && subscriber.takesMore()) {
            subscriber.deliver(message);
            listener.written(this);
        } else if (!inbox.add(message)) {
            state = State.OVERFLOWED;
            listener.overflowed(this);
        }
    }

    void flush() {
        if (state != State.LEFT) {
            subscriber.flush();
        }
    }

    /** Ends the client whose inbox was full. */
    void close() {
        subscriber.overflowed(PgError.fatal(
                        SqlState.CONFIGURATION_LIMIT_EXCEEDED,
                        "terminating connection because too many notifications wait for the client")
                .detail("More than max_notification_queue bytes have not been delivered.")
                .hint("The client must read what it is sent, and must not stay in a transaction for long."));
    }

    /** Tells the client of a gap, if it listens and wants to know. */
    void warn(String gap) {
        if (!topics.isEmpty() && subscriber.wantsGapNotice()) {
            ByteBuf out = ByteBufAllocator.DEFAULT.buffer();
            PgError.warning(SqlState.WARNING, "notifications may have been lost")
                    .detail("Nobody listened " + gap + ".")
                    .hint("Look for what the notifications would have told.")
                    .writeTo(out);
            offer(out);
        }
    }

    /** The wait is over. */
    void wake() {
        awaited = null;
        subscriber.resumed();
    }

    /** Refuses the statement that has waited for too long. */
    void checkWait() {
        WaitLimit.Leader leader = listener.hasLeader() ? WaitLimit.Leader.KNOWN : WaitLimit.Leader.UNKNOWN;
        if (awaited != null && waitLimit.isOver(listener.now() - waitingSince, leader)) {
            stopWaiting();
            subscriber.refused(listener.refusal());
        }
    }

    /** The order was committed. One that is not expected any more is too late. */
    void committed(Order order) {
        for (Order expected : unsettled) {
            if (expected.number() == order.number()) {
                unsettled.removeFirstOccurrence(expected);
                release(expected);
                apply(expected);
                return;
            }
        }
    }

    /** Nobody will tell any more what became of what was sent: the client then listens rather than not. */
    void assumeCommitted() {
        while (!unsettled.isEmpty()) {
            Order order = unsettled.remove();
            release(order);
            if (order.isListen()) {
                apply(order);
            }
        }
    }

    boolean isSettled() {
        return unsettled.isEmpty() && awaited == null;
    }

    /** What is to be done if all that was committed until now has been told; null if nothing. */
    @Nullable
    Runnable settlement() {
        if (unsettled.isEmpty() || !subscriber.isIdle()) {
            return null;
        }
        long until = sent;
        return () -> rolledBack(until);
    }

    /** Those orders that were among the first {@code until} and have not been told of were rolled back. */
    private void rolledBack(long until) {
        for (long left = unsettled.size() - (sent - until); left > 0; left--) {
            release(unsettled.remove());
        }
    }

    private void apply(Order order) {
        ListenCommand command = order.command();
        switch (command.kind()) {
            case LISTEN -> {
                Topic topic = listener.topic(command.channel());
                topic.subscribe(this);
                topics.add(topic);
            }
            case UNLISTEN ->
                topics.removeIf(topic -> {
                    boolean meant = topic.name().equals(command.channel());
                    if (meant) {
                        topic.unsubscribe(this, listener.now());
                    }
                    return meant;
                });
            case UNLISTEN_ALL -> {
                topics.forEach(topic -> topic.unsubscribe(this, listener.now()));
                topics.clear();
            }
        }
    }

    private void release(Order order) {
        if (order.isListen()) {
            Topic topic = listener.topic(order.command().channel());
            topic.unclaim();
            topic.used(listener.now());
        }
    }

    /** True if it listens to nothing and has sent nothing that could change that. */
    public boolean hasNothing() {
        return topics.isEmpty() && unsettled.isEmpty();
    }

    private @Nullable ByteBuf nextIfTaken() {
        return subscriber.takesMore() ? inbox.poll() : null;
    }
}
