package dev.trunkline.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trunkline.router.reads.Classified;
import dev.trunkline.router.reads.ReadLookup;
import dev.trunkline.router.reads.ReadVerdict;
import dev.trunkline.router.sql.SqlLexer;
import dev.trunkline.router.sql.TxIntent;
import dev.trunkline.router.sql.TxIntents;
import dev.trunkline.server.admin.AdminResult;
import dev.trunkline.server.admin.RoutePreview;
import dev.trunkline.server.catalog.CatalogWatch;
import dev.trunkline.server.config.Config;
import dev.trunkline.server.config.DatabaseConfig;
import dev.trunkline.server.config.ReadRouting;
import dev.trunkline.server.config.RouteChoice;
import dev.trunkline.server.state.Route;
import dev.trunkline.server.state.RouteReason;
import dev.trunkline.wire.Column;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells where a statement would go that comes outside of a transaction, on a listener that leaves the choice, from a client without
 * settings of its own. Thread-safe.
 */
final class RouteExplainer implements RoutePreview {
    private static final List<Column> COLUMNS =
            List.of(Column.text("database"), Column.text("route"), Column.text("reason"), Column.text("detail"));

    private final Config config;
    private final CatalogWatches catalogs;

    RouteExplainer(Config config, CatalogWatches catalogs) {
        this.config = config;
        this.catalogs = catalogs;
    }

    /** What comes out. */
    private record Answer(Route route, RouteReason reason, String detail) {}

    @Override
    public AdminResult explain(@Nullable String named, String statement) {
        String name = named == null ? onlyDatabase() : named;
        if (name == null) {
            return new AdminResult.Failed(PgError.error(SqlState.SYNTAX_ERROR, "it is not said which database is meant")
                    .hint("Use EXPLAIN ROUTE IN database statement."));
        }
        DatabaseConfig database = config.database(name);
        if (database == null) {
            return new AdminResult.Failed(
                    PgError.error(SqlState.INVALID_CATALOG_NAME, "database \"" + name + "\" does not exist"));
        }
        Answer answer = answer(database, name, statement);
        return new AdminResult.Rows(
                COLUMNS,
                List.of(List.of(name, answer.route().text(), answer.reason().text(), answer.detail())),
                "EXPLAIN");
    }

    /** The only one that there is, if it has a name. */
    private @Nullable String onlyDatabase() {
        List<String> names = List.copyOf(config.databases().keySet());
        return names.size() == 1 && !names.getFirst().equals(Config.ANY_DATABASE) ? names.getFirst() : null;
    }

    private Answer answer(DatabaseConfig database, String name, String statement) {
        if (database.route() == RouteChoice.LEADER || database.route() == RouteChoice.REPLICA) {
            Route route = database.route() == RouteChoice.LEADER ? Route.LEADER : Route.REPLICA;
            return new Answer(
                    route, RouteReason.CONFIGURED, "route: " + database.route().keyword());
        }
        if (database.readRouting() == ReadRouting.OFF) {
            return new Answer(Route.LEADER, RouteReason.CONFIGURED, "read_routing: off");
        }
        byte[] bytes = (statement + '\0').getBytes(UTF_8);
        ByteBuf text = Unpooled.wrappedBuffer(bytes);
        CatalogWatch catalog = catalogs.of(database, name);
        Classified known =
                new ReadLookup(catalog.cache()).of(text, 0, bytes.length, SqlLexer.Backslash.ORDINARY, catalog.facts());
        Answer byHint = byHint(known);
        return byHint != null ? byHint : byText(database, known.verdict(), new TxIntents().of(text, 0, bytes.length));
    }

    private static @Nullable Answer byHint(Classified known) {
        return switch (known.hint()) {
            case NONE -> null;
            case LEADER -> new Answer(Route.LEADER, RouteReason.HINT, "trunkline:leader");
            case REPLICA -> new Answer(Route.REPLICA, RouteReason.HINT, "trunkline:replica");
            case INVALID -> new Answer(Route.LEADER, RouteReason.HINT, "invalid, and refused: " + known.badHint());
        };
    }

    private static Answer byText(DatabaseConfig database, ReadVerdict verdict, TxIntent intent) {
        if (intent == TxIntent.BEGIN_READ_ONLY) {
            return new Answer(Route.REPLICA, RouteReason.EXPLICIT, "");
        } else if (intent == TxIntent.BEGIN_READ_WRITE || intent.isSerializable()) {
            return new Answer(Route.LEADER, RouteReason.EXPLICIT, "");
        }
        String proof = verdict.detail().isEmpty()
                ? verdict.kind().text()
                : verdict.kind().text() + ": " + verdict.detail();
        if (database.readRouting() != ReadRouting.AUTO) {
            return new Answer(Route.LEADER, RouteReason.UNPROVEN, "read_routing: explicit; " + proof);
        }
        return verdict.reads()
                ? new Answer(Route.REPLICA, RouteReason.PROVEN, "")
                : new Answer(Route.LEADER, RouteReason.UNPROVEN, proof);
    }
}
