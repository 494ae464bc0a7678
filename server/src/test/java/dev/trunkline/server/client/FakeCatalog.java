package dev.trunkline.server.client;

import dev.trunkline.router.reads.CatalogFacts;
import dev.trunkline.router.reads.CatalogReading;
import dev.trunkline.router.reads.ReadCache;
import java.util.List;

/** The catalog of a database with a single function. */
record FakeCatalog(CatalogFacts facts, ReadCache cache) implements ReadCatalog {
    FakeCatalog() {
        this(reading().facts(1), new ReadCache(1 << 20));
    }

    private static CatalogReading reading() {
        CatalogReading reading = new CatalogReading();
        reading.row(List.of("function", "now", ""));
        return reading;
    }

    @Override
    public void wanted() {
        throw new AssertionError("it is known");
    }

    @Override
    public void changed() {
        // It never is.
    }
}
