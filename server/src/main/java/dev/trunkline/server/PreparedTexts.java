package dev.trunkline.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.statement.Prepared;
import dev.trunkline.router.sql.SqlLexer;
import dev.trunkline.router.sql.Token;
import dev.trunkline.server.state.PreparedSnapshot;
import dev.trunkline.server.state.StatementRow;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes the rows of SHOW PREPARED of one worker. Loop-confined; used once. */
final class PreparedTexts {
    /** So that a look does not stop the loop for long. */
    private static final int MAX_ROWS = 1000;

    private static final int MAX_TEXT = 200;

    private final Map<Prepared, Integer> servers = new HashMap<>();
    private final SqlLexer lexer = new SqlLexer();

    /** Counts the statements of a server connection. */
    void add(ServerConnection server) {
        server.statements().forEach(each -> servers.merge(each, 1, Integer::sum));
    }

    /** The most named texts first. */
    PreparedSnapshot of(Worker worker) {
        List<Prepared> all = new ArrayList<>();
        worker.catalog().forEach(all::add);
        List<StatementRow> rows = all.stream()
                .sorted(Comparator.comparingInt(Prepared::clients).reversed().thenComparingLong(Prepared::id))
                .limit(MAX_ROWS)
                .map(each -> row(worker, each))
                .toList();
        return new PreparedSnapshot(worker.catalog().size(), worker.catalog().bytes(), rows);
    }

    private StatementRow row(Worker worker, Prepared statement) {
        return new StatementRow(
                worker.index(),
                new String(statement.serverName(), UTF_8),
                statement.isSql() ? "sql" : "protocol",
                statement.clients(),
                servers.getOrDefault(statement, 0),
                statement.weight(),
                text(statement));
    }

    /** A literal may be anything, a password too; and one that does not end may go on for ever. */
    private String text(Prepared statement) {
        ByteBuf buf = Unpooled.wrappedBuffer(statement.definition());
        StringBuilder text = new StringBuilder();
        lexer.reset(buf, 0, Math.min(statement.textLength() + 1, SqlLexer.MAX_TEXT));
        int end = 0;
        for (Token token = lexer.next(); token != Token.END && text.length() < MAX_TEXT; token = lexer.next()) {
            if (token == Token.INCOMPLETE) {
                return text.append('…').toString();
            }
            text.append(lexer.start() > end && end > 0 ? " " : "");
            text.append(isLiteral(token) ? "'…'" : buf.toString(lexer.start(), lexer.end() - lexer.start(), UTF_8));
            end = lexer.end();
        }
        return text.length() < MAX_TEXT ? text.toString() : text.substring(0, MAX_TEXT) + '…';
    }

    private static boolean isLiteral(Token token) {
        return token == Token.STRING || token == Token.ESCAPE_STRING || token == Token.DOLLAR_STRING;
    }
}
