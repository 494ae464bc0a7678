package dev.trunkline.pooler.backend;

import dev.trunkline.pooler.backend.Replies.Action;
import dev.trunkline.pooler.backend.Replies.Kind;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Where in its batches the sending to one server is: a batch is what is sent up to a message that ReadyForQuery answers.
 * Loop-confined, and pure. It owns the number of the batch, and what has been sent of it; what is owed is the ring's, by which
 * {@link Replies} numbers requests.
 */
final class BatchProgress {
    /** Begins anywhere, so that no number of another connection falls among the few that are not answered here. */
    private long number = ThreadLocalRandom.current().nextLong();
    /** What was sent last was of the extended protocol, so that a Sync has to follow. */
    private boolean open;
    /** The server has met an error, and no Sync was sent behind it yet. */
    private boolean skipping;
    /** Something was sent to be run in the batch that is under way. */
    private boolean running;
    /** The number of the last message of the extended protocol that no Sync stands behind; -1 for none. */
    private long lastUnclosed = -1;

    /**
     * A request was sent that the server does not ignore.
     *
     * @param request its number
     */
    void sent(Kind kind, Action action, long request) {
        skipping = false;
        open = ReplyRules.opensBatch(kind) || (open && ReplyRules.isMarker(kind));
        running = !ReplyRules.endsWithReady(kind) && (running || (kind == Kind.EXECUTE && action == Action.FORWARD));
        if (kind == Kind.SYNC) {
            lastUnclosed = -1;
        } else if (ReplyRules.opensBatch(kind)) {
            lastUnclosed = request;
        }
        number += ReplyRules.endsWithReady(kind) ? 1 : 0;
    }

    /** The server has ignored the Syncs behind this request, as a part of its COPY: it counts as the last that was sent. */
    void endsWith(Kind last) {
        open = ReplyRules.opensBatch(last);
    }

    /** The server ignores what it is sent, up to a Sync that was not sent yet. */
    void skips() {
        skipping = true;
        open = false;
    }

    /** The server has met a Sync, and ignores nothing more. */
    void readsOn() {
        skipping = false;
    }

    /** The number of the batch that is being sent. */
    long number() {
        return number;
    }

    /** True while the server ignores what it is sent, up to a Sync that was not sent yet. */
    boolean isSkipping() {
        return skipping;
    }

    /** True while a Sync has yet to be sent, also if the server has met an error. */
    boolean isOpen() {
        return open || skipping;
    }

    /** True if an Execute of the client's was sent in the batch that is under way. */
    boolean isRunning() {
        return running;
    }

    /**
     * True if the server may ignore what it is sent now, because something fails that no Sync stands behind.
     *
     * @param answering the number of the request that is answered next
     */
    boolean mayBeSkipping(long answering) {
        return isOpen() || lastUnclosed >= answering;
    }
}
