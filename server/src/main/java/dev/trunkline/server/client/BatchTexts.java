package dev.trunkline.server.client;

import dev.trunkline.pooler.statement.ClientStatements;
import dev.trunkline.pooler.statement.Prepared;
import dev.trunkline.router.reads.Classified;
import dev.trunkline.router.sql.SqlLexer;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.ProtocolViolation;
import dev.trunkline.wire.message.BindHead;
import dev.trunkline.wire.message.DescribeHead;
import dev.trunkline.wire.message.ParseHead;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Reads ahead in what a client has sent, to the end of the batch that begins with the current frame: whether all of it is there and
 * every statement in it only reads, and what the comments ask for. Loop-confined. Nothing is taken, and in steady state nothing is
 * made.
 *
 * <p>A statement that a Bind or a Describe names counts by its text: that of a Parse in the same batch, or the one that the client
 * has prepared under that name before. An unnamed statement of an earlier batch is not proven, nor is a batch with a Flush.
 */
final class BatchTexts {
    /** What is longer is not worth the look. */
    private static final int MAX_FRAMES = 256;

    private final ClientStatements statements;
    private final ReadTexts texts;
    private final boolean mapsNames;
    private final boolean tracksState;
    private final BatchFrames frames = new BatchFrames();
    private final BatchFrames before = new BatchFrames();
    private final Hints hints = new Hints();

    private SqlLexer.Backslash backslash = SqlLexer.Backslash.ORDINARY;

    BatchTexts(ClientSide client, ReadTexts texts) {
        this.statements = client.statements();
        this.mapsNames = client.traits().mapsStatements();
        this.tracksState = client.traits().tracksState();
        this.texts = texts;
    }

    /** Looks at the first text alone, for what its comments ask. */
    void readHint(FrameCursor cursor, Relay relay, SqlLexer.Backslash meaning) {
        backslash = meaning;
        hints.clear();
        ByteBuf buf = cursor.buffer();
        switch (cursor.type()) {
            case FrontendType.QUERY -> {
                if (cursor.isWhole()) {
                    hints.add(texts.of(buf, cursor.bodyIndex(), cursor.bodyLength(), backslash));
                }
            }
            case FrontendType.PARSE -> {
                int start = ParseHead.textStart(buf, cursor.bodyIndex(), cursor.bodyLength());
                int end = ParseHead.textEnd(buf, cursor.bodyIndex(), cursor.bodyLength()) + 1;
                hints.add(texts.of(buf, start, end - start, backslash));
            }
            case FrontendType.BIND -> {
                Prepared statement = relay.namedStatement();
                if (statement != null) {
                    hints.add(texts.of(statement, backslash).classified());
                }
            }
            default -> {}
        }
    }

    /** What the comments ask for of the texts that were looked at last. */
    Hints hints() {
        return hints;
    }

    /**
     * True if the batch is there to its end, and every statement in it is proven to read and leaves nothing in the session. That the
     * current frame leaves nothing must be known, where texts are read for that at all.
     */
    boolean reads(FrameCursor cursor, SqlLexer.Backslash meaning) {
        backslash = meaning;
        hints.clear();
        texts.wanted();
        if (!cursor.isWhole()) {
            return false;
        }
        try {
            return reads(cursor.buffer(), BatchFrames.start(cursor.bodyIndex()));
        } catch (ProtocolViolation e) {
            // It is dealt with when its turn has come.
            return false;
        }
    }

    private boolean reads(ByteBuf buf, int start) {
        frames.begin(start, buf.writerIndex());
        boolean proven = true;
        for (int i = 0; i < MAX_FRAMES && frames.next(buf); i++) {
            switch (frames.type()) {
                case FrontendType.QUERY -> {
                    return i == 0 && reads(buf, frames.bodyIndex(), frames.bodyLength(), tracksState);
                }
                case FrontendType.PARSE -> proven &= parseReads(buf, i == 0 && tracksState);
                case FrontendType.BIND -> proven &= bindReads(buf, start);
                case FrontendType.DESCRIBE -> proven &= describeReads(buf, start);
                case FrontendType.EXECUTE, FrontendType.CLOSE -> {}
                case FrontendType.SYNC -> {
                    return proven;
                }
                default -> {
                    return false;
                }
            }
        }
        return false;
    }

