package dev.trunkline.server.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trunkline.pooler.statement.Prepared;
import dev.trunkline.router.sql.EffectScanner;
import dev.trunkline.router.sql.SessionEffects;
import dev.trunkline.router.sql.SessionEffects.Scope;
import dev.trunkline.router.sql.SqlLexer;
import dev.trunkline.router.sql.Trace;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.message.BindHead;
import dev.trunkline.wire.message.ParseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads from a client's frames what they may leave in the session. Loop-confined. It remembers the prepared statements that
 * leave something, of which most clients have none.
 */
final class EffectReader {
    /** A client with more of them is taken to do anything with any of its statements. */
    private static final int MAX_REMEMBERED = 1000;

    /** Characters of a statement's name. Servers take 63 bytes. */
    private static final int MAX_NAME = 256;

    /** pg_catalog.set_config. Source: pg_proc.dat, whose numbers do not change. */
    private static final int SET_CONFIG = 2078;

    /** pg_advisory_lock and all that belongs to it. */
    private static final int FIRST_LOCK = 2880;

    private static final int LAST_LOCK = 2892;
    /** Functions from here on were made by users. */
    private static final int FIRST_OF_USERS = 16_384;

    private static final SessionEffects LOCK = ofTraces(EnumSet.of(Trace.ADVISORY_LOCK));
    private static final SessionEffects ANYTHING = ofTraces(EnumSet.of(
            Trace.ADVISORY_LOCK, Trace.TEMPORARY_OBJECT, Trace.HOLD_CURSOR, Trace.LISTEN, Trace.PREPARED_STATEMENT));
    private static final SessionEffects UNKNOWN_SETTING = ofTraces(EnumSet.of(Trace.UNKNOWN_SETTING));

    private final EffectScanner scanner;
    /** By what was known of the database's functions when the client came: see {@link EffectScanner#version}. */
    private final int firstVersion;
    /** The client's statements by what is known now; empty as long as that is the same as at first. */
    private final Map<Prepared, SessionEffects> readAgain = new HashMap<>(0);
    /** By which they were read. */
    private int readBy;

    private final Map<String, SessionEffects> prepared = new HashMap<>(0);
    private SessionEffects preparedBySql = SessionEffects.NONE;
    /** What those may leave that were too many to be remembered. */
    private SessionEffects forgotten = SessionEffects.NONE;

    EffectReader(EffectScanner scanner) {
        this.scanner = scanner;
        this.firstVersion = scanner.version();
        this.readBy = firstVersion;
    }

    /**
     * What the cursor's current frame may leave.
     *
     * @param backslash how the client's strings are read
     * @param relay knows what the client has prepared
     */
    SessionEffects of(FrameCursor cursor, SqlLexer.Backslash backslash, Relay relay) {
        return switch (cursor.type()) {
            case FrontendType.QUERY -> ofQuery(cursor, backslash);
            case FrontendType.PARSE -> ofParse(cursor, backslash);
            case FrontendType.BIND -> {
                SessionEffects noted = prepared.isEmpty() ? SessionEffects.NONE : ofBind(cursor);
                yield firstVersion == scanner.version()
                        ? noted
                        : noted.and(ofPrepared(relay.namedStatement(), backslash));
            }
            case FrontendType.FUNCTION_CALL -> ofCall(cursor);
            default -> SessionEffects.NONE;
        };
    }

    private SessionEffects ofQuery(FrameCursor cursor, SqlLexer.Backslash backslash) {
        if (!cursor.isWhole()) {
            return SessionEffects.UNREAD;
        }
        return ofText(cursor.buffer(), cursor.bodyIndex(), cursor.bodyLength(), backslash);
    }

    /** What is prepared counts as run: a text is prepared to be run, and asking the server once too often does no harm. */
    private SessionEffects ofParse(FrameCursor cursor, SqlLexer.Backslash backslash) {
        ByteBuf buf = cursor.buffer();
        int body = cursor.bodyIndex();
        int length = cursor.bodyLength();
        int start = ParseHead.textStart(buf, body, length);
        SessionEffects effects = ofText(buf, start, ParseHead.textEnd(buf, body, length) + 1 - start, backslash);
        if (!effects.isNone() || !prepared.isEmpty()) {
            remember(buf.toString(body, ParseHead.nameEnd(buf, body, length) - body, UTF_8), effects);
        }
        return effects;
    }

    private void remember(String name, SessionEffects effects) {
        if (effects.isNone()) {
            prepared.remove(name);
        } else if (name.length() <= MAX_NAME && (prepared.size() < MAX_REMEMBERED || prepared.containsKey(name))) {
            prepared.put(name, effects);
        } else {
            forgotten = forgotten.and(effects);
        }
    }

    private SessionEffects ofBind(FrameCursor cursor) {
        ByteBuf buf = cursor.buffer();
        int start = BindHead.statementStart(buf, cursor.bodyIndex(), cursor.bodyAvailable());
        int end = BindHead.statementEnd(buf, cursor.bodyIndex(), cursor.bodyAvailable());
        return prepared.getOrDefault(buf.toString(start, end - start, UTF_8), forgotten);
    }

    /** A function may have been defined, or a trigger, since the text was read that was prepared. */
    private SessionEffects ofPrepared(@Nullable Prepared statement, SqlLexer.Backslash backslash) {
        if (statement == null) {
            return SessionEffects.NONE;
        }
        if (readBy != scanner.version() || readAgain.size() >= MAX_REMEMBERED) {
            readBy = scanner.version();
            readAgain.clear();
        }
        return readAgain.computeIfAbsent(statement, text -> {
            ByteBuf definition = Unpooled.wrappedBuffer(text.definition());
            return ofText(definition, 0, text.textLength() + 1, backslash);
        });
    }

    private SessionEffects ofText(ByteBuf buf, int index, int length, SqlLexer.Backslash backslash) {
        scanner.backslash(backslash);
        SessionEffects effects = scanner.of(buf, index, length);
        if (effects.traces().contains(Trace.PREPARED_STATEMENT)) {
            preparedBySql = preparedBySql.and(effects);
        }
        return effects.scope().contains(Scope.EXECUTES) ? effects.and(preparedBySql) : effects;
    }

    /** Large objects are handled by number by every driver, and leave nothing; other functions may. */
    private static SessionEffects ofCall(FrameCursor cursor) {
        if (cursor.bodyLength() < 4) {
            return SessionEffects.NONE;
        }
        int function = cursor.buffer().getInt(cursor.bodyIndex());
        if (function == SET_CONFIG) {
            return UNKNOWN_SETTING;
        }
        if (function >= FIRST_LOCK && function <= LAST_LOCK) {
            return LOCK;
        }
        return function >= FIRST_OF_USERS ? ANYTHING : SessionEffects.NONE;
    }

    private static SessionEffects ofTraces(Set<Trace> traces) {
        return new SessionEffects(List.of(), List.of(), traces, Set.of(), "a function call", Map.of(), null, Map.of());
    }
}
