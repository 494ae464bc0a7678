package dev.trunkline.wire.scram;

/** How an exchange ends. */
public sealed interface ScramResult {
    /**
     * The client knows the password.
     *
     * @param serverFinal goes to the client in AuthenticationSASLFinal
     * @param clientKey what the client has proven to hold: with it the proxy can log in to a server that has the same
     *     secret, without the password. To be kept from every log.
     */
    // Used once and handed on; never compared.
    @SuppressWarnings("ArrayRecordComponent")
    record Accepted(byte[] serverFinal, byte[] clientKey) implements ScramResult {
        /** Does not show the key. */
        @Override
        public String toString() {
            return "Accepted[]";
        }
    }

    /** The client does not know the password, or the user does not exist: nothing tells which. Answered with 28P01. */
    record Refused() implements ScramResult {}
}
