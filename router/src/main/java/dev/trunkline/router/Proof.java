package dev.trunkline.router;

import java.util.concurrent.CompletionException;

/** What came of the latest probe of one server. */
public sealed interface Proof {
    /** It answered. */
    record Answered(ProbeResult result) implements Proof {}

    /** It certainly takes no connections now. */
    record Refused(String why) implements Proof {}

    /**
     * It did not answer, which may mean nothing.
     *
     * @param inARow how often since it last answered or refused, 1 or more
     */
    record Unanswered(String why, int inARow) implements Proof {}

    /** What a failed probe means, given how many before it went unanswered. */
    static Proof failed(Throwable failure, int unansweredBefore) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return cause instanceof ProbeException e && e.kind() == ProbeException.Kind.REFUSED
                ? new Refused(why)
                : new Unanswered(why, unansweredBefore + 1);
    }
}
