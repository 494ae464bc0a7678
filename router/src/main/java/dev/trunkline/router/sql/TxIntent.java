package dev.trunkline.router.sql;

/** What a text of SQL wants of the transaction, as far as it is certain. */
public enum TxIntent {
    /** Begins a transaction that says itself that it only reads, and does nothing else. */
    BEGIN_READ_ONLY,
    /** Begins a transaction that says itself that it may write, and does nothing else. */
    BEGIN_READ_WRITE,
    /** Begins a transaction with the session's default access mode, and does nothing else. */
    BEGIN,
    /** The same, and it is serializable, which a standby cannot be. */
    BEGIN_SERIALIZABLE,
    /** Begins a transaction that says itself that it only reads and is serializable, and does nothing else. */
    BEGIN_SERIALIZABLE_READ_ONLY,
    /** Makes later transactions of the session read only unless they say otherwise. */
    SET_DEFAULT_READ_ONLY_ON,
    /** Lets later transactions of the session write unless they say otherwise. */
    SET_DEFAULT_READ_ONLY_OFF,
    /** Sets the default access mode back to what the session began with: its startup option, else off. */
    RESET_DEFAULT_READ_ONLY,
    /** Sets, sets back or shows a setting that is the proxy's own, and does nothing else. */
    OWN_SETTING,
    /** Ends the transaction and begins no other. */
    END,
    /** Blanks, comments and semicolons: nothing is done. */
    EMPTY,
    /** Anything else, and whatever is not certain or has not arrived to its end: only the leader is right for it. */
    OTHER;

    /** True if it begins a transaction, and does nothing else. */
    public boolean begins() {
        return switch (this) {
            case BEGIN, BEGIN_READ_ONLY, BEGIN_READ_WRITE, BEGIN_SERIALIZABLE, BEGIN_SERIALIZABLE_READ_ONLY -> true;
            default -> false;
        };
    }

    /** True if it begins a transaction that says itself that it only reads. */
    public boolean isReadOnly() {
        return this == BEGIN_READ_ONLY || this == BEGIN_SERIALIZABLE_READ_ONLY;
    }

    /** True if it begins a transaction that says itself that it is serializable, and not that it may write. */
    public boolean isSerializable() {
        return this == BEGIN_SERIALIZABLE || this == BEGIN_SERIALIZABLE_READ_ONLY;
    }

    /** True if it does nothing but set, set back or show what says where later transactions go. */
    public boolean isAboutRouting() {
        return switch (this) {
            case OWN_SETTING, SET_DEFAULT_READ_ONLY_ON, SET_DEFAULT_READ_ONLY_OFF, RESET_DEFAULT_READ_ONLY -> true;
            default -> false;
        };
    }
}
