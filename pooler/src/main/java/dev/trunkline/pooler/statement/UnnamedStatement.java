package dev.trunkline.pooler.statement;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The unnamed statement of one client. Loop-confined.
 *
 * <p>PostgreSQL keeps it until the next unnamed Parse or simple query, so that a client may bind it again after a Sync, when it
 * may sit on another server connection. What was sent may be skipped or fail: the last statement that is certain is kept, and
 * behind it the changes that are not answered yet. They are answered in their order, and those that fail together stand
 * together in front, so that one {@link Undo} does for all of them and a repeated Parse makes no object.
 */
final class UnnamedStatement implements Undo {
    /** Longer ones, or more in flight together, are not remembered; binding one in a later transaction is an error. */
    static final int MAX_BYTES = 256 * 1024;

    /** More changes in flight are not shared, so that their texts are not kept. */
    private static final int MAX_SHARED = 64;

    private static final int NONE = -1;

    private static final byte[] NO_TEXT = {};

    private byte[] texts = NO_TEXT;
    private int end;
    /** Bytes that are still needed of those in front of {@link #end}. */
    private int live;
    /** The first is certain; those behind it are not answered yet. As rings. */
    private int[] starts = new int[1];

    private int[] lengths = {NONE};
    private long[] versions = new long[1];
    /** Shared ones, whose text is not kept here. */
    private @Nullable ClientStatement[] shared = new @Nullable ClientStatement[1];

    /** Those that the text of one kept here runs, by the server's name for them. */
    private @Nullable ClientStatement[] needed = new @Nullable ClientStatement[1];

    private final Consumer<Prepared> release;
    private int head;
    private int pending;
    private long changes;
    private long changedIn;
    /** The client is gone: what becomes of what it has sent matters to nobody. */
    private boolean closed;

    /** @param release is told of a shared statement that is not needed any more */
    UnnamedStatement(Consumer<Prepared> release) {
        this.release = release;
    }

    /** A Parse was sent, which is to be answered: see {@link Undo}. {@code index} and {@code length} say where its text and types are. */
    void parse(ByteBuf buf, int index, int length, long batch) {
        int start = reserve(length);
        if (start != NONE) {
            buf.getBytes(index, texts, start, length);
        }
        add(start, start == NONE ? NONE : length, batch);
    }

    /** A Parse was sent or answered for which a shared statement stands, acquired by the caller: see {@link Undo}. */
    void share(Prepared statement, long batch) {
        ClientStatement last = shared[last()];
        ClientStatement named =
                last != null && last.statement() == statement ? last : new ClientStatement(new byte[0], statement);
        named.untold();
        add(end, NONE, batch);
        shared[last()] = named;
    }

    /** The text that was sent last is an EXECUTE of that statement, whose name there is the server's. */
    void needs(ClientStatement statement) {
        needed[last()] = statement;
    }

    /** A statement that the server must have before the unnamed one is used, or null. */
    @Nullable
    ClientStatement needed() {
        return needed[last()];
    }

    /** The shared statement that it is then, or null. */
    @Nullable
    ClientStatement shared() {
        return shared[last()];
    }

    /** The client is gone. */
    void close() {
        while (pending > 0) {
            done();
        }
        forget(head);
        closed = true;
    }

    /** Something was sent that ends it, which is to be answered: see {@link Undo}. */
    void drop(long batch) {
        add(end, NONE, batch);
    }

    /** It has ended, which is certain if nothing is left to be answered. */
    void drop() {
        if (pending > 0) {
            throw new IllegalStateException("changes of the unnamed statement are not answered");
        }
        forget(head);
    }

    /** True if a shared statement may be kept beside those that are. */
    boolean mayShare() {
        return pending < MAX_SHARED;
    }

    /** True if changes were sent that are not answered. */
    boolean hasPending() {
        return pending > 0;
    }

    /** True if it is not known what it is: the last change belongs to an earlier batch and is not answered. */
    boolean isUncertain(Batches batches) {
        return pending > 0 && batches.isUncertain(changedIn);
    }

