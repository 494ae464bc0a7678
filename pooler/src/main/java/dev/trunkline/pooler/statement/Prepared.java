package dev.trunkline.pooler.statement;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
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
    private final boolean sql;
    private final boolean parameters;
    private int clients;
    private @Nullable Object intent;
    private @Nullable Object note;
    private @Nullable Object provenFor;

    Prepared(long id, byte[] definition, StatementSpace space) {
        this(id, Long.toString(id), definition, space);
    }

    private Prepared(String word, byte[] definition, StatementSpace space) {
        this(-1, word, definition, space);
    }

    private Prepared(long id, String word, byte[] definition, StatementSpace space) {
        this.id = id;
        this.serverName = (PREFIX + word).getBytes(US_ASCII);
        this.definition = definition;
        this.space = space;
        this.sql = isSql(definition, textLength());
        this.parameters = containsParameter(definition);
    }

    private static boolean containsParameter(byte[] definition) {
        for (int i = 1; i < definition.length; i++) {
            if (definition[i - 1] == '$' && definition[i] >= '0' && definition[i] <= '9') {
                return true;
            }
        }
        return false;
    }

    /** True if the text has something that looks like a parameter. */
    boolean mayHaveParameters() {
        return parameters;
    }

    /** A statement that no server has, for a name that only looks like one of the proxy's. */
    static Prepared missing() {
        return new Prepared("missing", new byte[3], new StatementSpace(new byte[0]));
    }

    /** A name under which a server never has a statement for longer than it takes to throw it away. */
    public static byte[] gone() {
        return (PREFIX + "gone").getBytes(US_ASCII);
    }

    /** Has the place of a name that the client has already, so that a server says so. */
    static Prepared taken() {
        return new Prepared("taken", new byte[3], new StatementSpace(new byte[0]));
    }

    /** A name for the statement and the portal by which a PREPARE of SQL is carried out. */
    public static byte[] vehicle() {
        return (PREFIX + "prepare").getBytes(US_ASCII);
    }

    /** True if the name looks like one that the proxy gives. */
    static boolean isReserved(byte[] name) {
        byte[] prefix = PREFIX.getBytes(US_ASCII);
        return name.length >= prefix.length && Arrays.equals(name, 0, prefix.length, prefix, 0, prefix.length);
    }

    /** The definition of a statement that is prepared by SQL, from the rest of a PREPARE behind the name. */
    public static byte[] sqlDefinition(byte[] tail) {
        byte[] definition = Arrays.copyOf(tail, tail.length + 3);
        definition[tail.length + 1] = -1;
        definition[tail.length + 2] = -1;
        return definition;
    }

    /** So many types, and none behind the number, no Parse can have. */
    private static boolean isSql(byte[] definition, int text) {
        return definition.length == text + 3 && definition[text + 1] == -1 && definition[text + 2] == -1;
    }

    /** True if it is prepared by SQL: {@link #definition} up to its NUL is what stands behind the name in a PREPARE. */
    public boolean isSql() {
        return sql;
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

    /** What somebody above noted besides, which may become out of date; null if nothing. */
    public @Nullable Object note() {
        return note;
    }

    public void note(@Nullable Object value) {
        this.note = value;
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
    public long weight() {
        return weight(definition.length);
    }

    static long weight(int definition) {
        return 2L * definition + 160;
    }
}
