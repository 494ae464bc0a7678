package dev.trunkline.server.state;

import java.util.ArrayList;
import java.util.List;

/**
 * The statement texts that are kept. Immutable.
 *
 * @param texts how many
 * @param bytes what they cost together, roughly
 * @param rows the most used ones of each worker; empty unless sessions were asked for
 */
public record PreparedSnapshot(long texts, long bytes, List<StatementRow> rows) {
    /** None. */
    public static final PreparedSnapshot NONE = new PreparedSnapshot(0, 0, List.of());

    public PreparedSnapshot {
        rows = List.copyOf(rows);
    }

    PreparedSnapshot plus(PreparedSnapshot other) {
        List<StatementRow> all = new ArrayList<>(rows);
        all.addAll(other.rows);
        return new PreparedSnapshot(texts + other.texts, bytes + other.bytes, all);
    }
}
