package dev.trunkline.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Walks the frames of one direction of a connection. Loop-confined.
 *
 * <h2>Ownership</h2>
 *
 * It owns the unread bytes. {@link #feed} <em>takes</em> a buffer, {@link #takeRun} <em>gives</em> a buffer, and
 * {@link #buffer} <em>lends</em>: what it returns is valid until the next call of {@code next}, {@code feed} or
 * {@code takeRun}.
 *
 * <h2>How it is used</h2>
 *
 * <pre>{@code
 * cursor.feed(buf);
 * while (cursor.next()) {
 *     decide on cursor.type() ...
 *     cursor.pass();   // the frame joins the run, or
 *     cursor.skip();   // it is cut out (only while the run is empty: take it first)
 * }
 * ByteBuf run = cursor.takeRun();
 * }</pre>
 *
 * A frame that was neither passed nor skipped stays current: the next call of {@code next} shows it again. The run is the
 * unbroken range of bytes that were passed and not yet taken. Of a frame that a decision does not read to its end, what
 * has arrived joins the run, and the rest joins later runs by itself as it arrives: {@link #isMidFrame} tells.
 */
public final class FrameCursor {
    static final int HEADER = 5;

    /** What becomes of the bytes of a decided frame. */
    private enum Fate {
        RUN,
        CUT
    }

    private final FrameTable table;
    private final ByteBufAllocator allocator;
    private FrameLimits limits;

    /** Run and unread bytes; its reader index is where the run begins. Null when there is neither. */
    private @Nullable ByteBuf buffer;
    /** End of the run, and begin of the current frame. */
    private int position;
    /** Bytes of an already decided frame that are still to come. A long: header and body may exceed an int. */
    private long remaining;
    /** What becomes of them. */
    private Fate fate = Fate.RUN;
    /** Set while a frame is shown and undecided. */
    private boolean current;

    private byte type;
    private int bodyLength;

    public FrameCursor(FrameTable table, FrameLimits limits, ByteBufAllocator allocator) {
        this.table = table;
        this.limits = limits;
        this.allocator = allocator;
    }

    /** Changes the limits from the next frame on, as when a client has logged in. */
    public void limits(FrameLimits newLimits) {
        this.limits = newLimits;
    }

    /**
     * Takes {@code in}: it is released here, or given away again by {@link #takeRun}.
     *
     * @param in may be shared or a slice, but not a duplicate that leaves room behind its writer index: if nobody else
     *     holds it, later bytes are appended there
     */
    public void feed(ByteBuf in) {
        if (!in.isReadable()) {
            in.release();
            return;
        }
        if (buffer == null) {
            buffer = in;
            position = in.readerIndex();
        } else {
            append(in);
        }
        consumeRemaining();
    }

    /**
     * Shows the next frame, once as much of it is there as a decision reads.
     *
     * @return false if more bytes are needed first
     * @throws ProtocolViolation if the type is unknown or the length is out of bounds; the cursor must not be used after
     */
    public boolean next() {
        if (current) {
            return true;
        }
        if (buffer == null || remaining > 0) {
            return false;
        }
        int readable = buffer.writerIndex() - position;
        if (readable < HEADER) {
            checkTypeEarly(readable);
            return false;
        }
        type = buffer.getByte(position);
        bodyLength = checkedBodyLength(buffer.getInt(position + 1));
        current = readable - HEADER >= table.needed(type, bodyLength);
        return current;
    }

    /** The type byte of the current frame. */
    public byte type() {
        return type;
    }

    /** The length of the current frame's body, whether it has arrived or not. */
    public int bodyLength() {
        return bodyLength;
    }

    /** Where the current frame's body begins in {@link #buffer}. */
    public int bodyIndex() {
        return position + HEADER;
    }

    /** How many bytes of the current frame's body are there. */
    public int bodyAvailable() {
        return Math.min(bodyLength, unread() - HEADER);
    }

    /** True if every byte of the current frame is there. */
    public boolean isWhole() {
        return bodyAvailable() == bodyLength;
    }

    /** Lends the bytes that {@link #bodyIndex} points into. Read with absolute indexes only. */
    public ByteBuf buffer() {
        if (buffer == null) {
            throw new IllegalStateException("no frame is current");
        }
        return buffer;
    }

    /** The current frame joins the run, and so will what is still to come of it. */
    public void pass() {
        decide(Fate.RUN);
    }

    /**
     * The current frame joins the run without its first {@code bytes} bytes, which something else takes the place of. The
     * run must be empty.
     *
     * @param bytes counted from the type byte; no more than have arrived of this frame
     */
    public void passBehind(int bytes) {
        if (hasRun()) {
            throw new IllegalStateException("the run must be taken before a frame behind it loses its head");
        }
        requireCurrent();
        if (bytes < 0 || bytes > HEADER + bodyAvailable()) {
            throw new IllegalArgumentException("cannot replace " + bytes + " bytes of a frame of which "
                    + (HEADER + bodyAvailable()) + " are there");
        }
        move(bytes, Fate.CUT);
        move(HEADER - bytes + (long) bodyLength, Fate.RUN);
    }

    /** The current frame is cut out, and so will be what is still to come of it. The run must be empty. */
    public void skip() {
        if (hasRun()) {
            throw new IllegalStateException("the run must be taken before a frame behind it is skipped");
        }
        decide(Fate.CUT);
    }

    /**
     * Puts other bytes in the place of a piece of the current frame's body, every byte of which must be there. The frame stays
     * current and is as long as it then has to be. All that is unread is copied: for rare frames only.
     *
     * @param from index in {@link #buffer} of the piece's first byte
     * @param to index behind its last byte
     */
    public void replace(int from, int to, byte[] with) {
        requireCurrent();
        if (!isWhole() || from < bodyIndex() || to < from || to > bodyIndex() + bodyLength) {
            throw new IllegalArgumentException("no piece of the current frame from " + from + " to " + to);
        }
        ByteBuf all = buffer();
        int first = all.readerIndex();
        int growth = with.length - (to - from);
        ByteBuf changed = allocator.buffer(all.readableBytes() + growth);
        changed.writeBytes(all, first, from - first).writeBytes(with).writeBytes(all, to, all.writerIndex() - to);
        position -= first;
        bodyLength += growth;
        changed.setInt(position + 1, bodyLength + 4);
        buffer = changed;
        all.release();
    }

    /** True if bytes were passed and not yet taken. */
    public boolean hasRun() {
        return buffer != null && position > buffer.readerIndex();
    }

    /**
     * True while a frame that was passed or skipped has bytes still to come. Nothing may be inserted behind a run that
     * ends here.
     */
    public boolean isMidFrame() {
        return remaining > 0;
    }

    /** True if a frame is shown and undecided, or bytes of one wait for more. */
    public boolean hasUnread() {
        return unread() > 0;
    }

    /** How many bytes wait behind the run. */
    public int unread() {
        return buffer == null ? 0 : buffer.writerIndex() - position;
    }

    /** Gives the run: the caller owns what is returned. Null if there is none. */
    public @Nullable ByteBuf takeRun() {
        if (buffer == null || position == buffer.readerIndex()) {
            return null;
        }
        ByteBuf all = buffer;
        if (position == all.writerIndex()) {
            buffer = null;
            position = 0;
            return all;
        }
        return current || unread() >= HEADER ? all.readRetainedSlice(position - all.readerIndex()) : withoutTail(all);
    }

    /** The begin of a header is copied, so that the run needs no slice, and a few bytes do not keep a whole read. */
    private ByteBuf withoutTail(ByteBuf all) {
        int tail = unread();
        buffer = allocator.buffer(HEADER).writeBytes(all, position, tail);
        all.writerIndex(position);
        position = 0;
        return all;
    }

    /** Gives all that is there, the run and what is unread, to somebody who goes on without frames. Null if nothing is. */
    public @Nullable ByteBuf takeAll() {
        ByteBuf all = buffer;
        buffer = null;
        close();
        return all;
    }

    /**
     * Throws away what is unread, if no run stands in front of it: for one who reads no further and needs the memory. Whether a frame is
     * half passed stays known.
     */
    public void discardUnread() {
        ByteBuf all = buffer;
        if (all != null && !hasRun()) {
            buffer = null;
            position = 0;
            current = false;
            all.release();
        }
    }

    /** Releases what is owned. Calling it again is harmless. */
    public void close() {
        ByteBuf all = buffer;
        buffer = null;
        current = false;
        remaining = 0;
        position = 0;
        if (all != null) {
            all.release();
        }
    }

    private void requireCurrent() {
        if (!current) {
            throw new IllegalStateException("no frame is current");
        }
    }

    private void decide(Fate newFate) {
        requireCurrent();
        move((long) HEADER + bodyLength, newFate);
    }

    /** The next {@code bytes} bytes have that fate, whether they are there or still to come. */
    private void move(long bytes, Fate newFate) {
        current = false;
        fate = newFate;
        remaining = bytes;
        consumeRemaining();
    }

    /** Moves over what has arrived of a decided frame. */
    private void consumeRemaining() {
        if (remaining == 0 || buffer == null) {
            return;
        }
        int step = (int) Math.min(remaining, buffer.writerIndex() - position);
        remaining -= step;
        position += step;
        if (fate == Fate.CUT) {
            buffer.readerIndex(position);
            releaseIfEmpty();
        }
    }

    private void releaseIfEmpty() {
        if (buffer != null && !buffer.isReadable()) {
            buffer.release();
            buffer = null;
            position = 0;
        }
    }

    /** Joins {@code in} to the unread bytes, in place where there is room, else in a buffer sized by what is known. */
    private void append(ByteBuf in) {
        try {
            ByteBuf all = buffer();
            if (all.refCnt() > 1 || all.isReadOnly() || all.writableBytes() < in.readableBytes()) {
                all = larger(all, in.readableBytes());
            }
            all.writeBytes(in);
        } finally {
            in.release();
        }
    }

    /** Moves the bytes to a new buffer with room for {@code more}. */
    private ByteBuf larger(ByteBuf all, int more) {
        int run = position - all.readerIndex();
        ByteBuf larger = allocator.buffer(roomFor(Math.addExact(all.readableBytes(), more)));
        larger.writeBytes(all);
        all.release();
        buffer = larger;
        position = run;
        return larger;
    }

    /**
     * How large to make the buffer that gathers a half arrived frame: twice what is there, so that copying stays linear, but
     * no more than the frame. A claimed length alone never sizes anything.
     *
     * @param total bytes that must fit: run, unread bytes and those that join
     */
    private int roomFor(int total) {
        int doubled = (int) Math.min(2L * total, Integer.MAX_VALUE - HEADER);
        long frame = frameEnd();
        return frame >= total ? (int) Math.min(doubled, frame) : Math.max(doubled, total);
    }

    /** How many bytes run and waiting frame have together by the frame's own claim; 0 if its header is not there. */
    private long frameEnd() {
        ByteBuf all = buffer();
        if (unread() < HEADER) {
            return 0;
        }
        return position - all.readerIndex() + 1 + Integer.toUnsignedLong(all.getInt(position + 1));
    }

    /** A wrong first byte is told at once, not when four more have come. */
    private void checkTypeEarly(int readable) {
        if (readable > 0 && buffer != null) {
            checkType(buffer.getByte(position));
        }
    }

    private void checkType(byte candidate) {
        if (!table.knows(candidate)) {
            throw new ProtocolViolation("invalid " + table.peer() + " message type " + (candidate & 0xff));
        }
    }

    private int checkedBodyLength(int length) {
        checkType(type);
        if (length < 4 || length > table.most(type, limits)) {
            throw new ProtocolViolation("invalid message length " + (length & 0xffff_ffffL) + " in " + table.peer()
                    + " message type \"" + (char) type + "\"");
        }
        return length - 4;
    }
}
