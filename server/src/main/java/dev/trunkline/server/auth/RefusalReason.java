package dev.trunkline.server.auth;

/** Why a client was refused: for the log alone, the client must not learn it. */
public enum RefusalReason {
    WRONG_PASSWORD("wrong password"),
    UNKNOWN_USER("no such user"),
    UNUSABLE_SECRET("the stored secret does not fit auth_type");

    private final String text;

    RefusalReason(String text) {
        this.text = text;
    }

    /** For a line of the log. */
    public String text() {
        return text;
    }
}
