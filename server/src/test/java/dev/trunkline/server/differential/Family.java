package dev.trunkline.server.differential;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/** What a generated scenario may be about. */
enum Family {
    /** One statement in a simple query. */
    SIMPLE,
    /** Several statements in one simple query. */
    MULTI,
    /** Parse, Bind, Describe, Execute, Close, Flush and Sync, in the usual order. */
    EXTENDED,
    /** Portals in parts, over Syncs and transactions. */
    PORTALS,
    /** What does not belong there: messages doubled, left out, exchanged or put in. */
    DISORDER,
    COPY,
    FUNCTION_CALL,
    /** Transactions, good and failed, with savepoints, cursors and SET LOCAL. */
    TRANSACTION,
    /** Parameters that the server reports. */
    REPORTED,
    /** A client leaves and another one with the same wishes comes in its place. */
    RECONNECT,
    /** RESET and DEFAULT of parameters that the server reports: what the client wished at its login comes back. */
    RESET,
    /** Parameters that the server does not report, those with a dot among them. */
    UNREPORTED,
    /** {@code options} in the startup packet. */
    STARTUP_OPTIONS,
    /** PREPARE, EXECUTE and DEALLOCATE as SQL. */
    SQL_PREPARE,
    DISCARD,
    TEMP_TABLE,
    HOLD_CURSOR,
    ADVISORY_LOCK,
    LISTEN,
    /** currval and lastval. */
    SEQUENCE;

    static final Set<Family> ALL = Collections.unmodifiableSet(EnumSet.allOf(Family.class));

    /** Those with these names, divided by commas; {@link #ALL} for none. */
    static Set<Family> named(String names) {
        return names.isBlank()
                ? ALL
                : Arrays.stream(names.split(","))
                        .map(name -> valueOf(name.strip()))
                        .collect(Collectors.toUnmodifiableSet());
    }

    /** False for what only changes how the others are said. */
    boolean speaks() {
        return this != DISORDER && this != RECONNECT;
    }

    /** Whether a client with such state may rightly keep a server connection to itself outside of transactions. */
    boolean pins() {
        return switch (this) {
            case SQL_PREPARE, TEMP_TABLE, HOLD_CURSOR, ADVISORY_LOCK, LISTEN, SEQUENCE -> true;
            default -> false;
        };
    }
}
