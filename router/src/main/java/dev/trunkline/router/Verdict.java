package dev.trunkline.router;

/** Why the leader of a topology is who it is, or why there is none. */
public enum Verdict {
    /** The source names it and it says itself that it is not in recovery. */
    PROVEN("named and proven"),
    /** The source says nothing, or nothing new, but the present leader still proves itself on its timeline. */
    KEPT("still proves itself"),
    /** The present leader did not answer; it is given another chance before that is believed. */
    PATIENT("did not answer, asked again"),
    /** The source names the present leader, which is alive but would not be asked. */
    TRUSTED("named, alive, but would not be asked"),
    /** Nothing is known yet, or the source gives no answer and nobody was leader. */
    NO_VIEW("the source does not answer"),
    /** The source names no leader. */
    NOT_NAMED("no leader is named"),
    /** The source says that the leader so far is a replica now, and names nobody else. */
    DEMOTED("the leader was demoted"),
    /** The source names two leaders on one timeline. */
    AMBIGUOUS("two leaders are named"),
    /** Who is named leader has not been asked yet. */
    UNPROVEN("the leader is not yet asked"),
    /** Who is named leader says that it is in recovery. */
    IN_RECOVERY("the leader is in recovery"),
    /** Who is named leader is on a timeline that is already past. */
    OLD_TIMELINE("the leader is on an old timeline"),
    /** The present leader went on to a new timeline while the source says nothing. */
    UNEXPECTED_TIMELINE("the leader changed its timeline unannounced"),
    /** Who is named leader refuses connections or does not answer. */
    UNREACHABLE("the leader is unreachable");

    private final String text;

    Verdict(String text) {
        this.text = text;
    }

    /** A few words for the console and the log. */
    public String text() {
        return text;
    }

    /** Whether the cluster should be looked at again soon. */
    public boolean isSuspect() {
        return this != PROVEN && this != KEPT && this != TRUSTED;
    }
}
