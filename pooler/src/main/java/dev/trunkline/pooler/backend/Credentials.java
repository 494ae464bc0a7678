package dev.trunkline.pooler.backend;

/** What a user has to show to a server. Never printed: each {@code toString} names only the kind. */
public sealed interface Credentials {
    /** Nothing: the server trusts the proxy. */
    record None() implements Credentials {}

    /** The password itself: good for every method. */
    record Password(String password) implements Credentials {
        @Override
        public String toString() {
            return "Password[]";
        }
    }

    /** The keys of SCRAM-SHA-256 (RFC 5802, section 3): good for servers that hold the same secret. */
    // Arrays of secrets: never compared, never printed.
    @SuppressWarnings("ArrayRecordComponent")
    record ScramKeys(byte[] clientKey, byte[] serverKey) implements Credentials {
        @Override
        public String toString() {
            return "ScramKeys[]";
        }
    }

    /**
     * The MD5 of password and user name, as PostgreSQL stores it.
     *
     * @param hash {@code md5} and 32 hexadecimal digits
     */
    record Md5(String hash) implements Credentials {
        @Override
        public String toString() {
            return "Md5[]";
        }
    }
}
