package dev.trunkline.pooler.statement;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.jspecify.annotations.Nullable;

/**
 * A statement text with its parameter types, shared by all clients of a worker that prepared the same. Loop-confined.
 */
public final class Prepared {
    /** Begins every name that the proxy gives a statement on a server. */
    static final String PREFIX = "__trunkline_";

    private final long id;
    private final byte[] serverName;
    private final byte[] definition;
    private final StatementSpace space;
    private int clients;
    private @Nullable Object intent;
    private @Nullable Object provenFor;

    Prepared(long id, byte[] definition, StatementSpace space) {
        this.id = id;
        this.serverName = (PREFIX + id).getBytes(US_ASCII);
        this.definition = definition;
        this.space = space;
    }

    StatementSpace space() {
        return space;
    }

    public long id() {
        return id;
    }

    /** The name under which servers know it, without a terminator. Not to be changed. */
    public byte[] serverName() {
        return serverName;
    }

    /** The rest of its Parse message behind the name: text, terminator, number of types, types. Not to be changed. */
    public byte[] definition() {
        return definition;
    }

    /** How many bytes of {@link #definition} are the text, its terminator not counted. */
    public int textLength() {
        int length = 0;
        while (length < definition.length && definition[length] != 0) {
            length++;
        }
        return length;
    }

    /** What somebody above noted about the text, so as to read it only once; null before that. */
    public @Nullable Object intent() {
        return intent;
    }

    public void intent(Object value) {
        this.intent = value;
    }

    /** A server of these pools has prepared it. */
    void provenFor(Object scope) {
        this.provenFor = scope;
    }

    /** True if a server of these pools was the last that prepared it. */
    boolean isProvenFor(Object scope) {
        return scope.equals(provenFor);
    }

    /** How many client names point here. */
    public int clients() {
        return clients;
    }

    void retain() {
        clients++;
    }

    void release() {
        clients--;
    }

    /** Bytes that it costs, roughly. */
    long weight() {
        return 2L * definition.length + 160;
    }
}
