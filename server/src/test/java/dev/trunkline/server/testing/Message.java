package dev.trunkline.server.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A message of the backend as it came. Source: PostgreSQL manual, "Message Formats".
 *
 * @param body what stands behind the length
 */
// An array, because it is only ever read here and never compared.
@SuppressWarnings("ArrayRecordComponent")
public record Message(char type, byte[] body) {
    /** The types of a row of messages, as {@code "TDCZ"}. */
    public static String types(List<Message> messages) {
        return messages.stream().map(each -> String.valueOf(each.type())).collect(Collectors.joining());
    }

    /** The first columns of all DataRows. */
    public static List<String> firstColumns(List<Message> messages) {
        return messages.stream()
                .filter(each -> each.type() == 'D')
                .map(each -> each.columns().getFirst())
                .toList();
    }

    /** The first ErrorResponse among them. */
    public static Message error(List<Message> messages) {
        return messages.stream()
                .filter(each -> each.type() == 'E')
                .findFirst()
                .orElseThrow(() -> new AssertionError("no error among " + types(messages)));
    }

    /** The values of a DataRow; NULL is the text "NULL". */
    public List<String> columns() {
        ByteBuffer in = ByteBuffer.wrap(body);
        List<String> columns = new ArrayList<>();
        for (int left = in.getShort(); left > 0; left--) {
            int length = in.getInt();
            byte[] value = new byte[Math.max(length, 0)];
            in.get(value);
            columns.add(length < 0 ? "NULL" : new String(value, UTF_8));
        }
        return columns;
    }

    /** The fields of an ErrorResponse or NoticeResponse by their codes: S, C, M, D, H and so on. */
    public Map<Character, String> fields() {
        Map<Character, String> fields = new LinkedHashMap<>();
        int at = 0;
        while (body[at] != 0) {
            int end = at + 1;
            while (body[end] != 0) {
                end++;
            }
            fields.put((char) body[at], new String(body, at + 1, end - at - 1, UTF_8));
            at = end + 1;
        }
        return fields;
    }

    /** The status of a ReadyForQuery: I, T or E. */
    public char status() {
        return (char) body[0];
    }

    /** The body of a message that holds one string, as CommandComplete does. */
    public String text() {
        return new String(body, 0, body.length - 1, UTF_8);
    }

    @Override
    public String toString() {
        return type == 'E' || type == 'N' ? type + fields().toString() : type + "(" + body.length + ")";
    }
}
