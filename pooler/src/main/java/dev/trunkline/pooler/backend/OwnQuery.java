package dev.trunkline.pooler.backend;

import dev.trunkline.wire.PgError;
import org.jspecify.annotations.Nullable;

/** Is told how a query of the proxy's own has ended. */
@FunctionalInterface
public interface OwnQuery {
    /** @param error what the server said against it; null if it was carried out */
    void ended(@Nullable PgError error);
}
