package dev.trunkline.router.sql;

/**
 * A statement that is nothing but LISTEN or UNLISTEN.
 *
 * @param channel as the server would spell it, at most 63 bytes of UTF-8; empty for {@link Kind#UNLISTEN_ALL}
 */
public record ListenCommand(Kind kind, String channel) {
    /** Which of the statements. */
    public enum Kind {
        LISTEN("LISTEN"),
        UNLISTEN("UNLISTEN"),
        /** {@code UNLISTEN *}. */
        UNLISTEN_ALL("UNLISTEN");

        private final String tag;

        Kind(String tag) {
            this.tag = tag;
        }

        /** The tag with which the server says that it was carried out. */
        public String tag() {
            return tag;
        }
    }
}
