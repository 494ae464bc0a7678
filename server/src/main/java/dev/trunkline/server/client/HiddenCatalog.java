package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.OwnQuery;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.router.sql.EffectScanner;
import dev.trunkline.router.sql.HiddenEffects;
import dev.trunkline.router.sql.SessionEffects;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.message.DataRow;
import io.netty.buffer.ByteBuf;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows which functions of a database leave state in the session of their caller, and which tables have such triggers: read from
 * the server's catalog now and then, and from the texts that define functions. Loop-confined.
 *
 * <p>Bodies in SQL and in procedural languages are looked through for words; functions in C are not. A function that calls such a
 * function counts too if its own body shows one of the words.
 */
public final class HiddenCatalog {
    private static final Logger LOG = LoggerFactory.getLogger(HiddenCatalog.class);
    private static final long REFRESH_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Functions come first, so that a trigger finds its own. Bodies come as hexadecimal digits, whatever the encoding is. */
    private static final String QUERY = """
            WITH f AS (
                SELECT oid, proname, pg_catalog.left(prosrc, 1048577) AS prosrc FROM pg_catalog.pg_proc
                WHERE prolang OPERATOR(pg_catalog.<>) ALL (SELECT oid FROM pg_catalog.pg_language
                        WHERE lanname OPERATOR(pg_catalog.=) ANY (ARRAY['internal', 'c']::pg_catalog.name[]))
                    AND pronamespace OPERATOR(pg_catalog.<>) 'pg_catalog'::pg_catalog.regnamespace::pg_catalog.oid
                    AND prosrc OPERATOR(pg_catalog.~*) '(^|[^a-z0-9_])(set|reset|set_config|temp|temporary|pg_temp|listen|load|prepare|hold|setseed|currval|lastval|pg_advisory_lock|pg_try_advisory_lock|pg_advisory_lock_shared|pg_try_advisory_lock_shared|dblink_connect)([^a-z0-9_]|$)')
            SELECT 1 AS kind, proname, pg_catalog.encode(pg_catalog.convert_to(prosrc, 'UTF8'), 'hex') FROM f
            UNION ALL
            SELECT 2, c.relname, f.proname FROM pg_catalog.pg_trigger t
                JOIN f ON f.oid OPERATOR(pg_catalog.=) t.tgfoid
                JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) t.tgrelid
            ORDER BY kind""";

    private final EffectScanner scanner;
    private final LongSupplier ticker;
    private HiddenEffects known = HiddenEffects.NONE;
    /** When to ask again, by the ticker. */
    private long nextNanos;

    private boolean due = true;
    private boolean asked;
    /** The last answer was an error, and that was logged. */
    private boolean failing;
    /** Something was defined after the server was asked: its answer is old already. */
    private boolean definedSince;

    /** @param scanner is told what is known */
    public HiddenCatalog(EffectScanner scanner, LongSupplier ticker) {
        this.scanner = scanner;
        this.ticker = ticker;
    }

    /** For a server that is known to have no such function, and is not asked. */
    public static HiddenCatalog nothing() {
        HiddenCatalog catalog = new HiddenCatalog(new EffectScanner(), () -> 0);
        catalog.due = false;
        return catalog;
    }

    /** True if the server should be asked, at the next opportunity. Asked with each transaction, so it asks no clock. */
    boolean isDue() {
        return due;
    }

    /** About once a second. */
    public void housekeep() {
        due |= !asked && ticker.getAsLong() - nextNanos >= 0;
    }

    /** A text was sent that defines functions; what its bodies show holds from now on, even if it is rolled back. */
    void defined(Map<String, SessionEffects> functions) {
        know(known.with(functions));
        due = !asked;
        definedSince = asked;
    }

    /**
     * Asks the server, behind whatever it was asked before; the caller flushes.
     *
     * @param done runs when it has answered, whatever it has said
     */
    void load(ServerConnection server, Runnable done) {
        asked = true;
        due = false;
        server.ask(QUERY, new Reading(done));
    }

    private void know(HiddenEffects effects) {
        if (!effects.equals(known)) {
            known = effects;
            scanner.hidden(effects);
        }
    }

    /** The rows of one answer. */
    private final class Reading implements OwnQuery {
        private final Runnable done;
        private final Map<String, SessionEffects> found = new HashMap<>();

        Reading(Runnable done) {
            this.done = done;
        }

        @Override
        public void row(ByteBuf buf, int index, int length) {
            List<@Nullable String> row = DataRow.read(buf, index, length);
            String name = row.get(1);
            String value = row.get(2);
            if (name != null && value != null) {
                SessionEffects effects = "1".equals(row.get(0))
                        ? EffectScanner.ofBody(HexFormat.of().parseHex(value))
                        : found.getOrDefault(value, SessionEffects.NONE);
                found.merge(name, effects, SessionEffects::and);
            }
        }

        @Override
        public void ended(@Nullable PgError error) {
            asked = false;
            // It fails for the reasons of the client that was there, which the next one need not have.
            nextNanos = ticker.getAsLong() + (error == null ? REFRESH_NANOS : RETRY_NANOS);
            due = definedSince;
            definedSince = false;
            if (error == null) {
                know(HiddenEffects.NONE.with(lowerCased()));
            } else if (!failing) {
                LOG.warn("the functions of a database could not be looked through: {}", error);
            }
            failing = error != null;
            done.run();
        }

        private Map<String, SessionEffects> lowerCased() {
            Map<String, SessionEffects> lower = new HashMap<>();
            found.forEach((name, effects) -> lower.merge(name.toLowerCase(Locale.ROOT), effects, SessionEffects::and));
            return lower;
        }
    }
}
