package dev.trunkline.router.discovery;

import dev.trunkline.router.Discovery;
import dev.trunkline.router.DiscoveryException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells news from noise: Patroni writes its members' positions at each of its loops, and what a read has shown already is no
 * news either. Confined to one thread.
 */
final class EtcdNews {
    private final Discovery.Listener listener;
    private final EtcdParser parser = new EtcdParser();
    /** By key; as many as a read has shown. */
    private Map<String, EtcdParser.Facts> members = new HashMap<>();
    /** The revision of the latest read. */
    private long shown;
    /** The revision of the wish for a switchover that was told last. */
    private long told;

    EtcdNews(Discovery.Listener listener) {
        this.listener = listener;
    }

    /** Somebody has read all keys, and knows them. A wish is told all the same: a picture of the cluster does not show it. */
    void read(EtcdSnapshot snapshot) {
        if (snapshot.revision() < shown) {
            return; // The answers to two reads have crossed.
        }
        shown = snapshot.revision();
        members = parser.facts(snapshot);
        EtcdValue failover = snapshot.keys().get(EtcdParser.FAILOVER);
        if (failover != null) {
            tellWish(failover);
        }
    }

    /** A watch tells what was written. */
    void heard(EtcdEvents events) {
        boolean changed = false;
        for (Map.Entry<String, EtcdValue> write : events.writes().entrySet()) {
            if (write.getValue().revision() > shown) {
                changed |= isNews(write.getKey(), write.getValue());
            }
        }
        if (changed) {
            listener.changed();
        }
    }

    private boolean isNews(String key, EtcdValue value) {
        return switch (key) {
            case EtcdParser.LEADER, EtcdParser.CONFIG -> true;
            case EtcdParser.FAILOVER -> !tellWish(value);
            default -> {
                String name = EtcdParser.memberName(key);
                yield name != null && isNewMember(key, name, value.bytes());
            }
        };
    }

    private boolean isNewMember(String key, String name, byte @Nullable [] value) {
        EtcdParser.Facts before = members.get(key);
        EtcdParser.Facts now = value == null ? null : facts(name, value);
        if (now == null) {
            members.remove(key);
            return true;
        }
        if (members.size() < PatroniNodes.MOST_SEEN || before != null) {
            members.put(key, now);
        }
        return !now.equals(before);
    }

    /** Null if it cannot be read: then the look that follows says so. */
    private EtcdParser.@Nullable Facts facts(String name, byte[] value) {
        try {
            return parser.facts(name, value);
        } catch (DiscoveryException _) {
            return null;
        }
    }

    /** False if there is none. */
    private boolean tellWish(EtcdValue failover) {
        EtcdParser.Wish wish = parser.wish(failover.bytes());
        if (wish == null) {
            return false;
        }
        if (failover.revision() > told) {
            told = failover.revision();
            listener.switchoverAsked(wish.leader(), wish.candidate());
        }
        return true;
    }
}
