package dev.trunkline.router;

/** What a source says of the leader's future. */
enum Outlook {
    /** Nothing is known that would end it. */
    STAYS,
    /** It is stopping, or is to hand over. */
    HANDS_OVER,
    /** Its lock has run out, so that the others may have elected another one by now. */
    ELECTION
}
