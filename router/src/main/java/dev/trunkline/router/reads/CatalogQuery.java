package dev.trunkline.router.reads;

/** The statement that reads {@link CatalogFacts} from a leader. */
public final class CatalogQuery {
    /** Rows of which more are not read: then nothing is proven. */
    static final int MAX_ROWS = 100_000;

    /** Characters of a definition. A longer one is cut and proves nothing. */
    static final int MAX_DEFINITION = 64 * 1024;

    /**
     * Functions that a query can call: no procedures, no triggers, none with an argument of type internal. An aggregate does what the
     * functions do that it is made of.
     */
    private static final String FUNCTIONS = """
            f AS (
                SELECT p.oid, p.proname, p.pronargs, p.pronargdefaults, p.proargtypes[0] AS first, p.proargdefaults,
                    p.pronamespace OPERATOR(pg_catalog.=) 'pg_catalog'::pg_catalog.regnamespace::pg_catalog.oid AS builtin,
                    p.provolatile OPERATOR(pg_catalog.=) 'v' OR EXISTS (
                        SELECT 1 FROM pg_catalog.pg_aggregate a JOIN pg_catalog.pg_proc part ON part.oid OPERATOR(pg_catalog.=) ANY (
                            ARRAY[a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn, a.aggmtransfn,
                                a.aggminvtransfn, a.aggmfinalfn]::pg_catalog.oid[])
                        WHERE a.aggfnoid OPERATOR(pg_catalog.=) p.oid AND part.provolatile OPERATOR(pg_catalog.=) 'v') AS volatile
                FROM pg_catalog.pg_proc p
                WHERE p.prokind OPERATOR(pg_catalog.<>) 'p'
                    AND p.prorettype OPERATOR(pg_catalog.<>) ALL (
                        ARRAY['trigger', 'event_trigger']::pg_catalog.regtype[]::pg_catalog.oid[])
                    AND NOT 'internal'::pg_catalog.regtype::pg_catalog.oid OPERATOR(pg_catalog.=) ANY (p.proargtypes))""";

    /** Tables that a replica cannot read, or of which others are parts. */
    private static final String PARTS = """
            part AS (
                SELECT c.oid, CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'f' THEN 'foreign' ELSE 'unlogged' END AS kind
                FROM pg_catalog.pg_class c
                WHERE c.relkind OPERATOR(pg_catalog.=) 'f'
                    OR (c.relpersistence OPERATOR(pg_catalog.=) 'u' AND c.relkind OPERATOR(pg_catalog.=) ANY (
                        ARRAY['r', 'p', 'm']::pg_catalog."char"[]))
                UNION
                SELECT i.inhparent, part.kind FROM part
                    JOIN pg_catalog.pg_inherits i ON i.inhrelid OPERATOR(pg_catalog.=) part.oid)""";

    /** Domains, ranges and composite types of their own, each with all types that a value of it consists of, itself included. */
    private static final String CONTENTS = """
            content AS (
                SELECT t.oid AS whole, t.oid AS part FROM pg_catalog.pg_type t
                    LEFT JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) t.typrelid
                WHERE t.typtype OPERATOR(pg_catalog.=) ANY (ARRAY['d', 'r']::pg_catalog."char"[])
                    OR (t.typtype OPERATOR(pg_catalog.=) 'c' AND c.relkind OPERATOR(pg_catalog.=) 'c')
                UNION
                SELECT content.whole, inner_type.oid FROM content
                    JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) content.part
                    CROSS JOIN LATERAL (
                        SELECT t.typbasetype AS oid WHERE t.typtype OPERATOR(pg_catalog.=) 'd'
                        UNION ALL
                        SELECT t.typelem WHERE t.typelem OPERATOR(pg_catalog.<>) 0::pg_catalog.oid
                        UNION ALL
                        SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE r.rngtypid OPERATOR(pg_catalog.=) t.oid
                        UNION ALL
                        SELECT a.atttypid FROM pg_catalog.pg_attribute a
                            WHERE a.attrelid OPERATOR(pg_catalog.=) t.typrelid AND a.attnum OPERATOR(pg_catalog.>) 0
                                AND NOT a.attisdropped) inner_type)""";

