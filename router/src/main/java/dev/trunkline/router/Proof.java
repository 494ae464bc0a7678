package dev.trunkline.router;

import java.time.Duration;
import java.util.concurrent.CompletionException;

/** What came of the latest probe of one server. */
public sealed interface Proof {
    /** It answered. */
    record Answered(ProbeResult result) implements Proof {}

    /** It did not say what it is. */
    sealed interface Failed extends Proof {
        /** One sentence. */
        String why();
    }

    /** It certainly takes no connections now. */
    record Refused(String why) implements Failed {}

    /**
     * It is alive, but would not be asked.
     *
     * @param silent how long since it last answered or refused
     */
    record Rejected(String why, Duration silent) implements Failed {}

    /**
     * It did not answer, which may mean nothing.
     *
     * @param silent how long since it last answered or refused
     */
    record Unanswered(String why, Duration silent) implements Failed {}

    /** What a failed probe of a server means that has been silent for that long. */
    static Failed failed(Throwable failure, Duration silent) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        ProbeException.Kind kind = cause instanceof ProbeException e ? e.kind() : ProbeException.Kind.UNANSWERED;
        return switch (kind) {
            case REFUSED -> new Refused(why);
            case REJECTED -> new Rejected(why, silent);
            case UNANSWERED -> new Unanswered(why, silent);
        };
    }
}
