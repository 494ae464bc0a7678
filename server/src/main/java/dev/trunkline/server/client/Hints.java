package dev.trunkline.server.client;

import dev.trunkline.router.reads.Classified;
import dev.trunkline.router.reads.RouteHint;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import org.jspecify.annotations.Nullable;

/** What the comments in the texts of a batch ask for: the first that asks for anything counts. Loop-confined. */
final class Hints {
    private RouteHint asked = RouteHint.NONE;
    private String bad = "";

    void clear() {
        asked = RouteHint.NONE;
    }

    void add(Classified text) {
        if (asked == RouteHint.NONE) {
            asked = text.hint();
            bad = text.badHint();
        }
    }

    RouteHint asked() {
        return asked;
    }

    /** Why the batch must not be run; null if it may. */
    @Nullable
    PgError refusal() {
        return asked == RouteHint.INVALID
                ? PgError.error(SqlState.INVALID_PARAMETER_VALUE, "invalid hint: \"trunkline:" + bad + "\"")
                        .hint("Available hints: trunkline:leader, trunkline:replica.")
                : null;
    }
}
