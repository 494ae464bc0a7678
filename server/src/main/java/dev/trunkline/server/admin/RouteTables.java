package dev.trunkline.server.admin;

import static dev.trunkline.server.admin.Table.columns;
import static dev.trunkline.server.admin.Table.row;

import dev.trunkline.server.state.ProxySnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** SHOW ROUTES, which PgBouncer does not have: one row for each database, kind of server and reason that there were any of. */
final class RouteTables {
    static final Table ROUTES =
            new Table(columns("sssq", "database", "route", "reason", "transactions"), RouteTables::routes);

    private RouteTables() {}

    private static List<List<@Nullable Object>> routes(ProxySnapshot snapshot) {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        new TreeMap<>(snapshot.totals()).forEach((database, totals) -> totals.routes()
                .forEach((route, reason, count) -> rows.add(row(database, route.text(), reason.text(), count))));
        return rows;
    }
}
