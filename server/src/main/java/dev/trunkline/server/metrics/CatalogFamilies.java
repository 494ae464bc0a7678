package dev.trunkline.server.metrics;

import dev.trunkline.server.metrics.Family.Sample;
import dev.trunkline.server.state.CatalogRow;
import dev.trunkline.server.state.ProxySnapshot;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** What is known of the functions of databases, and of the texts that call them. */
final class CatalogFamilies {
    private static final List<String> LABELS = List.of("cluster", "database");

    private CatalogFamilies() {}

    static List<Family> all() {
        return List.of(
                new Family.Gauge(
                        "trunkline_catalog_known",
                        "1 if it is known what the functions of this database do, so that statements can be proven to read, else 0",
                        LABELS,
                        snapshot -> samples(snapshot, row -> row.known() ? 1 : 0)),
                counter("catalog_looks", "Looks at the catalog of this database", CatalogRow::looks),
                counter(
                        "catalog_failures",
                        "Looks at the catalog of this database that have failed, after which its reads go to the leader",
                        CatalogRow::failures),
                counter("read_cache_hits", "Texts of which it was known whether they only read", row -> row.texts()
                        .hits()),
                counter("read_cache_misses", "Texts of which that was found out", row -> row.texts()
                        .misses()),
                counter("read_cache_evictions", "Texts that were forgotten for want of room", row -> row.texts()
                        .evictions()),
                new Family.Gauge(
                        "trunkline_read_cache_bytes",
                        "Memory that the texts take of which it is known whether they only read",
                        LABELS,
                        snapshot -> samples(snapshot, row -> row.texts().bytes())));
    }

    private static Family counter(String name, String help, Function<CatalogRow, Number> value) {
        return new Family.Counter("trunkline_" + name, help, LABELS, snapshot -> samples(snapshot, value));
    }

    private static Stream<Sample<Number>> samples(ProxySnapshot snapshot, Function<CatalogRow, Number> value) {
        return snapshot.catalogs().stream().map(row -> Sample.of(value.apply(row), row.cluster(), row.database()));
    }
}