    private boolean reads(ByteBuf buf, int index, int length, boolean leavesNothing) {
        Classified text = texts.of(buf, index, length, backslash);
        hints.add(text);
        return text.verdict().reads() && (leavesNothing || texts.leavesNothing(buf, index, length, backslash));
    }

    private boolean parseReads(ByteBuf buf, boolean leavesNothing) {
        int index = frames.bodyIndex();
        int length = frames.bodyLength();
        ParseHead.check(buf, index, length);
        int start = ParseHead.textStart(buf, index, length);
        boolean fits = mapsNames || start == index + 1;
        return reads(buf, start, ParseHead.textEnd(buf, index, length) + 1 - start, leavesNothing) && fits;
    }

    private boolean bindReads(ByteBuf buf, int batch) {
        int start = BindHead.statementStart(buf, frames.bodyIndex(), frames.bodyLength());
        int end = BindHead.statementEnd(buf, frames.bodyIndex(), frames.bodyLength());
        return nameReads(buf, start, end - start, batch);
    }

    private boolean describeReads(ByteBuf buf, int batch) {
        int index = frames.bodyIndex();
        if (DescribeHead.kind(buf, index, frames.bodyLength()) == 'P') {
            return true;
        }
        int start = DescribeHead.nameStart(index);
        return nameReads(buf, start, DescribeHead.nameEnd(index, frames.bodyLength()) - start, batch);
    }

    private boolean nameReads(ByteBuf buf, int index, int length, int batch) {
        Prepared known = length == 0 ? null : statements.prepared(buf, index, length);
        if (known == null) {
            return isParsedBefore(buf, index, length, batch);
        }
        TextNote note = texts.of(known, backslash);
        hints.add(note.classified());
        return note.classified().verdict().reads() && note.leavesNothing();
    }

    /** Those texts were all looked at when their Parse was. */
    private boolean isParsedBefore(ByteBuf buf, int index, int length, int batch) {
        before.begin(batch, index);
        boolean parsed = false;
        while (before.next(buf)) {
            if (before.type() == FrontendType.PARSE) {
                int name = before.bodyIndex();
                int end = ParseHead.nameEnd(buf, name, before.bodyLength());
                parsed |= end - name == length && isSame(buf, name, index, length);
            }
        }
        return parsed;
    }

    private static boolean isSame(ByteBuf buf, int one, int other, int length) {
        for (int i = 0; i < length; i++) {
            if (buf.getByte(one + i) != buf.getByte(other + i)) {
                return false;
            }
        }
        return true;
    }

    /** A replica has refused this batch, whole frames, because something in it writes: each of its texts counts as that. */
    void rememberWrites(ByteBuf batch) {
        frames.begin(batch.readerIndex(), batch.writerIndex());
        while (frames.next(batch)) {
            int index = frames.bodyIndex();
            int length = frames.bodyLength();
            switch (frames.type()) {
                case FrontendType.QUERY -> texts.remembersWrite(batch, index, length, backslash);
                case FrontendType.PARSE -> {
                    int start = ParseHead.textStart(batch, index, length);
                    int end = ParseHead.textEnd(batch, index, length) + 1;
                    texts.remembersWrite(batch, start, end - start, backslash);
                }
                case FrontendType.BIND -> {
                    Prepared named = bound(batch, index, length);
                    if (named != null) {
                        texts.remembersWrite(named, backslash);
                    }
                }
                default -> {}
            }
        }
    }

    private @Nullable Prepared bound(ByteBuf batch, int index, int length) {
        int start = BindHead.statementStart(batch, index, length);
        int end = BindHead.statementEnd(batch, index, length);
        return end == start ? null : statements.prepared(batch, start, end - start);
    }

    /** This batch, whole frames, is about to be sent once more: the names that it defines are as they were before it. */
    void forgetNames(ByteBuf batch) {
        frames.begin(batch.readerIndex(), batch.writerIndex());
        while (frames.next(batch)) {
            if (frames.type() == FrontendType.PARSE) {
                int index = frames.bodyIndex();
                int length = ParseHead.nameEnd(batch, index, frames.bodyLength()) - index;
                if (length > 0) {
                    statements.forget(batch, index, length);
                }
            }
        }
    }
}
