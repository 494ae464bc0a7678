package dev.trunkline.server.auth;

import org.jspecify.annotations.Nullable;

/**
 * Whom a login is about.
 *
 * @param user the name that the client gave
 * @param secret what its proof is held against; made up if the client cannot come in anyway
 * @param refusal why the client cannot come in, whatever it answers; null if a right answer lets it in
 */
record Account(String user, Secret secret, @Nullable RefusalReason refusal) {
    AuthStep.Refused refused() {
        return AuthStep.Refused.of(user, refusal == null ? RefusalReason.WRONG_PASSWORD : refusal);
    }

    /** Whether a right answer lets the client in. */
    boolean isReal() {
        return refusal == null;
    }
}
