package dev.trunkline.server.admin;

import org.jspecify.annotations.Nullable;

/** Tells where a statement would go, for EXPLAIN ROUTE. Safe to call from any thread. */
@FunctionalInterface
public interface RoutePreview {
    /**
     * Where it would go if it was sent outside of a transaction, by a client without settings of its own.
     *
     * @param database as clients ask for it; null if none is named
     */
    AdminResult explain(@Nullable String database, String statement);
}
