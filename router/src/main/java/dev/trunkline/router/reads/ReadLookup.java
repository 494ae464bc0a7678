package dev.trunkline.router.reads;

import dev.trunkline.router.sql.SqlLexer;
import io.netty.buffer.ByteBuf;

/** One worker's way to a {@link ReadCache}. Loop-confined; what is in the cache is found without an allocation. */
public final class ReadLookup {
    public ReadLookup(ReadCache cache) {}

    /**
     * What a text is by these facts, from the cache or found out now.
     *
     * @param buf is borrowed; its indexes do not change
     * @param index where the text begins
     * @param length how many bytes from there on may be read, its NUL included
     * @param backslash what a backslash in {@code '...'} is when the server reads the text
     */
    public Classified of(ByteBuf buf, int index, int length, SqlLexer.Backslash backslash, CatalogFacts facts) {
        throw new UnsupportedOperationException();
    }

    /** A replica has refused this text as one that writes: from now on it counts as that, whatever the catalog says. */
    public void remembersWrite(ByteBuf buf, int index, int length, SqlLexer.Backslash backslash) {}
}
