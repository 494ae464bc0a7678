package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.router.pools.RoutedPool;
import dev.trunkline.router.replay.LastWrite;
import dev.trunkline.server.config.Consistency;
import dev.trunkline.server.state.DatabaseCounters;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What one client's reads must have of its writes, and which replicas have it. Loop-confined; a look allocates nothing.
 *
 * <p>Of its writes only the moment of the latest is known. Only while the client wants it they are noted at all: from when it
 * begins to, everything before counts as written just then.
 */
final class Freshness implements Predicate<RoutedPool> {
    private final Consistency configured;
    private final WriteMoments moments;
    private final LongSupplier ticker;
    private final DatabaseCounters counters;
    private final LastWrite lastWrite = new LastWrite();
    private @Nullable Parameters seen;
    private Consistency consistency;
    /** The latest read was for a replica, and has gone to the leader for want of one that would do. */
    private boolean kept;

    Freshness(SessionTraits traits, SessionHome home) {
        this.configured = traits.reads().consistency();
        this.consistency = configured;
        this.moments = home.writes();
        this.ticker = home.ticker();
        this.counters = home.counters();
    }

    /** These are the client's parameters now. Usually the same object as before, so that a look is one comparison. */
    void follow(Parameters wished) {
        if (wished.equals(seen)) {
            return;
        }
        boolean began = seen == null;
        Consistency before = consistency;
        seen = wished;
        consistency = of(wished.get(OwnSetting.CONSISTENCY.key()));
        if (!began && before != consistency) {
            written();
        }
    }

    /** Something was committed on the leader, or may have been. */
    void written() {
        if (consistency == Consistency.SESSION) {
            moments.acknowledged(lastWrite);
        }
    }

    /** Where reads go in any case. */
    Consistency consistency() {
        return consistency;
    }

    /**
     * True if it matters where it reads: a replica may not have what it has written, or only the leader will do. To be asked once for each
     * read: the sampler is told that there is one.
     */
    boolean isChoosy() {
        kept = false;
        if (consistency == Consistency.SESSION && lastWrite.isAny()) {
            moments.wished(ticker.getAsLong());
            return true;
        }
        return consistency == Consistency.LEADER;
    }

    /** True if what the client has written is on the server of this pool. */
    @Override
    public boolean test(RoutedPool replica) {
        return consistency != Consistency.SESSION || lastWrite.isIn(replica.coverage());
    }

    /** The read goes to the leader though there are replicas. */
    void keep() {
        kept = true;
        if (consistency == Consistency.SESSION) {
            counters.staleReadAvoided();
        }
    }

    /** True if the latest read that this was asked for went to the leader for it. */
    boolean isKept() {
        return kept;
    }

    /** What could not be checked when it was set, and means nothing, is as if it was not set. */
    private Consistency of(@Nullable String value) {
        return switch (value == null ? "" : value.toLowerCase(Locale.ROOT)) {
            case "session" -> Consistency.SESSION;
            case "eventual" -> Consistency.EVENTUAL;
            case "leader" -> Consistency.LEADER;
            default -> configured;
        };
    }
}
