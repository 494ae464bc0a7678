package dev.trunkline.pooler.backend;

import dev.trunkline.pooler.pool.CloseReason;
import org.jspecify.annotations.Nullable;

/**
 * What speaks against lending a server connection again: a reason that stays, once there is one, and cancel requests under way,
 * which could hit the next client. Loop-confined; it belongs to one {@link ServerConnection}, which adds what the outstanding
 * replies and the socket have to say.
 */
final class Fitness {
    /** Why it must not be lent again; null while it may. */
    private @Nullable CloseReason dirt;
    /** Cancel requests that were sent for this session and not yet seen to have been carried out. */
    private int cancels;
    /** The client has asked again while one was under way. */
    private boolean cancelAgain;

    /** The first reason that was given, or null. */
    @Nullable
    CloseReason dirt() {
        return dirt;
    }

    /** The connection must not be lent again. The first reason stays. */
    void soil(CloseReason reason) {
        if (dirt == null) {
            dirt = reason;
        }
    }

    int cancels() {
        return cancels;
    }

    /**
     * One is wanted. False if one is under way, behind which another is then wanted: a client costs one connection at a time
     * however often it asks.
     */
    boolean cancelBegun() {
        if (cancels > 0) {
            cancelAgain = true;
            return false;
        }
        cancels++;
        return true;
    }

    /**
     * One has ended. Where it is uncertain if the server has dealt with it, the signal may still come and hit whoever is served
     * then.
     *
     * @return true if another was asked for meanwhile, and may be sent
     */
    boolean cancelEnded(Canceller.Outcome outcome) {
        cancels--;
        if (outcome == Canceller.Outcome.UNCERTAIN) {
            soil(CloseReason.CANCEL_UNCERTAIN);
        }
        boolean again = cancelAgain && outcome == Canceller.Outcome.DELIVERED;
        cancelAgain = false;
        return again;
    }
}
