package dev.trunkline.wire;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An ErrorResponse or a NoticeResponse, with all fields that the protocol knows. Immutable.
 *
 * <p>Source: PostgreSQL manual, "Error and Notice Message Fields". What a server sent is read with tolerance, because the
 * text of an error must reach somebody even where the message is broken: see {@link #read}.
 */
public final class PgError {
    /** How grave it is. The first three make an ErrorResponse, the others a NoticeResponse. */
    public enum Severity {
        ERROR,
        FATAL,
        PANIC,
        WARNING,
        NOTICE,
        DEBUG,
        INFO,
        LOG;

        boolean isError() {
            return compareTo(PANIC) <= 0;
        }

        static @Nullable Severity of(@Nullable String name) {
            for (Severity each : values()) {
                if (each.name().equals(name)) {
                    return each;
                }
            }
            return null;
        }
    }

    /** The fields of the message, in the order in which PostgreSQL sends them. */
    public enum Field {
        LOCALIZED_SEVERITY('S'),
        SEVERITY('V'),
        CODE('C'),
        MESSAGE('M'),
        DETAIL('D'),
        HINT('H'),
        POSITION('P'),
        INTERNAL_POSITION('p'),
        INTERNAL_QUERY('q'),
        WHERE('W'),
        SCHEMA('s'),
        TABLE('t'),
        COLUMN('c'),
        DATA_TYPE('d'),
        CONSTRAINT('n'),
        FILE('F'),
        LINE('L'),
        ROUTINE('R');

        private final byte code;

        Field(char code) {
            this.code = (byte) code;
        }

        /** The byte on the wire. */
        public byte code() {
            return code;
        }

        static @Nullable Field of(byte code) {
            for (Field each : values()) {
                if (each.code == code) {
                    return each;
                }
            }
            return null;
        }
    }

    private final Severity severity;
    private final Map<Field, String> fields;

    private PgError(Severity severity, EnumMap<Field, String> fields) {
        this.severity = severity;
        this.fields = fields;
    }

    /** An error that ends a statement and leaves the session alive. */
    public static PgError error(SqlState state, String message) {
        return of(Severity.ERROR, state, message);
    }

    /** An error after which the sender closes the connection. */
    public static PgError fatal(SqlState state, String message) {
        return of(Severity.FATAL, state, message);
    }

    /** A remark of the severity WARNING. */
    public static PgError warning(SqlState state, String message) {
        return of(Severity.WARNING, state, message);
    }

    /** A remark of the severity NOTICE, SQLSTATE 00000. */
    public static PgError notice(String message) {
        return of(Severity.NOTICE, SqlState.SUCCESSFUL_COMPLETION, message);
    }

    /** A remark of the severity NOTICE. */
    public static PgError notice(SqlState state, String message) {
        return of(Severity.NOTICE, state, message);
    }

    /** Any severity; the fields S and V both get its name, as from a server that speaks English. */
    public static PgError of(Severity severity, SqlState state, String message) {
        EnumMap<Field, String> fields = new EnumMap<>(Field.class);
        fields.put(Field.LOCALIZED_SEVERITY, severity.name());
        fields.put(Field.SEVERITY, severity.name());
        fields.put(Field.CODE, state.code());
        fields.put(Field.MESSAGE, clean(message));
        return new PgError(severity, fields);
    }

    /**
     * Reads the body of an ErrorResponse or NoticeResponse, or as much of it as has arrived. Never throws and never reads
     * outside of {@code length} bytes: a field that is missing stays absent, an unknown one is passed over, a string
     * without its end goes up to the end of the body, and a severity that is missing or unknown counts as ERROR.
     *
     * @param index where the body begins, behind the length
     * @param length bytes of the body that may be read
     */
    public static PgError read(ByteBuf buf, int index, int length) {
        EnumMap<Field, String> fields = new EnumMap<>(Field.class);
        int end = index + length;
        int at = index;
        while (at < end && buf.getByte(at) != 0) {
            int stop = ErrorFields.valueEnd(buf, at + 1, end);
            Field field = Field.of(buf.getByte(at));
            if (field != null) {
                fields.putIfAbsent(field, buf.toString(at + 1, stop - at - 1, StandardCharsets.UTF_8));
            }
            at = stop + 1;
        }
        return new PgError(severityIn(fields), fields);
    }

    /**
     * Tells without making an object if the severity of the error in this body is FATAL or PANIC, so that its sender will
     * close the connection. False for a body that does not say.
     */
    public static boolean isSevere(ByteBuf buf, int index, int length) {
        return ErrorFields.isSevere(buf, index, length);
    }

    /** Tells without making an object if the error in this body has that SQLSTATE. False for a body that has none. */
    public static boolean hasSqlState(ByteBuf buf, int index, int length, SqlState state) {
        return ErrorFields.has(buf, index, length, Field.CODE.code, state.code());
    }

    /** This error with a DETAIL line. */
    public PgError detail(String detail) {
        return with(Field.DETAIL, detail);
    }

    /** This error with a HINT line. */
    public PgError hint(String hint) {
        return with(Field.HINT, hint);
    }

    /**
     * This error with one field set. A NUL in the value becomes a question mark: it would end the string.
     *
     * @throws IllegalArgumentException for the two fields of the severity, which belong to the factories
     */
    public PgError with(Field field, String value) {
        if (field == Field.SEVERITY || field == Field.LOCALIZED_SEVERITY) {
            throw new IllegalArgumentException("the severity is not set as a field");
        }
        EnumMap<Field, String> copy = new EnumMap<>(Field.class);
        copy.putAll(fields);
        copy.put(field, clean(value));
        return new PgError(severity, copy);
    }

    public Severity severity() {
        return severity;
    }

    /** True if it ends the session. */
    public boolean isFatal() {
        return severity == Severity.FATAL || severity == Severity.PANIC;
    }

    /** The five characters of the SQLSTATE; XX000 (internal error) if the message had none. */
    public String code() {
        return fields.getOrDefault(Field.CODE, SqlState.INTERNAL_ERROR.code());
    }

    /** The primary text; empty if the message had none. */
    public String message() {
        return fields.getOrDefault(Field.MESSAGE, "");
    }

    /** The DETAIL line, null if there is none. */
    public @Nullable String detail() {
        return field(Field.DETAIL);
    }

    /** The HINT line, null if there is none. */
    public @Nullable String hint() {
        return field(Field.HINT);
    }

    /** What a field holds, null if the message does not have it. */
    public @Nullable String field(Field field) {
        return fields.get(field);
    }

    /** Writes the whole message, type and length included: 'E' or 'N' by the severity. */
    public void writeTo(ByteBuf out) {
        int start =
                FrameWriter.begin(out, severity.isError() ? BackendType.ERROR_RESPONSE : BackendType.NOTICE_RESPONSE);
        fields.forEach((field, value) -> write(field, value, out));
        out.writeByte(0);
        FrameWriter.end(out, start);
    }

    /**
     * Writes the whole message as a changed form of another, from whose body this error was made: fields that hold what they held
     * there are copied as they are, whatever their encoding, and so are those that are not known. Fields that this error does not have
     * are left out.
     *
     * @param body holds the other message, which is there to its end
     * @param index where its body begins, behind the length
     * @param length bytes of its body
     */
    public void writeInPlaceOf(ByteBuf body, int index, int length, ByteBuf out) {
        int start =
                FrameWriter.begin(out, severity.isError() ? BackendType.ERROR_RESPONSE : BackendType.NOTICE_RESPONSE);
        EnumMap<Field, String> left = new EnumMap<>(Field.class);
        left.putAll(fields);
        int end = index + length;
        int at = index;
        while (at < end && body.getByte(at) != 0) {
            int stop = ErrorFields.valueEnd(body, at + 1, end);
            Field field = Field.of(body.getByte(at));
            String value = field == null ? null : left.remove(field);
            if (field == null
                    || body.toString(at + 1, stop - at - 1, StandardCharsets.UTF_8)
                            .equals(value)) {
                out.writeBytes(body, at, stop - at).writeByte(0);
            } else if (value != null) {
                write(field, value, out);
            }
            at = stop + 1;
        }
        left.forEach((field, value) -> write(field, value, out));
        out.writeByte(0);
        FrameWriter.end(out, start);
    }

    private static void write(Field field, String value, ByteBuf out) {
        out.writeByte(field.code);
        FrameWriter.string(out, value);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PgError that && severity == that.severity && fields.equals(that.fields);
    }

    @Override
    public int hashCode() {
        return fields.hashCode();
    }

    /** As psql shows it: {@code FATAL 28P01: password authentication failed for user "x"}, with the DETAIL behind it. */
    @Override
    public String toString() {
        String head = severity + " " + code() + ": " + message();
        return detail() == null ? head : head + " (" + detail() + ")";
    }

    private static Severity severityIn(Map<Field, String> fields) {
        Severity plain = Severity.of(fields.get(Field.SEVERITY));
        Severity found = plain != null ? plain : Severity.of(fields.get(Field.LOCALIZED_SEVERITY));
        return found != null ? found : Severity.ERROR;
    }

    private static String clean(String text) {
        return text.replace('\0', '?');
    }
}
