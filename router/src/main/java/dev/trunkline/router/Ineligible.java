package dev.trunkline.router;

/** Why a member gets no reads. */
public enum Ineligible {
    /** Its source calls it the leader, but it was not accepted as such. */
    UNACCEPTED_LEADER("called leader, not accepted"),
    /** Its source says that it does not take connections now. */
    NOT_SERVING("not serving"),
    /** It carries the tag noloadbalance. */
    NO_LOAD_BALANCE("noloadbalance"),
    /** It has not been asked yet. */
    UNPROVEN("not yet asked"),
    /** It did not answer when it was asked last, and another one did: it is asked again. */
    SILENT("did not answer, asked again"),
    /** It refuses connections, has been silent for too long, or would not be asked when it was new. */
    UNREACHABLE("unreachable"),
    /** It says that it is not in recovery: a leader of the past that nobody follows. */
    NOT_IN_RECOVERY("not in recovery"),
    /** It is further behind than {@code max_replica_lag} or {@code max_replica_lag_time}, or was and has not made up for it. */
    LAGGING("lagging");

    private final String text;

    Ineligible(String text) {
        this.text = text;
    }

    /** A few words for the console and the log. */
    public String text() {
        return text;
    }
}
