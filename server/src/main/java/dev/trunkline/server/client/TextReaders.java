package dev.trunkline.server.client;

import dev.trunkline.router.sql.PreparedSql;
import dev.trunkline.router.sql.ReadOnlyTexts;

/**
 * What reads the texts of the clients of one pool, one after the other: each has memory of its own for the text that it reads, which
 * an idle client has no use for. Loop-confined; what one tells holds until the next text of any client.
 */
public final class TextReaders {
    private final Intents intents = new Intents();
    private final PreparedSql prepared = new PreparedSql();
    private final ReadOnlyTexts readOnly = new ReadOnlyTexts();
    private final ReadTexts reads;

    /** For a database of whose functions nothing is known. */
    public TextReaders() {
        this(ReadTexts.ofNothing());
    }

    public TextReaders(ReadTexts reads) {
        this.reads = reads;
    }

    Intents intents() {
        return intents;
    }

    PreparedSql prepared() {
        return prepared;
    }

    ReadTexts reads() {
        return reads;
    }

    ReadOnlyTexts readOnly() {
        return readOnly;
    }
}
