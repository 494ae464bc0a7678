package dev.trunkline.server.listen;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One channel of notifications, and who wants it. Loop-confined. */
final class Topic {
    private final String name;
    private final Set<ClientListening> subscribers = new LinkedHashSet<>();
    /** Clients whose LISTEN is held back until the shared connection listens here. */
    private final List<ClientListening> waiting = new ArrayList<>(1);
    /** The subscribers again, because one may leave while all are served; null when they have changed. */
    private ClientListening @Nullable [] audience;

    private Standing standing = Standing.NOT_ASKED;
    /** How many orders to listen here were sent whose fate is unknown. */
    private int claims;
    /** When it was last of use to somebody. */
    private long usedNanos;

    private long delivered;

    Topic(String name) {
        this.name = name;
    }

    /** What the shared connection has done about it. */
    enum Standing {
        NOT_ASKED,
        ASKED,
        LISTENING
    }

    String name() {
        return name;
    }

    Standing standing() {
        return standing;
    }

    void standing(Standing newStanding) {
        standing = newStanding;
    }

    void subscribe(ClientListening client) {
        subscribers.add(client);
        audience = null;
    }

    void unsubscribe(ClientListening client, long now) {
        subscribers.remove(client);
        audience = null;
        usedNanos = now;
    }

    void claim() {
        claims++;
    }

    void unclaim() {
        claims--;
    }

    void used(long now) {
        usedNanos = now;
    }

    /** True if nobody has had a use for it for so long. */
    boolean isIdleFor(long nanos, long now) {
        return subscribers.isEmpty() && waiting.isEmpty() && claims == 0 && now - usedNanos >= nanos;
    }

    void await(ClientListening client) {
        waiting.add(client);
    }

    void stopWaiting(ClientListening client) {
        waiting.remove(client);
    }

    /** Lets those go on who wait; those whose statement still cannot go wait again. */
    void wake() {
        List<ClientListening> woken = List.copyOf(waiting);
        waiting.clear();
        woken.forEach(ClientListening::wake);
    }

    /** Offers a copy of the message to each subscriber. It is lent. */
    void publish(ByteBuf message) {
        if (audience == null) {
            audience = subscribers.toArray(new ClientListening[0]);
        }
        for (ClientListening client : audience) {
            delivered++;
            client.offer(message.retainedDuplicate());
        }
    }

    int subscriberCount() {
        return subscribers.size();
    }

    long delivered() {
        return delivered;
    }
}
