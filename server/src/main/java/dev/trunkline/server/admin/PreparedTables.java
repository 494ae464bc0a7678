package dev.trunkline.server.admin;

import static dev.trunkline.server.admin.Table.columns;
import static dev.trunkline.server.admin.Table.row;

/** SHOW PREPARED, which PgBouncer does not have: one row for each statement text of each worker. */
final class PreparedTables {
    static final Table PREPARED = new Table(
            columns("issiiqs", "worker", "name", "kind", "clients", "servers", "bytes", "text"),
            snapshot -> snapshot.prepared().rows().stream()
                    .map(each -> row(
                            each.worker(),
                            each.name(),
                            each.kind(),
                            each.clients(),
                            each.servers(),
                            each.bytes(),
                            each.text()))
                    .toList());

    private PreparedTables() {}
}
