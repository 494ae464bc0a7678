package dev.trunkline.router.sql;

import org.jspecify.annotations.Nullable;

/** Functions of PostgreSQL that leave state, or take it away; and the schema of temporary objects. */
enum StateFunction {
    SET_CONFIG(null),
    PG_ADVISORY_LOCK(Trace.ADVISORY_LOCK),
    PG_ADVISORY_LOCK_SHARED(Trace.ADVISORY_LOCK),
    PG_TRY_ADVISORY_LOCK(Trace.ADVISORY_LOCK),
    PG_TRY_ADVISORY_LOCK_SHARED(Trace.ADVISORY_LOCK),
    PG_ADVISORY_UNLOCK(null),
    PG_ADVISORY_UNLOCK_SHARED(null),
    PG_ADVISORY_UNLOCK_ALL(null),
    SETSEED(Trace.SEED),
    CURRVAL(Trace.SEQUENCE),
    LASTVAL(Trace.SEQUENCE),
    DBLINK_CONNECT(Trace.EXTENSION),
    DBLINK_CONNECT_U(Trace.EXTENSION),
    PG_REPLICATION_ORIGIN_SESSION_SETUP(Trace.EXTENSION),
    PG_BACKUP_START(Trace.REPLICATION),
    PG_START_BACKUP(Trace.REPLICATION),
    PG_CREATE_PHYSICAL_REPLICATION_SLOT(Trace.REPLICATION),
    PG_CREATE_LOGICAL_REPLICATION_SLOT(Trace.REPLICATION),
    PG_COPY_PHYSICAL_REPLICATION_SLOT(Trace.REPLICATION),
    PG_COPY_LOGICAL_REPLICATION_SLOT(Trace.REPLICATION),
    PG_TEMP(Trace.TEMPORARY_OBJECT);

    /** What a call may leave; null if it leaves nothing, or that depends on its arguments. */
    final @Nullable Trace trace;

    StateFunction(@Nullable Trace trace) {
        this.trace = trace;
    }
}
