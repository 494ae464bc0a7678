package dev.trunkline.router.sql;

/** What a text of SQL wants of the transaction, as far as it is certain. */
public enum TxIntent {
    /** Begins a transaction that says itself that it only reads, and does nothing else. */
    BEGIN_READ_ONLY,
    /** Begins a transaction that says itself that it may write, and does nothing else. */
    BEGIN_READ_WRITE,
    /** Begins a transaction with the session's default access mode, and does nothing else. */
    BEGIN,
    /** Makes later transactions of the session read only unless they say otherwise. */
    SET_DEFAULT_READ_ONLY_ON,
    /** Lets later transactions of the session write unless they say otherwise. */
    SET_DEFAULT_READ_ONLY_OFF,
    /** Sets the default access mode back to what the session began with: its startup option, else off. */
    RESET_DEFAULT_READ_ONLY,
    /** Ends the transaction and begins no other. */
    END,
    /** Blanks, comments and semicolons: nothing is done. */
    EMPTY,
    /** Anything else, and whatever is not certain or has not arrived to its end: only the leader is right for it. */
    OTHER
}
