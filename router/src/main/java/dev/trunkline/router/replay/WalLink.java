package dev.trunkline.router.replay;

import dev.trunkline.router.Endpoint;
import java.util.function.Consumer;

/**
 * One connection to one server, on which the sampler asks. Confined to the sampler's loop. A server cannot be restarted without that
 * its connections end.
 */
public interface WalLink {
    /** Asks; one question at a time. The answer never comes inside of this call, and not at all if the link is lost before. */
    void ask(WalQuestion question, Consumer<WalWord> answer);

    /** Closes it. Nothing comes from it any more, the news of its end included. Without effect if it is lost. */
    void close();

    /** Opens links. Confined to the sampler's loop. */
    interface Opener {
        /** Opens one. {@code owner} hears of it in a later task. */
        void open(Endpoint server, Owner owner);
    }

    /** Who has a link opened. */
    interface Owner {
        void opened(WalLink link);

        /** It could not be opened, or has ended, or a question has failed; it is closed. */
        void lost(String why);
    }
}
