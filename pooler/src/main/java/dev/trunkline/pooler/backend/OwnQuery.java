package dev.trunkline.pooler.backend;

import dev.trunkline.wire.PgError;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Is told how a query of the proxy's own has ended. */
@FunctionalInterface
public interface OwnQuery {
    /** A row of its answer, lent as the body of a DataRow. Most ask for what a row does and not for what it says. */
    default void row(ByteBuf buf, int index, int length) {}

    /** @param error what the server said against it; null if it was carried out */
    void ended(@Nullable PgError error);
}
