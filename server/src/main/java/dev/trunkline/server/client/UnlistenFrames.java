package dev.trunkline.server.client;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.trunkline.pooler.backend.Retouch;
import dev.trunkline.router.sql.UnlistenFinder;
import dev.trunkline.server.listen.ClientListening;
import dev.trunkline.server.listen.Order;
import dev.trunkline.wire.FrameCursor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts an {@link Order} behind each UNLISTEN in a text of several statements, so that it shares the fate of that UNLISTEN: what the
 * client's own connection listens to ends by the one, what it shares by the other. Loop-confined.
 */
final class UnlistenFrames {
    private final FrameCursor cursor;
    private final ClientListening listening;
    private final UnlistenFinder finder = new UnlistenFinder();
    /** What was done to the frame that has waited since. */
    private @Nullable Change last;

    UnlistenFrames(FrameCursor cursor, ClientListening listening) {
        this.cursor = cursor;
        this.listening = listening;
    }

    /**
     * What was done to a text.
     *
     * @param orders at least one
     * @param retouch hides the answers to the orders
     */
    record Change(List<Order> orders, Retouch retouch) {}

    /** Changes the current frame, a Query in UTF-8, if it has to be and was not yet; null if there is nothing in it. */
    @Nullable
    Change change() {
        if (!cursor.isWhole()) {
            return null;
        }
        List<UnlistenFinder.Found> found = finder.of(cursor.buffer(), cursor.bodyIndex(), cursor.bodyLength()).stream()
                .filter(each -> listening.isConcernedBy(each.command()))
                .toList();
        if (found.isEmpty()) {
            return null;
        }
        if (!listening.hasOrders(cursor.buffer(), cursor.bodyIndex(), cursor.bodyLength())) {
            last = insert(found);
        }
        return last;
    }

    private Change insert(List<UnlistenFinder.Found> found) {
        List<Order> orders = new ArrayList<>();
        List<byte[]> texts = new ArrayList<>();
        List<Retouch.Piece> pieces = new ArrayList<>();
        for (UnlistenFinder.Found each : found) {
            Order order = listening.order(each.command());
            byte[] text = (";" + new String(listening.text(order), US_ASCII)).getBytes(US_ASCII);
            orders.add(order);
            texts.add(text);
            // Each order that stands in front of it is one more statement.
            pieces.add(new Retouch.Piece(characters(each.end()) + 1, text.length, each.statement() + orders.size()));
        }
        for (int i = found.size() - 1; i >= 0; i--) {
            int at = cursor.bodyIndex() + found.get(i).end();
            cursor.replace(at, at, texts.get(i));
        }
        return new Change(orders, Retouch.changed(pieces));
    }

    private int characters(int bytes) {
        int count = 0;
        for (int i = cursor.bodyIndex(); i < cursor.bodyIndex() + bytes; i++) {
            count += (cursor.buffer().getByte(i) & 0xc0) == 0x80 ? 0 : 1;
        }
        return count;
    }
}
