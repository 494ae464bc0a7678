package dev.trunkline.server.differential;

import dev.trunkline.server.testing.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Two databases that are copies of one template, so that the numbers of tables, types and functions agree, and what is done to
 * them between two scenarios. Used by one thread.
 */
final class Databases implements AutoCloseable {
    /** How many clients have tables of their own: {@code t0}, {@code t1} and so on, and sequences {@code q0}, {@code q1}. */
    static final int CLIENTS = 4;

    private static final String SHARED = """
            CREATE FUNCTION noisy(n int) RETURNS int LANGUAGE plpgsql AS
                $$ BEGIN RAISE NOTICE 'one %', n; RAISE WARNING 'two'; RETURN n; END $$;
            CREATE FUNCTION failing(n int) RETURNS int LANGUAGE plpgsql AS
                $$ BEGIN IF n > 2 THEN RAISE EXCEPTION 'no more' USING ERRCODE = 'XX123', DETAIL = 'd', HINT = 'h'; END IF;
                RETURN n; END $$;
            CREATE TYPE mood AS ENUM ('sad', 'happy');
            CREATE SCHEMA other;
            GRANT ALL ON SCHEMA public, other TO PUBLIC;
            CREATE TABLE fixed (n int PRIMARY KEY, s text, m mood);
            CREATE TABLE other.fixed (n int PRIMARY KEY, s text);
            INSERT INTO fixed SELECT n, 'row ' || n, 'sad' FROM generate_series(1, 5) AS n;
            INSERT INTO other.fixed VALUES (7, 'of another schema');
            GRANT SELECT ON fixed, other.fixed TO PUBLIC;
            """;

    private static final String OWN = """
            CREATE TABLE t%1$d (n int, s text);
            CREATE TABLE u%1$d (n int PRIMARY KEY, s text UNIQUE DEFERRABLE INITIALLY DEFERRED);
            CREATE SEQUENCE q%1$d;
            ALTER TABLE t%1$d OWNER TO app;
            ALTER TABLE u%1$d OWNER TO app;
            ALTER SEQUENCE q%1$d OWNER TO app;
            """;

    private static final String RESET = "DELETE FROM t%1$d; DELETE FROM u%1$d; SELECT setval('q%1$d', 10, false);";

    private static final String CONTENTS = """
            SELECT 't%1$d ' || t::text FROM t%1$d AS t UNION ALL SELECT 'u%1$d ' || u::text FROM u%1$d AS u
            UNION ALL SELECT 'q%1$d ' || q::text FROM (SELECT last_value, is_called FROM q%1$d) AS q""";

    private static final String GONE = """
            SELECT coalesce(max(finished(pid)), 0) FROM pg_stat_activity
            WHERE usename = 'app' AND datname = current_database()""";

    /** PostgreSQL numbers both databases' locks alike. */
    private static final String ADVISORY = """
            SELECT mode || classid || ',' || objid || ',' || objsubid FROM pg_locks
            WHERE locktype = 'advisory' AND granted
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 1""";

    private static final Duration CLEANING = Duration.ofSeconds(2);
    private static final Duration PAUSE = Duration.ofMillis(1);

    private static final String WAIT = """
            CREATE FUNCTION finished(pid int) RETURNS int LANGUAGE sql AS
                $$ SELECT pg_catalog.pg_terminate_backend(pid, 10000)::int $$""";

    private final String directName;
    private final String proxiedName;
    private final Connection direct;
    private final Connection proxied;
    private final long lastOid;

    private Databases(String directName, String proxiedName, long lastOid) throws SQLException {
        this.directName = directName;
        this.proxiedName = proxiedName;
        this.lastOid = lastOid;
        this.direct = TestPostgres.get().connect(directName);
        this.proxied = TestPostgres.get().connect(proxiedName);
    }

    /** Makes both. */
    static Databases create() {
        TestPostgres postgres = TestPostgres.get();
        String template = postgres.createDatabase("template");
        postgres.execute(template, SHARED + forEachClient(OWN, "") + WAIT);
        long lastOid = Long.parseLong(postgres.column(template, "SELECT max(oid::bigint) FROM pg_class")
                .getFirst());
        String directName = template + "_direct";
        String proxiedName = template + "_proxied";
        for (String copy : List.of(directName, proxiedName)) {
            postgres.execute("postgres", "CREATE DATABASE %s TEMPLATE %s OWNER app".formatted(copy, template));
        }
        try {
            return new Databases(directName, proxiedName, lastOid);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    String directName() {
        return directName;
    }

    String proxiedName() {
        return proxiedName;
    }

    /** The greatest number of a table that both have from their template. */
    long lastOid() {
        return lastOid;
    }

    /** Ends what is left of the scenario before, waits until it is gone with its locks, and makes the tables as they were. */
    void reset() {
        for (Connection each : List.of(direct, proxied)) {
            rows(each, GONE);
            execute(each, forEachClient(RESET, ""));
        }
    }

    /**
     * Waits until the same advisory locks are held in both: PostgreSQL gives up what a session holds before it closes the client's
     * connection, and the proxy behind it. Goes on after {@link #CLEANING} all the same, so that a lock that stays is a difference.
     */
    void awaitSameLocks() {
        long deadline = System.nanoTime() + CLEANING.toNanos();
        while (!rows(direct, ADVISORY).equals(rows(proxied, ADVISORY)) && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    /** The rows of all tables that clients may write. */
    List<String> directContents() {
        return rows(direct, contents());
    }

    /** The same of the other database. */
    List<String> proxiedContents() {
        return rows(proxied, contents());
    }

    private static String contents() {
        return forEachClient(CONTENTS, " UNION ALL ") + " ORDER BY 1";
    }

    private static String forEachClient(String sql, String separator) {
        return IntStream.range(0, CLIENTS).mapToObj(sql::formatted).collect(Collectors.joining(separator));
    }

    private static void execute(Connection connection, String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> rows(Connection connection, String sql) {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            List<String> rows = new ArrayList<>();
            while (result.next()) {
                rows.add(result.getString(1));
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        try (direct;
                proxied) {
            rows(direct, GONE);
            rows(proxied, GONE);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
