package dev.trunkline.pooler.backend;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trunkline.pooler.statement.Prepared;
import dev.trunkline.wire.PgError;

/** The errors of a shared statement that a client would not have got from a server of its own. */
final class UnusableStatement {
    private static final String FEATURE_NOT_SUPPORTED = "0A000";
    private static final String INVALID_STATEMENT_NAME = "26000";

    private UnusableStatement() {}

    /**
     * True if its rows have changed their shape since it was prepared. Told by the function that raises it, since the text may be
     * in any language and the SQLSTATE has other meanings.
     */
    static boolean isStale(PgError error) {
        return FEATURE_NOT_SUPPORTED.equals(error.code())
                && "RevalidateCachedQuery".equals(error.field(PgError.Field.ROUTINE));
    }

    /**
     * True if the server does not have it. The name stands in the text in every language: a statement may itself execute another
     * one that is not there.
     */
    static boolean isMissing(PgError error, Prepared statement) {
        return INVALID_STATEMENT_NAME.equals(error.code())
                && "FetchPreparedStatement".equals(error.field(PgError.Field.ROUTINE))
                && error.message().contains('"' + new String(statement.serverName(), UTF_8) + '"');
    }
}
