package dev.trunkline.server.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.pooler.statement.ClientStatements;
import dev.trunkline.pooler.statement.Prepared;
import dev.trunkline.router.sql.ListenCommand;
import dev.trunkline.router.sql.ListenTexts;
import dev.trunkline.server.listen.ClientListening;
import dev.trunkline.server.listen.Order;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.message.BindHead;
import dev.trunkline.wire.message.ParseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds LISTEN and UNLISTEN in a client's frames and puts an {@link Order} in their place. Loop-confined.
 *
 * <p>A prepared statement is known again by its text, which is the order's, so that only portals have to be remembered.
 */
final class ListenFrames {
    private final FrameCursor cursor;
    private final Relay relay;
    private final ClientStatements statements;
    private final ClientListening listening;
    private final Supplier<Parameters> wished;
    private final ListenTexts texts = new ListenTexts();
    /** Portals that were bound to an order. One that ended with its transaction does no harm: its name is unknown to the server. */
    private final Map<String, Order> portals = new HashMap<>(0);
    /** No Bind need be looked at before an order was prepared. */
    private boolean anyPrepared;

    ListenFrames(
            FrameCursor cursor,
            Relay relay,
            ClientStatements statements,
            ClientListening listening,
            Supplier<Parameters> wished) {
        this.cursor = cursor;
        this.relay = relay;
        this.statements = statements;
        this.listening = listening;
        this.wished = wished;
    }

    /** The order that the current frame prepares or carries out; null if none. A frame that is recognised is changed. */
    @Nullable
    Order order() {
        return switch (cursor.type()) {
            case FrontendType.QUERY -> query();
            case FrontendType.PARSE -> parse();
            case FrontendType.BIND -> bind();
            case FrontendType.EXECUTE -> portals.isEmpty() ? null : execute();
            default -> null;
        };
    }

    private @Nullable Order query() {
        if (!cursor.isWhole()) {
            return null;
        }
        int start = cursor.bodyIndex();
        int length = cursor.bodyLength();
        Order order = listening.read(cursor.buffer(), start, length);
        if (order != null) {
            return order;
        }
        ListenCommand command = recognised(start, length);
        boolean needed =
                command != null && (command.kind() == ListenCommand.Kind.LISTEN || listening.isConcernedBy(command));
        // An UNLISTEN with nothing to end here may have something to end on the server connection.
        return command != null && needed ? replace(command, start, start + length - 1) : null;
    }

    private @Nullable Order parse() {
        ByteBuf buf = cursor.buffer();
        int body = cursor.bodyIndex();
        ParseHead.check(buf, body, cursor.bodyLength());
        int start = ParseHead.textStart(buf, body, cursor.bodyLength());
        int end = ParseHead.textEnd(buf, body, cursor.bodyLength());
        Order order = listening.read(buf, start, end - start);
        if (order != null) {
            return order;
        }
        ListenCommand command = recognised(start, end + 1 - start);
        if (command == null) {
            return null;
        }
        anyPrepared = true;
        return replace(command, start, end);
    }

    /** Remembers what the portal will do. */
    private @Nullable Order bind() {
        if (!anyPrepared) {
            return null;
        }
        ByteBuf buf = cursor.buffer();
        int start = cursor.bodyIndex();
        int end = BindHead.portalEnd(buf, start, cursor.bodyAvailable());
        Order order = prepared();
        if (order != null) {
            portals.put(buf.toString(start, end - start, UTF_8), order);
        } else if (!portals.isEmpty()) {
            portals.remove(buf.toString(start, end - start, UTF_8));
        }
        return null;
    }

    private @Nullable Order prepared() {
        int nameStart = BindHead.statementStart(cursor.buffer(), cursor.bodyIndex(), cursor.bodyAvailable());
        if (cursor.buffer().getByte(nameStart) == 0) {
            byte[] unnamed = statements.unnamedDefinition();
            return listening.read(Unpooled.wrappedBuffer(unnamed), 0, unnamed.length);
        }
        Prepared named = relay.namedStatement();
        return named == null
                ? null
                : listening.read(Unpooled.wrappedBuffer(named.definition()), 0, named.definition().length);
    }

    private @Nullable Order execute() {
        // A portal's name is rarely there in half; if it is, it is none of these.
        int available = cursor.bodyAvailable();
        int start = cursor.bodyIndex();
        int end = cursor.buffer().indexOf(start, start + available, (byte) 0);
        return end < 0 ? null : portals.get(cursor.buffer().toString(start, end - start, UTF_8));
    }

    private @Nullable ListenCommand recognised(int start, int length) {
        ListenCommand command = texts.of(cursor.buffer(), start, length);
        // The shared connection speaks UTF-8, and what it receives is not converted.
        return command != null && isUtf8(wished.get()) ? command : null;
    }

    static boolean isUtf8(Parameters parameters) {
        return "UTF8".equalsIgnoreCase(parameters.get("client_encoding"));
    }

    private Order replace(ListenCommand command, int from, int to) {
        Order order = listening.order(command);
        cursor.replace(from, to, listening.text(order));
        return order;
    }
}
