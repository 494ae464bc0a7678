package dev.trunkline.router.replay;

import dev.trunkline.router.ProbeQuery;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What servers are asked, and how their answers are read. Any role may ask, on PostgreSQL 13 and later; every name is qualified, so
 * that no search_path matters.
 *
 * <p>Of a leader the position of the next insert counts: with {@code synchronous_commit} off a commit is acknowledged while its
 * record lies in a buffer, in front of what is written or flushed. Source: PostgreSQL manual, "Backup Control Functions" and
 * "Recovery Information Functions".
 */
public enum WalQuestion {
    /**
     * Besides the position, what holds for as long as the connection does. The timeline of a replica is the later of its last
     * restart point and of what it receives, which only a member of pg_read_all_stats is told.
     */
    STANDING("SELECT pg_catalog.pg_is_in_recovery(), "
            + WalQuestion.POSITION_COLUMN
            + ", CASE WHEN pg_catalog.pg_is_in_recovery() THEN greatest("
            + "(SELECT timeline_id FROM pg_catalog.pg_control_checkpoint()),"
            + " (SELECT received_tli FROM pg_catalog.pg_stat_wal_receiver)) ELSE "
            + ProbeQuery.LEADER_TIMELINE
            + " END, pg_catalog.current_setting('wal_block_size'),"
            + " pg_catalog.pg_size_bytes(pg_catalog.current_setting('wal_segment_size'))"),
    /** A position alone. */
    POSITION("SELECT pg_catalog.pg_is_in_recovery(), " + WalQuestion.POSITION_COLUMN);

    private static final String POSITION_COLUMN = "pg_catalog.pg_wal_lsn_diff(CASE WHEN pg_catalog.pg_is_in_recovery()"
            + " THEN pg_catalog.pg_last_wal_replay_lsn()"
            + " ELSE pg_catalog.pg_current_wal_insert_lsn() END, '0/0')";

    private final String sql;

    WalQuestion(String sql) {
        this.sql = sql;
    }

    public String sql() {
        return sql;
    }

    /**
     * Reads the row.
     *
     * @throws IllegalArgumentException if it is not what the statement returns
     */
    public WalWord read(List<@Nullable String> row) {
        int columns = this == STANDING ? 5 : 2;
        if (row.size() != columns) {
            throw new IllegalArgumentException("the server answered with " + row.size() + " columns");
        }
        boolean inRecovery = flag(row.get(0));
        long position = number(row.get(1));
        return this == POSITION
                ? new WalWord(inRecovery, position, null)
                : new WalWord(
                        inRecovery,
                        position,
                        new WalWord.Standing(
                                inRecovery, number(row.get(2)), new WalLayout(number(row.get(3)), number(row.get(4)))));
    }

    private static boolean flag(@Nullable String text) {
        return switch (text) {
            case "t" -> true;
            case "f" -> false;
            case null, default -> throw new IllegalArgumentException("the server answered " + text);
        };
    }

    /** A server that has never recovered anything has replayed nothing. */
    private static long number(@Nullable String text) {
        return text == null ? 0 : Long.parseLong(text);
    }
}
