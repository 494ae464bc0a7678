package dev.trunkline.server.auth;

import dev.trunkline.wire.scram.ScramSecret;
import java.util.regex.Pattern;

/** What the users file knows of a user's password. Never printed: each {@code toString} names only the kind. */
public sealed interface Secret {
    /** Nothing: the field is empty. Such a user cannot log in by a password. */
    record None() implements Secret {}

    /** The password itself. */
    record Plain(String password) implements Secret {
        @Override
        public String toString() {
            return "Plain[]";
        }
    }

    /**
     * The MD5 of password and user name, as PostgreSQL stores it.
     *
     * @param hash {@code md5} and 32 hexadecimal digits
     */
    record Md5(String hash) implements Secret {
        private static final Pattern FORM = Pattern.compile("md5[0-9a-f]{32}");

        @Override
        public String toString() {
            return "Md5[]";
        }
    }

    /** What SCRAM-SHA-256 needs to verify a client. */
    record Scram(ScramSecret secret) implements Secret {
        @Override
        public String toString() {
            return "Scram[]";
        }
    }

    /**
     * Tells the kinds apart as PostgreSQL does (get_password_type): what is neither of the two stored forms is a password.
     *
     * @throws IllegalArgumentException if it begins like a SCRAM secret and is malformed; the message does not show it
     */
    static Secret of(String text) {
        if (text.isEmpty()) {
            return new None();
        }
        if (Md5.FORM.matcher(text).matches()) {
            return new Md5(text);
        }
        return ScramSecret.looksLike(text) ? new Scram(ScramSecret.parse(text)) : new Plain(text);
    }
}