    /** True if there is one, if all that was sent is carried out. */
    boolean exists() {
        return lengths[last()] != NONE || shared[last()] != null;
    }

    /** A number for what it is then; another one for each that there ever was. */
    long version() {
        return versions[last()];
    }

    /** What it is then, as a Parse has it behind the name; a copy, empty if there is none. */
    byte[] definition() {
        int at = last();
        return lengths[at] == NONE ? new byte[0] : Arrays.copyOfRange(texts, starts[at], starts[at] + lengths[at]);
    }

    /**
     * A change was skipped with the batch that is answered now. All its changes that were not answered are, and no other can
     * stand in front of them.
     */
    @Override
    public void undo() {
        if (closed) {
            return;
        }
        int first = slot(1);
        int skipped = lengths[first];
        ClientStatement skippedShared = shared[first];
        needed[first] = needed[head];
        starts[first] = starts[head];
        lengths[first] = lengths[head];
        versions[first] = versions[head];
        shared[first] = shared[head];
        lengths[head] = skipped;
        shared[head] = skippedShared;
        done();
    }

    /** The oldest change has failed: a server drops what there was before it tries (a Parse), or has ended it (the others). */
    @Override
    public void failed() {
        done();
        forget(head);
    }

    /** The oldest change was carried out. */
    @Override
    public void done() {
        if (closed) {
            return;
        }
        if (pending == 0) {
            throw new IllegalStateException("no change of the unnamed statement is pending");
        }
        free(head);
        head = slot(1);
        pending--;
    }

    private void add(int start, int length, long batch) {
        if (pending + 1 == starts.length) {
            grow();
        }
        pending++;
        int at = last();
        starts[at] = start;
        lengths[at] = length;
        versions[at] = ++changes;
        changedIn = batch;
    }

    private void forget(int at) {
        free(at);
        versions[at] = ++changes;
    }

    private void free(int at) {
        live -= Math.max(lengths[at], 0);
        lengths[at] = NONE;
        needed[at] = null;
        ClientStatement gone = shared[at];
        shared[at] = null;
        if (gone != null) {
            release.accept(gone.statement());
        }
    }

    /** Where so many bytes can go; {@link #NONE} if there is no room for them. */
    private int reserve(int length) {
        if (live + (long) length > MAX_BYTES) {
            return NONE;
        }
        if (end + length > texts.length) {
            compact();
            if (end + length > texts.length) {
                // Twice, so that the next one does not move everything again; more than the bound for the same reason.
                texts = Arrays.copyOf(texts, 2 * (end + length));
            }
        }
        int start = end;
        end += length;
        live += length;
        return start;
    }

    /** Moves what is still needed to the front, in its order. */
    private void compact() {
        int to = 0;
        for (int i = 0; i <= pending; i++) {
            int at = slot(i);
            if (lengths[at] != NONE) {
                System.arraycopy(texts, starts[at], texts, to, lengths[at]);
                starts[at] = to;
                to += lengths[at];
            }
        }
        end = to;
    }

    private int last() {
        return slot(pending);
    }

    private int slot(int index) {
        return (head + index) & (starts.length - 1);
    }

    private void grow() {
        int length = starts.length;
        int[] newStarts = new int[length * 2];
        int[] newLengths = new int[length * 2];
        long[] newVersions = new long[length * 2];
        @Nullable ClientStatement[] newShared = new @Nullable ClientStatement[length * 2];
        @Nullable ClientStatement[] newNeeded = new @Nullable ClientStatement[length * 2];
        for (int i = 0; i <= pending; i++) {
            int from = slot(i);
            newStarts[i] = starts[from];
            newLengths[i] = lengths[from];
            newVersions[i] = versions[from];
            newShared[i] = shared[from];
            newNeeded[i] = needed[from];
        }
        starts = newStarts;
        lengths = newLengths;
        versions = newVersions;
        shared = newShared;
        needed = newNeeded;
        head = 0;
    }
}
