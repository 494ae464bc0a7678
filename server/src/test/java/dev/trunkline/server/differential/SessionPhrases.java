package dev.trunkline.server.differential;

/** State that lives as long as a session, and ends with it or by a statement. */
final class SessionPhrases {
    private SessionPhrases() {}

    /**
     * Not pg_prepared_statements, which shows the proxy's names, and among other statements only names of their own, as docs/sessions.md
     * says.
     */
    static final Phrase SQL_PREPARE = Phrase.queries(
            "PREPARE x AS SELECT n FROM fixed ORDER BY n",
            "PREPARE y (int) AS SELECT $1 + %1$d",
            "EXECUTE x",
            "EXECUTE y (1)",
            "EXPLAIN (COSTS OFF) EXECUTE x",
            "DEALLOCATE x",
            "DEALLOCATE y",
            "DEALLOCATE ALL",
            "PREPARE z AS SELECT 2; EXECUTE z; DEALLOCATE z",
            "EXECUTE s0",
            "DEALLOCATE s1");

    static final Phrase DISCARD =
            Phrase.queries("DISCARD PLANS", "DISCARD TEMP", "DISCARD SEQUENCES", "DEALLOCATE ALL");

    static final Phrase DISCARD_ALL = Phrase.queries("DISCARD ALL", "DISCARD ALL", "RESET ALL");

    static final Phrase TEMP_TABLE = Phrase.queries(
            "CREATE TEMP TABLE temporary (n int, client int)",
            "CREATE TEMP TABLE IF NOT EXISTS temporary (n int, client int)",
            "CREATE TEMP TABLE fixed AS SELECT 99 AS n, 'hidden' AS s",
            "INSERT INTO temporary VALUES (1, %1$d)",
            "SELECT n, client FROM temporary ORDER BY n, client",
            "SELECT n, s FROM fixed ORDER BY n",
            "DROP TABLE temporary",
            "DROP TABLE fixed",
            "BEGIN; CREATE TEMP TABLE brief (n int) ON COMMIT DROP; INSERT INTO brief VALUES (1); COMMIT",
            "SELECT * FROM brief",
            "DISCARD TEMP");

    static final Phrase HOLD_CURSOR = Phrase.queries(
            "DECLARE h CURSOR WITH HOLD FOR SELECT n FROM fixed ORDER BY n",
            "DECLARE k SCROLL CURSOR WITH HOLD FOR SELECT %1$d",
            "FETCH 2 FROM h",
            "FETCH ALL FROM k",
            "MOVE BACKWARD ALL IN k",
            "CLOSE h",
            "CLOSE k",
            "CLOSE ALL");

    static final Phrase ADVISORY_LOCK = Phrase.queries(
            "SELECT pg_try_advisory_lock(7)",
            "SELECT pg_try_advisory_lock(8)",
            "SELECT pg_advisory_lock(1000 + %1$d)",
            "SELECT pg_advisory_unlock(7)",
            "SELECT pg_advisory_unlock(8)",
            "SELECT pg_advisory_unlock(1000 + %1$d)",
            "SELECT pg_advisory_unlock_all()",
            "SELECT pg_try_advisory_lock_shared(9)",
            "SELECT pg_advisory_unlock_shared(9)");

    static final Phrase LISTEN = Phrase.queries(
            "LISTEN news",
            "LISTEN \"Other Channel\"",
            "UNLISTEN news",
            "UNLISTEN *",
            "NOTIFY news, 'from %1$d'",
            "NOTIFY \"Other Channel\"",
            "SELECT pg_notify('news', 'called by %1$d')",
            "BEGIN; NOTIFY news, 'never'; ROLLBACK",
            "BEGIN; LISTEN news; NOTIFY news, 'at once %1$d'; COMMIT",
            "SELECT c FROM pg_listening_channels() AS c ORDER BY c");
}
