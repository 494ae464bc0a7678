package dev.trunkline.router;

/**
 * The statement by which a server tells what it is, and how its answer is read. Any role may run it, on PostgreSQL 10 and
 * later (the manual's "Recovery Information Functions" and "Backup Control Functions").
 *
 * <p>A leader's timeline is read from the name of the WAL file that it writes, since the control file tells the old one
 * until the first checkpoint after a promotion. If the server is promoted while it runs the statement, that may fail: the
 * next look succeeds.
 */
public final class ProbeQuery {
    /** The timeline on which a leader writes, as an expression; an error on a server in recovery. */
    public static final String LEADER_TIMELINE = "('x' OPERATOR(pg_catalog.||) pg_catalog.substr("
            + "pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8))::pg_catalog.bit(32)::pg_catalog.int4";

    /** One row of three columns in text format: t or f, a number, a number. Every name is qualified: no search_path matters. */
    public static final String SQL = "SELECT pg_catalog.pg_is_in_recovery(),"
            + " CASE WHEN pg_catalog.pg_is_in_recovery()"
            + " THEN (SELECT timeline_id FROM pg_catalog.pg_control_checkpoint())"
            + " ELSE " + LEADER_TIMELINE + " END,"
            + " pg_catalog.pg_wal_lsn_diff(CASE WHEN pg_catalog.pg_is_in_recovery()"
            + " THEN coalesce(pg_catalog.pg_last_wal_replay_lsn(), '0/0')"
            + " ELSE pg_catalog.pg_current_wal_lsn() END, '0/0')";

    private ProbeQuery() {}

    /**
     * Reads the row.
     *
     * @throws ProbeException if it is not what {@link #SQL} returns
     */
    public static ProbeResult parse(String inRecovery, String timeline, String walPosition) {
        try {
            return new ProbeResult(flag(inRecovery), Long.parseLong(timeline), Long.parseLong(walPosition));
        } catch (IllegalArgumentException e) {
            throw new ProbeException(
                    ProbeException.Kind.REJECTED,
                    "the server answered (" + inRecovery + ", " + timeline + ", " + walPosition + ")");
        }
    }

    private static boolean flag(String text) {
        return switch (text) {
            case "t" -> true;
            case "f" -> false;
            default -> throw new IllegalArgumentException(text);
        };
    }
}
