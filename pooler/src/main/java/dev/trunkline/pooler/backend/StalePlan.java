package dev.trunkline.pooler.backend;

import dev.trunkline.wire.PgError;

/** The error of a prepared statement whose rows have changed their shape since it was prepared. */
final class StalePlan {
    private static final String FEATURE_NOT_SUPPORTED = "0A000";

    private StalePlan() {}

    /** Told by the function that raises it, since the text may be in any language and the SQLSTATE has other meanings. */
    static boolean isIn(PgError error) {
        return FEATURE_NOT_SUPPORTED.equals(error.code())
                && "RevalidateCachedQuery".equals(error.field(PgError.Field.ROUTINE));
    }
}
