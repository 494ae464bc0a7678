package dev.trunkline.server.differential;

import java.util.List;

/**
 * Run-time parameters. A custom one that nobody has set is read as empty, since it is so on a connection where somebody has used it
 * before, as docs/sessions.md says.
 */
final class SettingPhrases {
    private SettingPhrases() {}

    static final Phrase REPORTED = either(
            "SET DateStyle = 'German'",
            "SET DateStyle TO ISO, DMY",
            "SET TimeZone = 'Asia/Tokyo'",
            "SET TIME ZONE 'UTC'",
            "SET application_name = 'it''s \"mine\" \\ %1$d'",
            "SET application_name = ''",
            "SET IntervalStyle = 'iso_8601'",
            "SET client_encoding = 'LATIN1'",
            "SET NAMES 'UTF8'",
            "SET standard_conforming_strings = off",
            "SET standard_conforming_strings = on",
            "SELECT set_config('DateStyle', 'SQL, DMY', false)",
            "SELECT set_config('application_name', 'other', true)",
            "SET DateStyle = 'nonsense'",
            "SET TimeZone = 'Mars/Olympus'; SELECT 1",
            "SET TimeZone = 'Asia/Tokyo'; SET DateStyle = 'SQL'; SELECT 1/0",
            "BEGIN; SET TimeZone = 'Asia/Tokyo'; ROLLBACK",
            "BEGIN; SET TimeZone = 'Europe/Berlin'; COMMIT",
            "SHOW DateStyle",
            "SHOW TimeZone",
            "SHOW client_encoding",
            "SHOW application_name",
            "SELECT '2024-02-29 12:00:00+00'::timestamptz, '1 day 2 hours'::interval",
            "SELECT 'a\\b', length('a\\b')",
            "SELECT chr(233)");

    static final Phrase RESET = either(
            "SET datestyle = DEFAULT",
            "RESET DateStyle",
            "RESET TimeZone",
            "RESET application_name",
            "RESET IntervalStyle",
            "RESET client_encoding",
            "RESET search_path",
            "BEGIN; RESET DateStyle; ROLLBACK");

    static final Phrase RESET_ALL = either(
            "RESET ALL",
            "RESET ALL",
            "SET DateStyle TO DEFAULT",
            "RESET IntervalStyle",
            "RESET DateStyle; SELECT '2024-02-29'::date",
            "BEGIN; RESET TimeZone; COMMIT");

    /** What a client may have asked for by its options. */
    static final Phrase OF_OPTIONS = either(
            "SHOW search_path",
            "SELECT s FROM fixed WHERE n = 7",
            "SHOW work_mem",
            "SHOW statement_timeout",
            "SELECT coalesce(current_setting('my.var', true), '')");

    static final Phrase UNREPORTED = either(
            "SET work_mem = '2MB'",
            "SHOW work_mem",
            "SET statement_timeout = '50s'",
            "SHOW statement_timeout",
            "SET search_path = other, public",
            "SET search_path TO 'other'",
            "SHOW search_path",
            "SELECT s FROM fixed WHERE n = 7",
            "SET my.var = 'of client %1$d'",
            "SELECT coalesce(current_setting('my.var', true), '')",
            "SELECT set_config('my.other', '%1$d', false)",
            "SELECT coalesce(current_setting('my.other', true), '')",
            "SET extra_float_digits = 0",
            "SELECT 0.1::float8 + 0.2",
            "SET bytea_output = 'escape'",
            "SELECT '\\x00ff'::bytea",
            "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
            "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
            "SET ROLE pg_signal_backend",
            "SELECT current_user",
            "BEGIN; SET work_mem = '3MB'; ROLLBACK",
            "BEGIN; SET work_mem = '4MB'; COMMIT",
            "SET enable_seqscan = off; SELECT 1/0",
            "SHOW enable_seqscan");

    static final Phrase UNREPORTED_RESET =
            either("SET work_mem = DEFAULT", "RESET work_mem", "RESET my.var", "RESET ROLE");

    /** As a simple query or as an extended one, if it is a single statement. */
    private static Phrase either(String... texts) {
        return (dice, client) -> {
            String sql = dice.of(texts).formatted(client);
            return sql.contains(";") || dice.percent(60)
                    ? List.of(Sent.query(sql))
                    : List.of(
                            Sent.parse("", sql),
                            Sent.bind("", ""),
                            Sent.describe('P', ""),
                            Sent.execute("", 0),
                            Sent.sync());
        };
    }
}
