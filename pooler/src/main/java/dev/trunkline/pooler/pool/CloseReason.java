package dev.trunkline.pooler.pool;

/** Why a pooled connection was closed. The text follows "closed because" in logs. */
public enum CloseReason {
    LIFETIME("it reached its maximal lifetime"),
    IDLE("it was idle for too long"),
    SINGLE_USE("the pool keeps no connection after its use"),
    REPLACED("a client needed one of another kind in its place"),
    RETARGETED("the pool now leads to another server"),
    EVICTED("the pool was told to replace its connections"),
    SERVER_LOST("the server closed it or became unreachable"),
    DIRTY("it was returned in a state that cannot be cleaned"),
    CHECK_FAILED("it did not pass the check of idle connections"),
    POOL_CLOSED("the pool was closed"),
    LIMIT_LOWERED("a limit of connections was lowered"),
    GIVEN_UP("another pool under the same limit needed its place"),
    CLIENT_LOST_IN_TRANSACTION("its client left in the middle of a transaction"),
    CANCEL_UNCERTAIN("a cancel request may still reach it"),
    SESSION_STATE("its last client has left state that only the end of the session clears"),
    RESET_FAILED("the statement that resets it failed"),
    PROTOCOL("the server broke the protocol");

    private final String text;

    CloseReason(String text) {
        this.text = text;
    }

    /** A clause that completes "closed because". */
    public String text() {
        return text;
    }
}
