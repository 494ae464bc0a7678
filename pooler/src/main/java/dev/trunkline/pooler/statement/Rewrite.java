package dev.trunkline.pooler.statement;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done with one message that names a statement. A value that its {@link StatementRewriter} lends: valid until
 * the next message is asked about, so that the path of a query makes no object.
 */
public final class Rewrite {
    /** What becomes of the client's message. */
    public enum Kind {
        /** It goes on as it is. */
        PASS,
        /** It goes on with {@link #name} in place of the client's name. */
        RENAME,
        /** It does not go on: the answer is known. */
        ANSWER
    }

    Kind kind = Kind.PASS;
    byte[] name = new byte[0];

    @Nullable
    ClientStatement subject;

    @Nullable
    Prepared close;

    @Nullable
    Prepared parse;

    /** More that have to go beside {@link #close}, which large texts may need. */
    final List<Eviction> evictions = new ArrayList<>(0);

    boolean pins;
    boolean parseUnnamed;
    boolean closeUnnamed;
    boolean duplicate;

    @Nullable
    Undo undo;

    @Nullable
    Undo closeUndo;

    @Nullable
    Undo parseUndo;

    @Nullable
    Undo parseUnnamedUndo;

    /** A statement that the server is told to close, and what is done if it is not. */
    public record Eviction(Prepared statement, Undo undo) {}

    Rewrite pass() {
        kind = Kind.PASS;
        subject = null;
        close = null;
        if (!evictions.isEmpty()) {
            evictions.clear();
        }
        pins = false;
        parse = null;
        parseUnnamed = false;
        closeUnnamed = false;
        duplicate = false;
        undo = null;
        closeUndo = null;
        parseUndo = null;
        parseUnnamedUndo = null;
        return this;
    }

    Rewrite rename(byte[] serverName) {
        kind = Kind.RENAME;
        name = serverName;
        return this;
    }

    Rewrite answer() {
        kind = Kind.ANSWER;
        return this;
    }

    public Kind kind() {
        return kind;
    }

    /** The name that the server knows, without a terminator, for {@link Kind#RENAME}. */
    public byte[] name() {
        return name;
    }

    /** The client's statement that a Bind or Describe is about; null if the name is not mapped. */
    public @Nullable ClientStatement subject() {
        return subject;
    }

    /** A statement that the server is told to close first, its answer being swallowed; or null. */
    public @Nullable Prepared close() {
        return close;
    }

    /** More statements that the server is told to close first; empty but after a very large text. */
    public List<Eviction> evictions() {
        return evictions;
    }

    /** True if the client has to keep its server connection from now on, because its names cannot follow it any more. */
    public boolean pins() {
        return pins;
    }

    /** A statement that the server is told to prepare next, its answer being swallowed; or null. */
    public @Nullable Prepared parse() {
        return parse;
    }

    /** True if the client's remembered unnamed statement is sent first, its answer being swallowed. */
    public boolean parseUnnamed() {
        return parseUnnamed;
    }

    /**
     * True if the unnamed statement on the server is closed first, so that this client, who has none, is told so and cannot run
     * one that another has left. Closing what is not there is no error.
     */
    public boolean closeUnnamed() {
        return closeUnnamed;
    }

    /**
     * True if the client prepares a name that it has already. The server has to say so itself, since the error also ends a
     * transaction there: an empty statement of the name in {@link #name} goes in front, and is closed behind the batch.
     */
    public boolean duplicate() {
        return duplicate;
    }

    /** Undo of the client's own message; or null. */
    public @Nullable Undo undo() {
        return undo;
    }

    /** Undo of {@link #close}. */
    public @Nullable Undo closeUndo() {
        return closeUndo;
    }

    /** Undo of {@link #parse}. */
    public @Nullable Undo parseUndo() {
        return parseUndo;
    }

    /** Undo of {@link #parseUnnamed}. */
    public @Nullable Undo parseUnnamedUndo() {
        return parseUnnamedUndo;
    }
}
