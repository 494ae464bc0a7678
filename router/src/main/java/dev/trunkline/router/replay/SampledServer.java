package dev.trunkline.router.replay;

import dev.trunkline.router.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * One server in the eyes of the sampler: its link, what it has said of itself on it, and the question that is under way.
 * Loop-confined.
 */
final class SampledServer {
    /** A link whose question is not answered for so long is given up. A server cannot be started again unseen within this time. */
    static final long ANSWER_LIMIT_NANOS = 1_000_000_000;

    private static final long REOPEN_NANOS = 1_000_000_000;

    private final Endpoint endpoint;
    private final WalLink.Opener opener;
    private final Listener listener;
    private @Nullable WalLink link;
    private WalWord.@Nullable Standing standing;
    private @Nullable Attempt attempt;
    private boolean asking;
    private long askedAt;
    private long lostAt;
    private boolean wasLost;

    SampledServer(Endpoint endpoint, WalLink.Opener opener, Listener listener) {
        this.endpoint = endpoint;
        this.opener = opener;
        this.listener = listener;
    }

    /** Hears what servers say. */
    interface Listener {
        /** @param asked the time that was given when the question was sent */
        void told(SampledServer server, long asked, WalWord word);

        /** The server may have been restarted: what was known of it is void. */
        void lost(SampledServer server, String why);
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** What holds as long as it is not null; null as long as it was not asked on the present link. */
    WalWord.@Nullable Standing standing() {
        return standing;
    }

    /** True if it has a link and no question is under way. */
    boolean isFree() {
        return link != null && !asking;
    }

    /** When it was asked last. */
    long askedAt() {
        return askedAt;
    }

    /** Opens a link if there is none; gives one up that does not answer. To be called at each turn. */
    void check(long now) {
        if (asking && now - askedAt > ANSWER_LIMIT_NANOS) {
            end(now);
            listener.lost(this, "no answer in time");
        }
        if (link == null && attempt == null && (!wasLost || now - lostAt > REOPEN_NANOS)) {
            attempt = new Attempt(now);
            opener.open(endpoint, attempt);
        }
    }

    /**
     * Asks; only if it is free.
     *
     * @param now is told again with the answer
     */
    void ask(WalQuestion question, long now) {
        WalLink open = link;
        Attempt asker = attempt;
        if (open != null && !asking) {
            asking = true;
            askedAt = now;
            open.ask(question, word -> answered(asker, now, word));
        }
    }

    /** Closes its link; it says nothing more. */
    void close() {
        if (link != null) {
            link.close();
        }
        link = null;
        attempt = null;
        standing = null;
        asking = false;
    }

    private void answered(@Nullable Attempt asker, long asked, WalWord word) {
        if (asker != attempt) {
            return;
        }
        asking = false;
        if (word.standing() != null) {
            standing = word.standing();
        }
        listener.told(this, asked, word);
    }

    private void end(long now) {
        close();
        lostAt = now;
        wasLost = true;
    }

    /** One link, from its opening to its end. One that has come too late is closed. */
    private final class Attempt implements WalLink.Owner {
        private final long begun;

        Attempt(long begun) {
            this.begun = begun;
        }

        @Override
        public void opened(WalLink opened) {
            if (attempt == this) {
                link = opened;
            } else {
                opened.close();
            }
        }

        @Override
        public void lost(String why) {
            if (attempt == this) {
                end(begun);
                listener.lost(SampledServer.this, why);
            }
        }
    }
}
