package dev.trunkline.wire;

/**
 * The type bytes of messages that a client sends, after its startup packet.
 *
 * <p>Source: PostgreSQL manual, "Message Formats". Each constant is the byte itself, so that the path of a query compares
 * bytes and makes no objects.
 */
public final class FrontendType {
    public static final byte BIND = 'B';
    public static final byte CLOSE = 'C';
    public static final byte COPY_DATA = 'd';
    public static final byte COPY_DONE = 'c';
    public static final byte COPY_FAIL = 'f';
    public static final byte DESCRIBE = 'D';
    public static final byte EXECUTE = 'E';
    public static final byte FLUSH = 'H';
    public static final byte FUNCTION_CALL = 'F';
    public static final byte PARSE = 'P';
    /** PasswordMessage, SASLInitialResponse and SASLResponse share this byte. */
    public static final byte PASSWORD = 'p';

    public static final byte QUERY = 'Q';
    public static final byte SYNC = 'S';
    public static final byte TERMINATE = 'X';

    /**
     * How many bytes of the body of a Bind or an Execute are looked at: the portal's and the statement's name stand in front.
     * A name that does not fit is refused where it is read.
     */
    static final int BIND_HEAD = 16 * 1024;

    /** How much of a query's text is looked at; of one that is longer nobody knows what it does. */
    static final int QUERY_HEAD = 1 << 20;

    /** The number of a function stands in front. */
    static final int FUNCTION_HEAD = 4;

    /** One for all: each client has a cursor, most of which are idle. */
    private static final FrameTable TABLE = newTable();

    private FrontendType() {}

    /** What the cursor of a client's bytes must know of each type. */
    public static FrameTable table() {
        return TABLE;
    }

    /** Which types have a limit of their own is PostgreSQL's choice ({@code SocketBackend} in {@code postgres.c}). */
    private static FrameTable newTable() {
        return FrameTable.builder("client")
                .head(BIND, BIND_HEAD)
                .whole(CLOSE)
                .bulk(COPY_DATA)
                .whole(COPY_DONE)
                .bulk(COPY_FAIL)
                .whole(DESCRIBE)
                .head(EXECUTE, BIND_HEAD)
                .whole(FLUSH)
                .head(FUNCTION_CALL, FUNCTION_HEAD)
                .whole(PARSE)
                .whole(PASSWORD)
                .head(QUERY, QUERY_HEAD)
                .whole(SYNC)
                .whole(TERMINATE)
                .atMost(FrameLimits.SMALL_FRAME, CLOSE, COPY_DONE, COPY_FAIL, DESCRIBE, EXECUTE, FLUSH, SYNC, TERMINATE)
                .atMost(FrameLimits.MAX_AUTH_FRAME, PASSWORD)
                .build();
    }
}
