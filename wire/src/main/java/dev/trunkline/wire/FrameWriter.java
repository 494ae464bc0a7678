package dev.trunkline.wire;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes the messages that the proxy itself sends, each as a whole frame at the writer index of {@code out}, which stays
 * the caller's. Messages of {@code ErrorResponse} and {@code NoticeResponse} are written by {@link PgError#writeTo}.
 *
 * <p>Strings are sent as UTF-8. One that holds a NUL cannot be sent and is an {@link IllegalArgumentException}, before
 * which part of the message may have been written.
 *
 * <p>Source: PostgreSQL manual, "Message Formats".
 */
public final class FrameWriter {
    public static final int SSL_REQUEST_CODE = 1234 << 16 | 5679;
    public static final int GSSENC_REQUEST_CODE = 1234 << 16 | 5680;
    public static final int CANCEL_REQUEST_CODE = 1234 << 16 | 5678;

    private static final int AUTH_OK = 0;
    private static final int AUTH_CLEARTEXT = 3;
    private static final int AUTH_MD5 = 5;
    private static final int AUTH_SASL = 10;
    private static final int AUTH_SASL_CONTINUE = 11;
    private static final int AUTH_SASL_FINAL = 12;

    private FrameWriter() {}

    // What a client sends

    /** StartupMessage; the parameters go in the map's order. */
    public static void startup(ByteBuf out, ProtocolVersion version, Map<String, String> parameters) {
        int start = beginUntyped(out);
        out.writeInt(version.word());
        parameters.forEach((name, value) -> {
            string(out, name);
            string(out, value);
        });
        out.writeByte(0);
        end(out, start);
    }

    /** SSLRequest. */
    public static void sslRequest(ByteBuf out) {
        out.writeInt(8).writeInt(SSL_REQUEST_CODE);
    }

    /** CancelRequest with a key of 4 to 256 bytes. */
    public static void cancelRequest(ByteBuf out, int pid, byte[] secret) {
        out.writeInt(12 + secret.length)
                .writeInt(CANCEL_REQUEST_CODE)
                .writeInt(pid)
                .writeBytes(secret);
    }

    /** PasswordMessage; the NUL behind the password is added here. */
    public static void password(ByteBuf out, byte[] password) {
        int start = begin(out, FrontendType.PASSWORD);
        string(out, password);
        end(out, start);
    }

    /** SASLInitialResponse. */
    public static void saslInitialResponse(ByteBuf out, String mechanism, byte[] response) {
        int start = begin(out, FrontendType.PASSWORD);
        string(out, mechanism);
        out.writeInt(response.length).writeBytes(response);
        end(out, start);
    }

    /** SASLResponse. */
    public static void saslResponse(ByteBuf out, byte[] response) {
        int start = begin(out, FrontendType.PASSWORD);
        out.writeBytes(response);
        end(out, start);
    }

    /** Query. */
    public static void query(ByteBuf out, String text) {
        int start = begin(out, FrontendType.QUERY);
        string(out, text);
        end(out, start);
    }

    /** Query, of a text in the client's encoding. */
    public static void query(ByteBuf out, byte[] text) {
        int start = begin(out, FrontendType.QUERY);
        string(out, text);
        end(out, start);
    }

    /**
     * Parse with the client's own text and types.
     *
     * @param textAndTypes the readable bytes of a Parse behind its statement name: the text with its NUL, the number of
     *     types and the types; lent, its indexes stay
     */
    public static void parse(ByteBuf out, byte[] name, ByteBuf textAndTypes) {
        int start = begin(out, FrontendType.PARSE);
        string(out, name);
        out.writeBytes(textAndTypes, textAndTypes.readerIndex(), textAndTypes.readableBytes());
        end(out, start);
    }

    /** As {@link #parse(ByteBuf, byte[], ByteBuf)}, from an array. */
    public static void parse(ByteBuf out, byte[] name, byte[] textAndTypes) {
        int start = begin(out, FrontendType.PARSE);
        string(out, name);
        out.writeBytes(textAndTypes);
        end(out, start);
    }

    /** Close of a statement ('S') or a portal ('P'). */
    public static void close(ByteBuf out, char kind, byte[] name) {
        int start = begin(out, FrontendType.CLOSE);
        out.writeByte(kind);
        string(out, name);
        end(out, start);
    }

    /** As {@link #close(ByteBuf, char, byte[])}, of a name as text. */
    public static void close(ByteBuf out, char kind, String name) {
        close(out, kind, name.getBytes(StandardCharsets.UTF_8));
    }

    public static void sync(ByteBuf out) {
        empty(out, FrontendType.SYNC);
    }

    public static void flush(ByteBuf out) {
        empty(out, FrontendType.FLUSH);
    }

    public static void terminate(ByteBuf out) {
        empty(out, FrontendType.TERMINATE);
    }

    // What a server sends

    public static void authenticationOk(ByteBuf out) {
        authentication(out, AUTH_OK);
    }

    public static void authenticationCleartext(ByteBuf out) {
        authentication(out, AUTH_CLEARTEXT);
    }

    /** AuthenticationMD5Password; {@code salt} has four bytes. */
    public static void authenticationMd5(ByteBuf out, byte[] salt) {
        if (salt.length != 4) {
            throw new IllegalArgumentException("a salt of MD5 has 4 bytes, not " + salt.length);
        }
        authentication(out, AUTH_MD5, salt);
    }

