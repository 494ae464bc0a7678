package dev.trunkline.server.differential;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.trunkline.server.testing.Message;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Answers as texts, which are equal if and only if nothing that a client may rely on differs.
 *
 * <p>Left out are the line of the source code in errors, the process id in notifications, and the number of a table that was made
 * while the scenario ran.
 */
final class Answers {
    /** Stands for the end of the connection. */
    static final char END = '!';

    /** Stands for an answer that did not come in time. */
    static final char SILENCE = '?';

    private static final int SHOWN_BYTES = 120;

    /** The greatest number of a table that both databases have from their template. */
    private final long lastCommonOid;

    Answers(long lastCommonOid) {
        this.lastCommonOid = lastCommonOid;
    }

    /**
     * All in their order, but those that may come at any time. Parameters that are reported together come in an order of the server's
     * own, which depends on when each was set first in its session.
     */
    List<String> inOrder(List<Message> messages) {
        List<String> texts = new ArrayList<>();
        int reports = 0;
        for (Message message : messages) {
            if (message.type() != 'A') {
                texts.add(text(message));
                reports = message.type() == 'S' ? reports + 1 : 0;
                texts.subList(texts.size() - reports, texts.size()).sort(Comparator.naturalOrder());
            }
        }
        return texts;
    }

    /** Those that may come at any time: notifications. */
    List<String> atAnyTime(List<Message> messages) {
        return messages.stream()
                .filter(message -> message.type() == 'A')
                .map(this::text)
                .toList();
    }

    /** What a login says: its parameters may come in any order, and the key to cancel it is another one for each. */
    List<String> ofLogin(List<Message> messages) {
        Stream<Message> parameters = messages.stream().filter(message -> message.type() == 'S');
        Stream<Message> rest = messages.stream().filter(message -> message.type() != 'S' && message.type() != 'K');
        return Stream.concat(parameters.map(this::text).sorted(Comparator.naturalOrder()), rest.map(this::text))
                .toList();
    }

    /** A message as one line. */
    String text(Message message) {
        return message.type() + " "
                + switch (message.type()) {
                    case 'E', 'N' -> fields(message);
                    case 'T' -> rowDescription(message.body());
                    case 'A' -> printable(message.body(), Integer.BYTES);
                    case 'D' -> message.columns() + " " + checksum(message.body());
                    default -> printable(message.body(), 0);
                };
    }

    private static String fields(Message message) {
        Map<Character, String> fields = new TreeMap<>(message.fields());
        fields.remove('L');
        return fields.toString();
    }

    private String rowDescription(byte[] body) {
        ByteBuffer in = ByteBuffer.wrap(body);
        int columns = in.getShort();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < columns; i++) {
            text.append(i == 0 ? "" : ", ").append(name(in)).append(' ').append(table(in.getInt()));
            text.append(' ').append(in.getShort()).append(' ').append(Integer.toUnsignedLong(in.getInt()));
            text.append(' ')
                    .append(in.getShort())
                    .append(' ')
                    .append(in.getInt())
                    .append(' ')
                    .append(in.getShort());
        }
        return text.toString();
    }

    private static String name(ByteBuffer in) {
        StringBuilder name = new StringBuilder();
        for (byte each = in.get(); each != 0; each = in.get()) {
            name.append((char) (each & 0xFF));
        }
        return name.toString();
    }

    private String table(int oid) {
        return Integer.toUnsignedLong(oid) > lastCommonOid ? "new" : Integer.toUnsignedString(oid);
    }

    /** Tells values apart that are shown alike, as NULL and the word. */
    private static String checksum(byte[] body) {
        return Integer.toHexString(java.util.Arrays.hashCode(body));
    }

    private static String printable(byte[] body, int from) {
        String text = new String(body, from, body.length - from, ISO_8859_1);
        return text.chars()
                .mapToObj(c -> c < ' ' || c > '~' ? String.format("\\%02x", c) : String.valueOf((char) c))
                .collect(Collectors.joining());
    }

    /** A line of a report, without what makes it long. */
    static String shortened(String text) {
        return text.length() <= SHOWN_BYTES ? text : text.substring(0, SHOWN_BYTES) + "...";
    }

    /** What kind of answer a text of this class is, without the values in it: the name of a difference is made of two. */
    static String kind(String text) {
        return switch (text.charAt(0)) {
            case 'E', 'N' -> text.charAt(0) + "[" + field(text, "C=") + " " + field(text, "R=") + "]";
            case 'C', 'Z' -> text.replaceAll("[0-9]+", "n");
            case 'S' -> "S " + text.substring(2).replaceFirst("\\\\00.*", "");
            default -> text.substring(0, 1);
        };
    }

    private static String field(String text, String code) {
        int start = text.indexOf(code) + code.length();
        int end = start;
        while (end < text.length() && (Character.isLetterOrDigit(text.charAt(end)) || text.charAt(end) == '_')) {
            end++;
        }
        return text.substring(start, end);
    }
}