    /**
     * Rows of three columns of text, for {@link CatalogReading#row}. Any role may run it, on PostgreSQL 13 and later. Every name is
     * qualified: no search_path matters.
     *
     * <p>It waits for whoever has locked a view, or a table of a view, exclusively: to be run with a time limit.
     */
    public static final String SQL = "WITH RECURSIVE " + FUNCTIONS + ", " + PARTS + ", " + CONTENTS + """

            SELECT CASE WHEN pg_catalog.bool_or(f.volatile) THEN 'volatile' ELSE 'function' END, f.proname::pg_catalog.text, NULL::pg_catalog.text
                FROM f GROUP BY f.proname
            UNION ALL
            SELECT 'default', f.proname, pg_catalog.left(pg_catalog.pg_get_expr(f.proargdefaults, 0), 65537)
                FROM f WHERE f.pronargdefaults OPERATOR(pg_catalog.>) 0 AND NOT f.builtin AND NOT f.volatile
            UNION ALL
            SELECT 'notation', f.proname, NULL
                FROM f JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) f.first
                WHERE NOT f.builtin AND f.pronargs OPERATOR(pg_catalog.-) f.pronargdefaults OPERATOR(pg_catalog.<=) 1
                    AND t.typtype OPERATOR(pg_catalog.=) ANY (ARRAY['c', 'p', 'd']::pg_catalog."char"[])
            UNION ALL
            SELECT CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_amop a WHERE a.amopopr OPERATOR(pg_catalog.=) o.oid)
                    THEN 'implied operator' ELSE 'operator' END, o.oprname, NULL
                FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_proc p ON p.oid OPERATOR(pg_catalog.=) o.oprcode::pg_catalog.oid
                WHERE p.provolatile OPERATOR(pg_catalog.=) 'v'
            UNION ALL
            SELECT CASE WHEN c.castcontext OPERATOR(pg_catalog.=) 'i' THEN 'implicit cast' ELSE 'cast' END, t.typname, NULL
                FROM pg_catalog.pg_cast c JOIN pg_catalog.pg_proc p ON p.oid OPERATOR(pg_catalog.=) c.castfunc
                    JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) c.casttarget
                WHERE p.provolatile OPERATOR(pg_catalog.=) 'v'
            UNION ALL
            SELECT 'type', t.typname, NULL FROM pg_catalog.pg_type t
                WHERE t.typmodin::pg_catalog.oid OPERATOR(pg_catalog.<>) 0::pg_catalog.oid
            UNION ALL
            SELECT 'domain', t.typname, pg_catalog.left(pg_catalog.pg_get_constraintdef(c.oid), 65537)
                FROM content JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) content.whole
                    JOIN pg_catalog.pg_constraint c ON c.contypid OPERATOR(pg_catalog.=) content.part
                WHERE c.contype OPERATOR(pg_catalog.=) 'c' AND content.part OPERATOR(pg_catalog.<>) 0::pg_catalog.oid
            UNION ALL
            SELECT CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'S' THEN 'sequence'
                    WHEN n.nspname OPERATOR(pg_catalog.=) 'pg_catalog' THEN 'system view' ELSE 'view' END,
                    c.relname,
                    CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'v' THEN pg_catalog.left(pg_catalog.pg_get_viewdef(c.oid), 65537) END
                FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
                WHERE c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['v', 'S']::pg_catalog."char"[])
                    AND c.relpersistence OPERATOR(pg_catalog.<>) 't'
            UNION ALL
            SELECT DISTINCT part.kind, c.relname, NULL
                FROM part JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) part.oid
            UNION ALL
            SELECT 'policy', c.relname, pg_catalog.left(pg_catalog.pg_get_expr(p.polqual, p.polrelid), 65537)
                FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) p.polrelid
                WHERE p.polcmd OPERATOR(pg_catalog.=) ANY (ARRAY['r', '*']::pg_catalog."char"[]) AND p.polqual IS NOT NULL
            LIMIT 100001""";

    private CatalogQuery() {}
}
