package dev.trunkline.wire;

/**
 * The type bytes of messages that a server sends.
 *
 * <p>Source: PostgreSQL manual, "Message Formats".
 */
public final class BackendType {
    public static final byte AUTHENTICATION = 'R';
    public static final byte BACKEND_KEY_DATA = 'K';
    public static final byte BIND_COMPLETE = '2';
    public static final byte CLOSE_COMPLETE = '3';
    public static final byte COMMAND_COMPLETE = 'C';
    public static final byte COPY_BOTH_RESPONSE = 'W';
    public static final byte COPY_DATA = 'd';
    public static final byte COPY_DONE = 'c';
    public static final byte COPY_IN_RESPONSE = 'G';
    public static final byte COPY_OUT_RESPONSE = 'H';
    public static final byte DATA_ROW = 'D';
    public static final byte EMPTY_QUERY_RESPONSE = 'I';
    public static final byte ERROR_RESPONSE = 'E';
    public static final byte FUNCTION_CALL_RESPONSE = 'V';
    public static final byte NEGOTIATE_PROTOCOL_VERSION = 'v';
    public static final byte NO_DATA = 'n';
    public static final byte NOTICE_RESPONSE = 'N';
    public static final byte NOTIFICATION_RESPONSE = 'A';
    public static final byte PARAMETER_DESCRIPTION = 't';
    public static final byte PARAMETER_STATUS = 'S';
    public static final byte PARSE_COMPLETE = '1';
    public static final byte PORTAL_SUSPENDED = 's';
    public static final byte READY_FOR_QUERY = 'Z';
    public static final byte ROW_DESCRIPTION = 'T';

    /** Severity and SQLSTATE come first in an ErrorResponse, so that this much of it is enough to read them. */
    static final int ERROR_HEAD = 512;

    /** One for all connections. */
    private static final FrameTable TABLE = builder().build();

    private BackendType() {}

    /** What the cursor of a server's bytes must know of each type. */
    public static FrameTable table() {
        return TABLE;
    }

    /** The same for somebody who reads rows himself. */
    public static FrameTable tableWithRows() {
        return builder().whole(DATA_ROW).build();
    }

    private static FrameTable.Builder builder() {
        return FrameTable.builder("server")
                .whole(AUTHENTICATION)
                .whole(BACKEND_KEY_DATA)
                .bulk(BIND_COMPLETE)
                .bulk(CLOSE_COMPLETE)
                .whole(COMMAND_COMPLETE)
                .bulk(COPY_BOTH_RESPONSE)
                .bulk(COPY_DATA)
                .bulk(COPY_DONE)
                .bulk(COPY_IN_RESPONSE)
                .bulk(COPY_OUT_RESPONSE)
                .bulk(DATA_ROW)
                .bulk(EMPTY_QUERY_RESPONSE)
                .head(ERROR_RESPONSE, ERROR_HEAD)
                .bulk(FUNCTION_CALL_RESPONSE)
                .whole(NEGOTIATE_PROTOCOL_VERSION)
                .bulk(NO_DATA)
                .bulk(NOTICE_RESPONSE)
                .bulk(NOTIFICATION_RESPONSE)
                .bulk(PARAMETER_DESCRIPTION)
                .whole(PARAMETER_STATUS)
                .bulk(PARSE_COMPLETE)
                .bulk(PORTAL_SUSPENDED)
                .whole(READY_FOR_QUERY)
                .bulk(ROW_DESCRIPTION);
    }
}