    /** AuthenticationSASL, the mechanisms in order of preference. */
    public static void authenticationSasl(ByteBuf out, List<String> mechanisms) {
        int start = begin(out, BackendType.AUTHENTICATION);
        out.writeInt(AUTH_SASL);
        mechanisms.forEach(each -> string(out, each));
        out.writeByte(0);
        end(out, start);
    }

    public static void authenticationSaslContinue(ByteBuf out, byte[] data) {
        authentication(out, AUTH_SASL_CONTINUE, data);
    }

    public static void authenticationSaslFinal(ByteBuf out, byte[] data) {
        authentication(out, AUTH_SASL_FINAL, data);
    }

    /** BackendKeyData with a key of 4 bytes, or up to 256 for a client that asked for protocol 3.2. */
    public static void backendKeyData(ByteBuf out, int pid, byte[] secret) {
        int start = begin(out, BackendType.BACKEND_KEY_DATA);
        out.writeInt(pid).writeBytes(secret);
        end(out, start);
    }

    public static void parameterStatus(ByteBuf out, String name, String value) {
        int start = begin(out, BackendType.PARAMETER_STATUS);
        string(out, name);
        string(out, value);
        end(out, start);
    }

    public static void readyForQuery(ByteBuf out, TxStatus status) {
        out.writeByte(BackendType.READY_FOR_QUERY).writeInt(5).writeByte(status.code());
    }

    /** CommandComplete with its tag, as in {@code SELECT 3}. */
    public static void commandComplete(ByteBuf out, String tag) {
        int start = begin(out, BackendType.COMMAND_COMPLETE);
        string(out, tag);
        end(out, start);
    }

    /** RowDescription of columns that belong to no table and come as text. */
    public static void rowDescription(ByteBuf out, List<Column> columns) {
        int start = begin(out, BackendType.ROW_DESCRIPTION);
        out.writeShort(columns.size());
        columns.forEach(each -> describe(out, each));
        end(out, start);
    }

    /** DataRow of texts; null is SQL's NULL. */
    public static void dataRow(ByteBuf out, List<? extends @Nullable String> values) {
        int start = begin(out, BackendType.DATA_ROW);
        out.writeShort(values.size());
        for (String value : values) {
            value(out, value);
        }
        end(out, start);
    }

    public static void emptyQueryResponse(ByteBuf out) {
        empty(out, BackendType.EMPTY_QUERY_RESPONSE);
    }

    public static void parseComplete(ByteBuf out) {
        empty(out, BackendType.PARSE_COMPLETE);
    }

    public static void bindComplete(ByteBuf out) {
        empty(out, BackendType.BIND_COMPLETE);
    }

    public static void closeComplete(ByteBuf out) {
        empty(out, BackendType.CLOSE_COMPLETE);
    }

    public static void noData(ByteBuf out) {
        empty(out, BackendType.NO_DATA);
    }

    /** ParameterDescription of a statement that takes the parameters of these types. */
    public static void parameterDescription(ByteBuf out, int... typeOids) {
        int start = begin(out, BackendType.PARAMETER_DESCRIPTION);
        out.writeShort(typeOids.length);
        for (int oid : typeOids) {
            out.writeInt(oid);
        }
        end(out, start);
    }

    /**
     * NegotiateProtocolVersion.
     *
     * @param minor newest minor version of protocol 3 that is spoken with this client
     * @param unknownOptions the {@code _pq_.} options of the startup packet that are not known here
     */
    public static void negotiateProtocolVersion(ByteBuf out, int minor, List<String> unknownOptions) {
        int start = begin(out, BackendType.NEGOTIATE_PROTOCOL_VERSION);
        out.writeInt(ProtocolVersion.V3_0.word() | minor).writeInt(unknownOptions.size());
        unknownOptions.forEach(each -> string(out, each));
        end(out, start);
    }

    // How a frame is made

    /** Writes type and room for the length; what is returned goes to {@link #end}. */
    static int begin(ByteBuf out, byte type) {
        out.writeByte(type);
        return beginUntyped(out);
    }

    private static int beginUntyped(ByteBuf out) {
        int start = out.writerIndex();
        out.writeInt(0);
        return start;
    }

    /** Fills in the length of the frame whose length stands at {@code start}. */
    static void end(ByteBuf out, int start) {
        out.setInt(start, out.writerIndex() - start);
    }

    static void string(ByteBuf out, String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a string of the protocol cannot hold a NUL");
        }
        out.writeCharSequence(text, StandardCharsets.UTF_8);
        out.writeByte(0);
    }

    private static void string(ByteBuf out, byte[] text) {
        for (byte each : text) {
            if (each == 0) {
                throw new IllegalArgumentException("a string of the protocol cannot hold a NUL");
            }
        }
        out.writeBytes(text).writeByte(0);
    }

    private static void empty(ByteBuf out, byte type) {
        out.writeByte(type).writeInt(4);
    }

    private static void authentication(ByteBuf out, int code, byte... data) {
        out.writeByte(BackendType.AUTHENTICATION)
                .writeInt(8 + data.length)
                .writeInt(code)
                .writeBytes(data);
    }

    private static void describe(ByteBuf out, Column column) {
        string(out, column.name());
        out.writeInt(0).writeShort(0); // no table, no attribute of one
        out.writeInt(column.typeOid()).writeShort(column.typeSize());
        out.writeInt(-1).writeShort(0); // no type modifier, text format
    }

    private static void value(ByteBuf out, @Nullable String value) {
        if (value == null) {
            out.writeInt(-1);
            return;
        }
        int start = beginUntyped(out);
        out.writeCharSequence(value, StandardCharsets.UTF_8);
        out.setInt(start, out.writerIndex() - start - 4);
    }
}
