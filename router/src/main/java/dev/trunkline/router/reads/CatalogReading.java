package dev.trunkline.router.reads;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gathers the rows of one answer to {@link CatalogQuery}. For one thread at a time. */
public final class CatalogReading {
    /** Takes one row, its three columns as text in UTF-8. Any number may come; too many make facts that prove nothing. */
    public void row(List<@Nullable String> columns) {}

    /**
     * The facts that all rows together tell. It proves views by their definitions, which takes tens of milliseconds where there are
     * thousands: not for an event loop.
     *
     * @param epoch above 0, and not that of other facts of the same database
     */
    public CatalogFacts facts(long epoch) {
        return CatalogFacts.NONE;
    }
}
