package dev.trunkline.pooler.statement;

import dev.trunkline.wire.bytes.Sightings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.function.Consumer;

/**
 * All statement texts that clients of one worker have prepared. Loop-confined.
 *
 * <p>A text that no client names any more is kept for the next one who prepares it, as long as all such texts together
 * stay under a bound in bytes; the one that was given up first goes first.
 */
public final class StatementCatalog {
    private static final int SIGHTINGS = 4096;

    private final StatementSpace plain = new StatementSpace(new byte[0]);
    /** Of the clients that have set what their texts depend on. */
    private final ByteMap<StatementSpace> spaces = new ByteMap<>();

    /** Hashes of texts that were seen once, the last of each place; a text that comes again is likely to come often. */
    private final Sightings sightings = new Sightings(SIGHTINGS);

    private final LinkedHashSet<Prepared> unused = new LinkedHashSet<>();
    private final long maxUnusedBytes;
    private int size;
    private long bytes;
    private long unusedBytes;
    private long nextId;

    /** @param maxUnusedBytes bound for texts that no client names; 0 keeps none */
    public StatementCatalog(long maxUnusedBytes) {
        this.maxUnusedBytes = maxUnusedBytes;
        plain.clients = 1;
    }

    /** Where the texts of clients with these settings are; empty for those who have set nothing. One client more is there. */
    StatementSpace enter(byte[] context) {
        if (context.length == 0) {
            plain.clients++;
            return plain;
        }
        StatementSpace space = spaces.get(Unpooled.wrappedBuffer(context), 0, context.length);
        if (space == null) {
            space = new StatementSpace(context.clone());
            spaces.insert(space.context, space);
        }
        space.clients++;
        return space;
    }

    /** One client less is there. */
    void leave(StatementSpace space) {
        space.clients--;
        dropIfAbandoned(space);
    }

    private void dropIfAbandoned(StatementSpace space) {
        if (space.isAbandoned()) {
            spaces.remove(space.context);
        }
    }

    /** The statement for this definition (text, terminator, types), counted as named once more. */
    Prepared acquire(StatementSpace space, ByteBuf buf, int index, int length) {
        Prepared known = space.byDefinition.get(buf, index, length);
        if (known == null) {
            byte[] definition = new byte[length];
            buf.getBytes(index, definition);
            known = new Prepared(nextId++, definition, space);
            space.byDefinition.insert(definition, known);
            size++;
            bytes += known.weight();
        } else if (unused.remove(known)) {
            unusedBytes -= known.weight();
        }
        known.retain();
        return known;
    }

    /** True if the text of that hash has come before, not too many others ago; notes that it has come. */
    boolean hasSeen(int hash) {
        return sightings.hasSeen(hash);
    }

    /** A client name less points to it. */
    void release(Prepared statement) {
        statement.release();
        if (statement.clients() > 0) {
            return;
        }
        unused.add(statement);
        unusedBytes += statement.weight();
        Iterator<Prepared> oldest = unused.iterator();
        while (unusedBytes > maxUnusedBytes && oldest.hasNext()) {
            Prepared victim = oldest.next();
            oldest.remove();
            unusedBytes -= victim.weight();
            bytes -= victim.weight();
            drop(victim);
        }
    }

    /** Takes back a {@link #release}: the statement is named again, though it may have been given up meanwhile. */
    void revive(Prepared statement) {
        if (unused.remove(statement)) {
            unusedBytes -= statement.weight();
        } else if (statement.clients() == 0) {
            bytes += statement.weight();
            ByteMap<Prepared> texts = statement.space().byDefinition;
            Prepared known = texts.remove(statement.definition());
            texts.insert(statement.definition(), known == null ? statement : known);
            size += known == null ? 1 : 0;
        }
        statement.retain();
    }

    /** Another may have come in under the same text since a revived one was given up: that one stays. */
    private void drop(Prepared victim) {
        ByteMap<Prepared> texts = victim.space().byDefinition;
        Prepared known = texts.remove(victim.definition());
        if (known != null && known != victim) {
            texts.insert(known.definition(), known);
        } else if (known != null) {
            size--;
            dropIfAbandoned(victim.space());
        }
    }

    /** Calls {@code action} with each text. */
    public void forEach(Consumer<Prepared> action) {
        plain.byDefinition.forEachValue(action);
        spaces.forEachValue(space -> space.byDefinition.forEachValue(action));
    }

    /** How many texts are known. */
    public int size() {
        return size;
    }

    /** What they cost, in bytes, roughly. */
    public long bytes() {
        return bytes;
    }
}
