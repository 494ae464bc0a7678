package dev.trunkline.router.sql;

/** What a statement may leave behind in the session of the server that runs it. */
public enum Trace {
    /** Temporary tables, sequences, views, functions and types. */
    TEMPORARY_OBJECT("temporary objects", Proof.SERVER, Remedy.DISCARD),
    /** A cursor that outlives its transaction. */
    HOLD_CURSOR("a cursor WITH HOLD", Proof.SERVER, Remedy.DISCARD),
    ADVISORY_LOCK("a session advisory lock", Proof.SERVER, Remedy.DISCARD),
    LISTEN("LISTEN", Proof.SERVER, Remedy.DISCARD),
    /** A statement prepared by SQL. */
    PREPARED_STATEMENT("a statement prepared by SQL", Proof.SERVER, Remedy.DISCARD),
    /** More prepared statements than are kept for a client. */
    STATEMENTS("more prepared statements than are carried over", Proof.NONE, Remedy.DISCARD),
    /** LOAD: the code stays in the process. */
    LIBRARY("LOAD", Proof.NONE, Remedy.CLOSE),
    /** The state of random(). */
    SEED("a random seed", Proof.NONE, Remedy.CLOSE),
    /** A connection or a role of an extension, as dblink_connect leaves. */
    EXTENSION("state of an extension", Proof.NONE, Remedy.CLOSE),
    /** A backup that goes on until the session ends, a slot that may be temporary. */
    REPLICATION("a backup or a replication slot", Proof.NONE, Remedy.CLOSE),
    /** currval or lastval: what the session has drawn from sequences. */
    SEQUENCE("values drawn from sequences", Proof.NONE, Remedy.DISCARD),
    /** A setting whose name the text does not show. */
    UNKNOWN_SETTING("a setting whose name is not known", Proof.NONE, Remedy.DISCARD),
    /** Settings, where they do not follow the client. */
    SETTING("settings", Proof.NONE, Remedy.DISCARD),
    /** More settings, or longer ones, than are kept for a client. */
    LARGE_SETTINGS("more settings than are carried over", Proof.NONE, Remedy.DISCARD),
    /** Not all of a text was read: anything may have happened. */
    UNREAD_TEXT("a text that is too long to be read", Proof.NONE, Remedy.CLOSE);

    /** Whether the server can be asked if the state is there. */
    public enum Proof {
        SERVER,
        /** It lasts until DISCARD ALL or the end of the session. */
        NONE
    }

    /** What makes a connection clean of it. */
    public enum Remedy {
        /** DISCARD ALL. */
        DISCARD,
        /** Only the end of the connection. */
        CLOSE
    }

    private final String text;
    private final Proof proof;
    private final Remedy remedy;

    Trace(String text, Proof proof, Remedy remedy) {
        this.text = text;
        this.proof = proof;
        this.remedy = remedy;
    }

    public Remedy remedy() {
        return remedy;
    }

    /** As logs and errors name it. */
    public String text() {
        return text;
    }

    public Proof proof() {
        return proof;
    }
}
