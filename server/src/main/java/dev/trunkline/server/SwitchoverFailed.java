package dev.trunkline.server;

import dev.trunkline.wire.PgError;

/** Why a switchover did not come about, or is in doubt: what the user of the console is told. Has no stack. */
final class SwitchoverFailed extends Exception {
    private final transient PgError error;

    SwitchoverFailed(PgError error) {
        super(error.toString(), null, false, false);
        this.error = error;
    }

    PgError error() {
        return error;
    }
}
