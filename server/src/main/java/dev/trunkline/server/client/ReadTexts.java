package dev.trunkline.server.client;

import dev.trunkline.pooler.statement.Prepared;
import dev.trunkline.router.reads.CatalogFacts;
import dev.trunkline.router.reads.Classified;
import dev.trunkline.router.reads.ReadCache;
import dev.trunkline.router.reads.ReadLookup;
import dev.trunkline.router.sql.EffectScanner;
import dev.trunkline.router.sql.SqlLexer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Knows of the texts of one pool's clients whether they only read, and what a comment in them asks for. Loop-confined; what was
 * found out of a text is shared with other workers.
 */
public final class ReadTexts {
    private static final long NOTHING_KEPT = 1 << 16;

    private final ReadCatalog catalog;
    private final ReadLookup lookup;
    private final EffectScanner scanner;

    /** @param scanner of the same pool */
    public ReadTexts(ReadCatalog catalog, EffectScanner scanner) {
        this.catalog = catalog;
        this.lookup = new ReadLookup(catalog.cache());
        this.scanner = scanner;
    }

    /** For a database of whose catalog nothing will ever be known. */
    static ReadTexts ofNothing() {
        ReadCache cache = new ReadCache(NOTHING_KEPT);
        return new ReadTexts(new Unknown(cache), new EffectScanner());
    }

    /**
     * What a text is.
     *
     * @param length up to its NUL, that included
     */
    Classified of(ByteBuf buf, int index, int length, SqlLexer.Backslash backslash) {
        return lookup.of(buf, index, length, backslash, catalog.facts());
    }

    /** True if a text leaves nothing in its session. */
    boolean leavesNothing(ByteBuf buf, int index, int length, SqlLexer.Backslash backslash) {
        scanner.backslash(backslash);
        return scanner.of(buf, index, length).isNone();
    }

    /** The same for the text of a prepared statement, which is looked at once. */
    TextNote of(Prepared statement, SqlLexer.Backslash backslash) {
        CatalogFacts facts = catalog.facts();
        if (statement.note() instanceof TextNote known
                && known.epoch() == facts.epoch()
                && known.version() == scanner.version()
                && known.backslash() == backslash) {
            return known;
        }
        ByteBuf text = Unpooled.wrappedBuffer(statement.definition());
        int length = statement.textLength() + 1;
        TextNote note = new TextNote(
                lookup.of(text, 0, length, backslash, facts),
                leavesNothing(text, 0, length, backslash),
                facts.epoch(),
                scanner.version(),
                backslash);
        statement.note(note);
        return note;
    }

    /** A replica has refused a text as one that writes. */
    void remembersWrite(ByteBuf buf, int index, int length, SqlLexer.Backslash backslash) {
        lookup.remembersWrite(buf, index, length, backslash);
    }

    /** A replica has refused the text of a prepared statement as one that writes. */
    void remembersWrite(Prepared statement, SqlLexer.Backslash backslash) {
        ByteBuf text = Unpooled.wrappedBuffer(statement.definition());
        remembersWrite(text, 0, statement.textLength() + 1, backslash);
        statement.note(null);
    }

    /** Something is to be proven now. */
    void wanted() {
        if (!catalog.facts().isKnown()) {
            catalog.wanted();
        }
    }

    /** What is in the catalog may have been changed, and that is committed. */
    void changed() {
        catalog.changed();
    }

    /** @param cache has what comments ask for */
    private record Unknown(ReadCache cache) implements ReadCatalog {
        @Override
        public CatalogFacts facts() {
            return CatalogFacts.NONE;
        }

        @Override
        public void wanted() {
            // Nobody could tell.
        }

        @Override
        public void changed() {
            // Nothing is known that could be out of date.
        }
    }
}
