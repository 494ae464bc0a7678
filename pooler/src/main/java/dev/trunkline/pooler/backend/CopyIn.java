package dev.trunkline.pooler.backend;

import dev.trunkline.pooler.backend.Replies.Kind;
import dev.trunkline.wire.ProtocolViolation;

/**
 * COPY FROM STDIN on one server, as far as it changes what is owed. Loop-confined, and pure. It owns the mode and the doubt
 * about Syncs; the entries are in the ring of {@link Replies}, from which it takes those that the server ignores.
 *
 * <p>While the server is in that mode it ignores Sync and Flush, so that clients may send them without knowing that their
 * statement was a COPY. A Sync that was sent before CopyDone was therefore ignored if the COPY succeeds. If it fails, the server
 * has read the Sync before it found the error, and ignored it, or will read and answer it now: nobody can tell beforehand.
 * Such a Sync is in doubt until something comes that answers a later message: a ReadyForQuery that nothing else accounts for is
 * its answer, anything else says that there is none. While that is open and nothing more is owed, {@link #isAmbiguous} says
 * that the server has to be asked, for anything at all.
 */
final class CopyIn {
    private final ReplyRing ring;
    private boolean running;
    /** Syncs that were ignored as a part of a COPY, unless it fails: they may then be answered behind its error. */
    private int doubtfulSyncs;
    /** CopyDone or CopyFail was sent for the COPY that has failed. */
    private boolean endSent;
    /** Data was sent behind the last of them: what fails may be this, and then the server has ignored the Sync. */
    private boolean dataBehindSync;

    CopyIn(ReplyRing ring) {
        this.ring = ring;
    }

    /** True while the server expects CopyData. */
    boolean isRunning() {
        return running;
    }

    /** True if the server may yet answer a Sync that was sent inside a COPY, or may have ignored it. */
    boolean isAmbiguous() {
        return doubtfulSyncs > 0 && !running;
    }

    /** True if a Sync that is sent now is read as a part of the COPY: it is then in doubt, and nothing is owed for it. */
    boolean takesSync() {
        if (!running || ring.holds(Kind.COPY_END)) {
            return false;
        }
        doubtfulSyncs++;
        dataBehindSync = false;
        return true;
    }

    /** CopyData is sent. */
    void takesData() {
        dataBehindSync |= doubtfulSyncs > 0;
    }

    /**
     * True if what is sent while the server may be ignoring it is of the next batch, as the client takes it, because the COPY has
     * failed before the Sync was read.
     *
     * @throws ProtocolViolation if that cannot be told
     */
    boolean isBehindSync(Kind kind) {
        endSent |= kind == Kind.COPY_END;
        if (!isAmbiguous() || ReplyRules.isMarker(kind)) {
            return false;
        }
        if (endSent || dataBehindSync) {
            throw inDoubt();
        }
        return true;
    }

    /** CopyInResponse: removes the Syncs that the server reads as part of the COPY which has just begun. */
    void begins() {
        running = true;
        while (ring.size() > 1 && (ring.kindAt(1) == Kind.COPY_DATA || ring.kindAt(1) == Kind.SYNC)) {
            if (ring.kindAt(1) == Kind.SYNC) {
                doubtfulSyncs++;
                dataBehindSync = false;
            } else {
                takesData();
            }
            ring.removeSecond();
        }
    }

    /** CommandComplete: the Syncs were ignored. */
    void succeeds() {
        running = false;
        noneInDoubt();
        if (ring.kindAt(0) == Kind.QUERY) {
            dropEnd();
        }
    }

    /** What was sent for the COPY that has ended must not be taken for the end of another one in the same query. */
    private void dropEnd() {
        while (ring.size() > 1 && ring.kindAt(1) == Kind.COPY_DATA) {
            ring.removeSecond();
        }
        if (ring.size() > 1 && ring.kindAt(1) == Kind.COPY_END) {
            ring.removeSecond();
        }
    }

    /** The server has left the mode, if it was in it, with the Syncs as much in doubt as before. */
    void stops() {
        running = false;
    }

    /** Something else than data was sent behind the Sync, on which the server would have ended the session, had it read both. */
    boolean goesOnBehindSync() {
        return isAmbiguous()
                && !dataBehindSync
                && ring.size() > 1
                && ring.kindAt(1) != Kind.SYNC
                && !ReplyRules.isMarker(ring.kindAt(1));
    }

    /**
     * A request of the extended protocol has failed that may have been the COPY.
     *
     * @param skipped how many entries the server ignores, the failed one included
     * @throws ProtocolViolation if it cannot be told which they are
     */
    void fails(int skipped) {
        endSent = ring.holds(Kind.COPY_END);
        if (isAmbiguous() && skipped > ring.countOfCopy()) {
            throw inDoubt();
        }
    }

    /** A Sync that was in doubt was answered. */
    void syncAnswered() {
        doubtfulSyncs--;
    }

    /** Something was answered that was sent behind the COPY: what was not answered before it never will be. */
    void laterAnswered() {
        if (!running) {
            noneInDoubt();
        }
    }

    private void noneInDoubt() {
        doubtfulSyncs = 0;
        dataBehindSync = false;
    }

    private static ProtocolViolation inDoubt() {
        return new ProtocolViolation("a Sync inside a failed COPY leaves open what of the rest is carried out");
    }
}
