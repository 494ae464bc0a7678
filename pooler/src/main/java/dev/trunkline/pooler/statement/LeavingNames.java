package dev.trunkline.pooler.statement;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** The names of one client that it has given up by requests which may not be answered yet. Loop-confined. */
final class LeavingNames {
    private @Nullable ByteMap<ClientStatement> names;

    /** The name is given up by a request of that batch. */
    void add(ClientStatement statement, long batch) {
        ByteMap<ClientStatement> all = names;
        if (all == null) {
            all = new ByteMap<>();
            names = all;
        }
        statement.leftIn(batch);
        all.remove(statement.name());
        all.insert(statement.name(), statement);
    }

    /** It is known what has become of it. */
    void settled(ClientStatement statement) {
        statement.leftIn(0);
        if (names != null && names.get(statement.name()) == statement) {
            names.remove(statement.name());
        }
    }

    @Nullable
    ClientStatement get(ByteBuf buf, int index, int length) {
        return names == null ? null : names.get(buf, index, length);
    }

    @Nullable
    ClientStatement get(byte[] name) {
        return names == null ? null : names.get(name);
    }

    /** All names have ended, those that are defined behind that apart: none of them comes back. */
    void clear(Batches batches) {
        if (names != null) {
            names.forEachValue(each -> {
                if (!each.isUpcoming(batches)) {
                    each.gone();
                }
            });
        }
    }
}
