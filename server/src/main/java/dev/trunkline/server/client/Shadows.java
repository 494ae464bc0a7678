package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Replies;
import dev.trunkline.pooler.backend.Replies.Action;
import dev.trunkline.pooler.backend.Replies.Kind;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.statement.ClientStatements;
import dev.trunkline.pooler.statement.Prepared;
import dev.trunkline.pooler.statement.Rewrite;
import dev.trunkline.pooler.statement.Undo;
import dev.trunkline.server.state.DatabaseCounters;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.FrontendType;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Writes what a server has to close and to prepare before it sees the client's message, and notes that its answers are the
 * proxy's own. Loop-confined.
 */
final class Shadows {
    private static final byte[] NO_NAME = new byte[0];
    private static final byte[] EMPTY_STATEMENT = {0, 0, 0};
    /** Under this name the PREPARE of a statement is itself prepared, so that no statement or portal of the client goes for it. */
    private static final byte[] VEHICLE = Prepared.vehicle();

    private static final byte[] PREPARE = {'P', 'R', 'E', 'P', 'A', 'R', 'E', ' '};

    private final ClientStatements statements;
    private final DatabaseCounters counters;
    private final Outbox outbox;

    Shadows(ClientStatements statements, DatabaseCounters counters, Outbox outbox) {
        this.statements = statements;
        this.counters = counters;
        this.outbox = outbox;
    }

    /** True if there is anything to write. */
    static boolean isNeeded(Rewrite rewrite) {
        return rewrite.close() != null || rewrite.parse() != null || rewrite.closeUnnamed() || rewrite.parseUnnamed();
    }

    void write(Rewrite rewrite, ServerConnection server) {
        Replies replies = server.replies();
        Prepared close = rewrite.close();
        if (close != null) {
            close(close.serverName(), replies, rewrite.closeUndo());
        }
        for (Rewrite.Eviction each : rewrite.evictions()) {
            close(each.statement().serverName(), replies, each.undo());
        }
        Prepared parse = rewrite.parse();
        if (parse != null && parse.isSql()) {
            prepareBySql(parse, replies, rewrite.parseUndo());
        } else if (parse != null) {
            parse(parse.serverName(), parse.definition(), replies, rewrite.parseUndo());
        }
        if (rewrite.closeUnnamed()) {
            close(NO_NAME, replies, null);
        }
        if (rewrite.parseUnnamed()) {
            parse(NO_NAME, statements.unnamedDefinition(), replies, rewrite.parseUnnamedUndo());
        }
    }

    /** A statement of that name is there afterwards, which does nothing. */
    void occupy(byte[] name, Replies replies) {
        parse(name, EMPTY_STATEMENT, replies, null);
    }

    /** No statement of that name is there afterwards. */
    void vacate(byte[] name, Replies replies) {
        close(name, replies, null);
    }

    private void close(byte[] name, Replies replies, @Nullable Undo undo) {
        FrameWriter.close(outbox.own(), 'S', name);
        replies.expect(Kind.CLOSE, Action.SWALLOW, undo);
    }

    private void parse(byte[] name, byte[] definition, Replies replies, @Nullable Undo undo) {
        FrameWriter.parse(outbox.own(), name, definition);
        counters.serverParsed();
        replies.expect(Kind.PARSE, Action.SWALLOW, undo);
    }

    /** PREPARE as a statement of the extended protocol, so that it can stand in any batch. */
    private void prepareBySql(Prepared statement, Replies replies, @Nullable Undo undo) {
        close(VEHICLE, replies, null);
        ByteBuf out = outbox.own();
        writeParse(out, statement);
        replies.expect(Kind.PARSE, Action.SWALLOW, null);
        BindHeads.writeBind(out, VEHICLE, VEHICLE);
        replies.expect(Kind.BIND, Action.SWALLOW, null);
        BindHeads.writeExecute(out, VEHICLE);
        replies.expect(Kind.EXECUTE, Action.SWALLOW, undo);
        FrameWriter.close(out, 'P', VEHICLE);
        replies.expect(Kind.CLOSE, Action.SWALLOW, null);
        close(VEHICLE, replies, null);
        counters.serverParsed();
    }

    private static void writeParse(ByteBuf out, Prepared statement) {
        byte[] name = statement.serverName();
        int tail = statement.textLength();
        out.writeByte(FrontendType.PARSE);
        out.writeInt(4 + VEHICLE.length + 1 + PREPARE.length + name.length + tail + 1 + 2);
        out.writeBytes(VEHICLE).writeByte(0);
        out.writeBytes(PREPARE).writeBytes(name).writeBytes(statement.definition(), 0, tail);
        out.writeByte(0).writeShort(0);
    }
}
