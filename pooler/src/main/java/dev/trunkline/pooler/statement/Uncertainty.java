package dev.trunkline.pooler.statement;

import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.ProtocolViolation;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Says which messages have to wait because what they name was changed by an earlier batch that the server has not answered.
 * Loop-confined; does no I/O.
 *
 * <p>A client may send one batch behind the other. If the first fails, the server skips what that would have prepared or closed,
 * of which the proxy has added some itself, and the second must not have been written as if it had been done. Such a message is
 * rare: drivers wait for the answer to a Parse before they use its name. It waits for one round trip.
 */
public final class Uncertainty {
    private final ClientStatements client;

    public Uncertainty(ClientStatements client) {
        this.client = client;
    }

    /** True if nothing that a message can name is uncertain, which holds for nearly all. */
    public boolean isNone(ServerStatements server) {
        return client.isCertain(server.batches())
                && server.isCertain()
                && !client.unnamed().hasPending()
                && !server.isUnnamedUncertain();
    }

    /**
     * True if a Parse, or a Bind, Describe or Close of a statement, has to wait.
     *
     * @throws ProtocolViolation if it is malformed
     */
    public boolean of(FrameCursor frame, ServerStatements server) {
        return switch (frame.type()) {
            case FrontendType.PARSE -> ofParse(frame, server);
            case FrontendType.BIND, FrontendType.DESCRIBE -> ofUse(frame, server);
            case FrontendType.CLOSE -> ofClose(frame, server);
            default -> false;
        };
    }

    /** True if a PREPARE of SQL has to wait. */
    public boolean ofPrepare(byte[] name, byte[] tail, ServerStatements server) {
        return client.isUncertain(name, server.batches())
                || ofDefinition(client.known(Prepared.sqlDefinition(tail)), tail.length, server);
    }

    /** True if an EXECUTE of SQL has to wait. */
    public boolean ofExecute(byte[] name, ServerStatements server) {
        ClientStatement named = client.get(name);
        return client.isUncertain(name, server.batches()) || (named != null && server.isUncertain(named.statement()));
    }

    /** True if a DEALLOCATE of SQL has to wait. */
    public boolean ofDeallocate(byte[] name, ServerStatements server) {
        return client.isUncertain(name, server.batches());
    }

    private boolean ofParse(FrameCursor frame, ServerStatements server) {
        ByteBuf buf = frame.buffer();
        int start = frame.bodyIndex();
        int length = StatementRewriter.nameLength(frame, start);
        if (length == 0) {
            return false;
        }
        int definition = start + length + 1;
        int end = start + frame.bodyLength();
        return client.isUncertain(buf, start, length, server.batches())
                || ofDefinition(client.known(buf, definition, end), end - definition, server);
    }

    private boolean ofDefinition(@Nullable Prepared known, int length, ServerStatements server) {
        return known == null ? !server.hasRoomFor(length) : server.isUncertain(known);
    }

    private boolean ofUse(FrameCursor frame, ServerStatements server) {
        int start = StatementRewriter.statementName(frame);
        int length = StatementRewriter.nameLength(frame, start);
        if (length == 0) {
            ClientStatement shared = client.unnamed().shared();
            Prepared needed = client.neededByUnnamed();
            return client.unnamed().isUncertain(server.batches())
                    || (shared != null
                            && (server.isUncertain(shared.statement()) || client.mayBeReleasing(server.batches())))
                    || (needed != null && server.isUncertain(needed))
                    || (shared == null && server.hasUnnamedOf(client) && server.isUnnamedUncertain());
        }
        ClientStatement named = client.get(frame.buffer(), start, length);
        return client.isUncertain(frame.buffer(), start, length, server.batches())
                || (named != null && server.isUncertain(named.statement()));
    }

    private boolean ofClose(FrameCursor frame, ServerStatements server) {
        int start = frame.bodyIndex() + 1;
        int length = StatementRewriter.nameLength(frame, start);
        return length > 0 && client.isUncertain(frame.buffer(), start, length, server.batches());
    }
}
