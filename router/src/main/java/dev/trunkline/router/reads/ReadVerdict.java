package dev.trunkline.router.reads;

/**
 * What a text of SQL was proven to be.
 *
 * @param detail what decided it, as a function's name; never a literal of the text, and empty if there is nothing to name
 */
public record ReadVerdict(Kind kind, String detail) {
    /** Proven to read. */
    public static final ReadVerdict READS = new ReadVerdict(Kind.READS, "");

    /** Why a text is proven or not. */
    public enum Kind {
        READS("reads"),
        /** INSERT, UPDATE, DELETE or MERGE, also within WITH; or a replica has refused it before. */
        WRITES("writes"),
        /** FOR UPDATE and the like. */
        LOCKS("locks rows"),
        INTO("SELECT INTO"),
        /** More than one statement. */
        SEVERAL("several statements"),
        /** A function, or an operator's function, that the catalog knows as volatile. */
        VOLATILE_FUNCTION("volatile function"),
        /** A function that the catalog did not have when it was read. */
        UNKNOWN_FUNCTION("unknown function"),
        /** A view that is not proven to read, a sequence, an unlogged or foreign table, and the like. */
        RELATION("relation"),
        /** What each server has for itself: its settings, statistics, locks and processes. */
        SERVER_STATE("state of the server"),
        /** A command of another kind. */
        NOT_READ_STATEMENT("not a statement that reads"),
        /** The text is not all there, or it is not certain where its tokens end. */
        NOT_LEXED("not lexed"),
        TOO_LONG("too long"),
        /** The catalog is not known. */
        NO_CATALOG("no catalog");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /** As logs and the console name it. */
        public String text() {
            return text;
        }
    }

    public boolean reads() {
        return kind == Kind.READS;
    }
}
