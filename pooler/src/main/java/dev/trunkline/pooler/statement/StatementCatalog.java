package dev.trunkline.pooler.statement;

import io.netty.buffer.ByteBuf;
import java.util.Iterator;
import java.util.LinkedHashSet;
import org.jspecify.annotations.Nullable;

/**
 * All statement texts that clients of one worker have prepared. Loop-confined.
 *
 * <p>A text that no client names any more is kept for the next one who prepares it, as long as all such texts together
 * stay under a bound in bytes; the one that was given up first goes first.
 */
public final class StatementCatalog {
    private final ByteMap<Prepared> byDefinition = new ByteMap<>();
    private final LinkedHashSet<Prepared> unused = new LinkedHashSet<>();
    private final long maxUnusedBytes;
    private long bytes;
    private long unusedBytes;
    private long nextId;

    /** @param maxUnusedBytes bound for texts that no client names; 0 keeps none */
    public StatementCatalog(long maxUnusedBytes) {
        this.maxUnusedBytes = maxUnusedBytes;
    }

    /** The statement for this definition (text, terminator, types), counted as named once more. */
    public Prepared acquire(ByteBuf buf, int index, int length) {
        Prepared known = byDefinition.get(buf, index, length);
        if (known == null) {
            byte[] definition = new byte[length];
            buf.getBytes(index, definition);
            known = new Prepared(nextId++, definition);
            byDefinition.insert(definition, known);
            bytes += known.weight();
        } else if (unused.remove(known)) {
            unusedBytes -= known.weight();
        }
        known.retain();
        return known;
    }

    /** The statement for this definition if it is known, or null; not counted. */
    @Nullable
    Prepared find(ByteBuf buf, int index, int length) {
        return byDefinition.get(buf, index, length);
    }

    /** A client name less points to it. */
    public void release(Prepared statement) {
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
            Prepared known = byDefinition.remove(statement.definition());
            byDefinition.insert(statement.definition(), known == null ? statement : known);
        }
        statement.retain();
    }

    /** Another may have come in under the same text since a revived one was given up: that one stays. */
    private void drop(Prepared victim) {
        Prepared known = byDefinition.remove(victim.definition());
        if (known != null && known != victim) {
            byDefinition.insert(known.definition(), known);
        }
    }

    /** How many texts are known. */
    public int size() {
        return byDefinition.size();
    }

    /** What they cost, in bytes, roughly. */
    public long bytes() {
        return bytes;
    }
}
