package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Replies;
import dev.trunkline.pooler.backend.Replies.Action;
import dev.trunkline.pooler.backend.Replies.Kind;
import dev.trunkline.pooler.backend.Retouch;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.statement.ClientStatement;
import dev.trunkline.pooler.statement.ClientStatements;
import dev.trunkline.pooler.statement.Prepared;
import dev.trunkline.pooler.statement.Undo;
import dev.trunkline.server.state.DatabaseCounters;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameLimits;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.ProtocolViolation;
import dev.trunkline.wire.message.CloseHead;
import dev.trunkline.wire.message.DescribeHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Sends a client's frames on to the server connection that it has, and notes what they will be answered with.
 * Loop-confined. What is passed is written at the end of a batch by {@link #push}.
 */
final class Relay {
    private static final byte[] NO_NAME = new byte[0];
    /** No server takes it for a statement. */
    private static final String FAILING = "!";

    private static final byte[] FAILING_STATEMENT = {'!', 0, 0, 0};

    private final FrameCursor cursor;
    private final DatabaseCounters counters;
    private final Outbox outbox;
    private final BatchRecord record = new BatchRecord();
    /** What deals with the names of statements; null if they are as the server has them. */
    private final @Nullable StatementRelay mapped;

    Relay(FrameCursor cursor, ClientStatements statements, SessionHome home, Naming naming, Outbox outbox) {
        this.cursor = cursor;
        this.counters = home.counters();
        this.outbox = outbox;
        this.mapped = naming == Naming.MAPPED ? new StatementRelay(cursor, statements, home, outbox, record) : null;
    }

    /** For other frames of the same client. */
    private Relay(Relay other, FrameCursor cursor) {
        this.cursor = cursor;
        this.counters = other.counters;
        this.outbox = other.outbox;
        this.mapped = other.mapped == null ? null : new StatementRelay(other.mapped, cursor, record);
    }

    /** Whether a client's names of statements are its own, or the same as the server's. */
    enum Naming {
        /** They follow the client over server connections. */
        MAPPED,
        /** The client keeps its server connection, or mapping is switched off. */
        AS_THEY_ARE
    }

    /** The statement that the current Bind or Describe names, if the client has prepared it under that name. */
    @Nullable
    Prepared namedStatement() {
        return mapped == null ? null : mapped.named();
    }

    /**
     * True if the current frame has to wait for answers of the server.
     *
     * @throws ProtocolViolation if it is malformed
     */
    boolean mustWait(ServerConnection server) {
        return mapped != null && mapped.mustWait(server);
    }

    /** How the client keeps its server connection: see {@link StatementRelay#keeps}. */
    void keeps(Keeping how) {
        if (mapped != null) {
            mapped.keeps(how);
        }
    }

    /**
     * Sends the current frame on.
     *
     * @throws ProtocolViolation if it is malformed or must not come now
     */
    void send(ServerConnection server) {
        Replies replies = server.replies();
        if (mapped != null) {
            record.sees(cursor);
        }
        switch (cursor.type()) {
            case FrontendType.QUERY -> sendQuery(server);
            case FrontendType.PARSE -> sendParse(server);
            case FrontendType.BIND -> sendBind(server);
            case FrontendType.DESCRIBE -> sendDescribe(server);
            case FrontendType.CLOSE -> sendClose(server);
            case FrontendType.EXECUTE -> sendExecute(server);
            case FrontendType.FUNCTION_CALL -> pass(replies, Kind.FUNCTION_CALL);
            case FrontendType.SYNC -> sendSync(server);
            case FrontendType.FLUSH -> {
                replies.expectFlush();
                cursor.pass();
            }
            case FrontendType.COPY_DATA -> {
                replies.expectCopyData();
                cursor.pass();
            }
            case FrontendType.COPY_DONE, FrontendType.COPY_FAIL -> pass(replies, Kind.COPY_END);
            default -> throw unexpected(cursor.type());
        }
    }

    /** True if the current Parse was carried out here, for want of a server connection, and only the answer is left to give. */
    boolean parsesWithoutServer() {
        if (mapped == null) {
            return false;
        }
        boolean proven = mapped.parsesWithoutServer();
        if (proven) {
            counters.clientParsed();
        }
        return proven;
    }

    /** Writes what was passed; the caller flushes. */
    void push(ServerConnection server) {
        outbox.take(cursor, server);
        outbox.empty(server);
    }

    /** Throws away what was not pushed, and what was kept to be sent again. */
    void close() {
        outbox.close();
        record.shut();
    }

    /** The batch that is under way, as far as it may be sent again. */
    BatchRecord record() {
        return record;
    }

    /** The server prepares the statement again: see {@link StatementRelay#prepareAgain}. */
    void prepareAgain(ClientStatement use, ServerConnection server) {
        if (mapped != null) {
            mapped.prepareAgain(use, server);
        }
    }

    /** Takes whole frames of this client and sends them on as if they had just come. */
    void sendAgain(ByteBuf frames, ServerConnection server) {
        FrameCursor again =
                new FrameCursor(FrontendType.table(), FrameLimits.DEFAULT, UnpooledByteBufAllocator.DEFAULT);
        Relay relay = new Relay(this, again);
        again.feed(frames);
        while (again.next()) {
            relay.send(server);
        }
        relay.push(server);
        if (mapped != null && relay.mapped != null) {
            mapped.takesAway(relay.mapped);
        }
        relay.record.shut();
        again.close();
        server.flush();
    }

    static ProtocolViolation unexpected(byte type) {
        return new ProtocolViolation("unexpected client message type \"" + (char) type + "\" after login");
    }

    /** The current frame, which is whole, and whose body is malformed: it is the server that refuses it, and ignores what follows. */
    void sendMalformed(ServerConnection server) {
        record.shut();
        Replies replies = server.replies();
        switch (cursor.type()) {
            case FrontendType.PARSE -> pass(replies, Kind.PARSE);
            case FrontendType.BIND -> pass(replies, Kind.BIND);
            case FrontendType.DESCRIBE -> pass(replies, Kind.DESCRIBE_STATEMENT);
            // It ends the batch all the same: ReadyForQuery comes behind the error.
            case FrontendType.SYNC -> sendSync(server);
            case FrontendType.FLUSH -> sendMalformedFlush(replies);
            default -> pass(replies, Kind.CLOSE);
        }
    }

    /** A server in COPY FROM STDIN ignores a Flush without a look at it; another one answers with an error, as it might a Close. */
    private void sendMalformedFlush(Replies replies) {
        if (replies.awaitsCopyData()) {
            cursor.pass();
        } else {
            pass(replies, Kind.CLOSE);
        }
    }

    private void sendSync(ServerConnection server) {
        if (mapped == null) {
            pass(server.replies(), Kind.SYNC);
            return;
        }
        mapped.endsBatch(server);
        pass(server.replies(), Kind.SYNC);
        mapped.endedBatch(server);
    }

    private void sendQuery(ServerConnection server) {
        if (mapped == null) {
            pass(server.replies(), Kind.QUERY);
        } else {
            mapped.sendQuery(server);
        }
    }

    private @Nullable Undo dropUnnamed(ServerConnection server) {
        return mapped == null ? null : mapped.dropUnnamed(server);
    }

    /** Sends this text in place of the current Query's. */
    void sendInstead(ServerConnection server, String text, Retouch retouch) {
        Undo undo = dropUnnamed(server);
        outbox.take(cursor, server);
        FrameWriter.query(outbox.own(), text);
        server.replies().expect(Kind.QUERY, Action.FORWARD, undo);
        server.replies().retouch(retouch);
        cursor.skip();
    }

    /** Prepares this text in place of the current Parse's, if names are mapped; else sends the Parse as it is. */
    void parseInstead(ServerConnection server, String text) {
        if (mapped == null) {
            sendParse(server);
            return;
        }
        counters.clientParsed();
        record.sees(cursor);
        mapped.sendParseOf(server, text);
    }

    /** Sends the current Bind of a statement for which {@link #parseInstead} has prepared another text, if it did. */
    void bindInstead(ServerConnection server, Retouch retouch) {
        if (mapped == null) {
            sendBind(server);
            return;
        }
        counters.bound();
        record.sees(cursor);
        mapped.sendBindOfReplaced(server, retouch);
    }

    /** Sends a text that must fail in place of the current Query, Parse or other request; the client is told {@code error}. */
    void deny(ServerConnection server, PgError error) {
        if (cursor.type() == FrontendType.QUERY || cursor.type() == FrontendType.FUNCTION_CALL) {
            sendInstead(server, FAILING, Retouch.refusal(error));
            return;
        }
        Undo undo = dropUnnamed(server);
        outbox.take(cursor, server);
        FrameWriter.parse(outbox.own(), NO_NAME, FAILING_STATEMENT);
        server.replies().expect(Kind.PARSE, Action.FORWARD, undo);
        server.replies().retouch(Retouch.refusal(error));
        cursor.skip();
    }

    private void sendParse(ServerConnection server) {
        counters.clientParsed();
        if (mapped == null) {
            counters.serverParsed();
            pass(server.replies(), Kind.PARSE);
        } else {
            mapped.sendParse(server);
        }
    }

    private void sendBind(ServerConnection server) {
        counters.bound();
        if (mapped == null) {
            pass(server.replies(), Kind.BIND);
        } else {
            mapped.sendBind(server);
        }
    }

    private void sendExecute(ServerConnection server) {
        if (mapped == null) {
            pass(server.replies(), Kind.EXECUTE);
        } else {
            mapped.sendExecute(server);
        }
    }

    private void sendDescribe(ServerConnection server) {
        boolean portal = DescribeHead.kind(cursor.buffer(), cursor.bodyIndex(), cursor.bodyLength()) == 'P';
        if (mapped == null) {
            pass(server.replies(), portal ? Kind.DESCRIBE_PORTAL : Kind.DESCRIBE_STATEMENT);
        } else if (portal) {
            mapped.describesPortal();
            pass(server.replies(), Kind.DESCRIBE_PORTAL);
        } else {
            mapped.sendDescribe(server);
        }
    }

    private void sendClose(ServerConnection server) {
        byte kind = CloseHead.kind(cursor.buffer(), cursor.bodyIndex(), cursor.bodyLength());
        if (kind == 'P' || mapped == null) {
            pass(server.replies(), Kind.CLOSE);
        } else {
            mapped.sendClose(server);
        }
    }

    /**
     * Carries the current Close out while the client has no server connection, if the name is known here alone. Portals have ended
     * with their transaction.
     */
    boolean closesWithoutServer() {
        byte kind = CloseHead.kind(cursor.buffer(), cursor.bodyIndex(), cursor.bodyLength());
        if (kind == 'P') {
            return true;
        }
        if (mapped == null) {
            return false;
        }
        mapped.closeWithoutServer();
        return true;
    }

    private void pass(Replies replies, Kind kind) {
        replies.expect(kind);
        cursor.pass();
    }
}
