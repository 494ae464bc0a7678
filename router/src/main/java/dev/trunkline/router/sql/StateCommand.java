package dev.trunkline.router.sql;

/** The words with which something begins that leaves state, or takes it away. */
enum StateCommand {
    SET,
    RESET,
    DISCARD,
    PREPARE,
    EXECUTE,
    DEALLOCATE,
    LISTEN,
    UNLISTEN,
    LOAD,
    DECLARE,
    CLOSE,
    CREATE,
    ALTER,
    DROP,
    /** Of a transaction that was prepared, with all that it has made. */
    COMMIT,
    DO,
    EXPLAIN,
    /** Of pg_settings, which is SET. */
    UPDATE,
    /** Inside of a SELECT. */
    INTO
}
