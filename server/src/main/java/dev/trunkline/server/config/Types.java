package dev.trunkline.server.config;

import dev.trunkline.router.Tag;
import dev.trunkline.server.config.ValueType.ListOf;
import dev.trunkline.server.config.ValueType.Part;
import dev.trunkline.server.config.ValueType.Single;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The types of values that settings have. */
final class Types {
    static final Single<Boolean> SWITCH = new Single<>("true or false", "", Types::truth, String::valueOf);
    static final Single<String> TEXT = new Single<>("text", "", Types::text, Function.identity());
    static final Single<String> NAME = new Single<>("name", "", Types::name, Function.identity());
    static final Single<String> ADDRESS = new Single<>("address", "", Addresses::listen, Types::quoted);
    static final Single<String> ADDRESS_OR_NONE =
            new Single<>("address", "", text -> text.isEmpty() ? text : Addresses.listen(text), Types::quoted);
    static final Single<String> SOCKET_DIRECTORY =
            new Single<>("directory", "", Addresses::socketDirectory, Types::quoted);
    static final Single<Integer> FILE_MODE =
            new Single<>("octal number", "0000 to 0777", Types::fileMode, "0%03o"::formatted);
    static final Single<String> GROUP = new Single<>("group", "", Types::text, Types::quoted);
    static final Single<HostPort> HOST_PORT = new Single<>("host:port", "", Addresses::hostPort, HostPort::toString);
    static final ListOf<String> NAMES = new ListOf<>("list of names", NAME);
    static final ListOf<HostPort> HOST_PORTS = new ListOf<>("list of host:port", HOST_PORT);
    static final ListOf<URI> URLS =
            new ListOf<>("list of URLs", new Single<>("URL", "", Addresses::restApi, URI::toString));
    static final ListOf<URI> ETCD_URLS =
            new ListOf<>("list of URLs", new Single<>("URL", "", Addresses::etcd, URI::toString));
    static final Single<String> PATH = new Single<>("path", "", Types::path, Function.identity());
    /** A part of the name of a key in etcd. */
    static final Single<String> KEY_PATH = new Single<>("name", "", Types::keyPath, Function.identity());

    static final Single<Tag> TAG = new Single<>("name=value", "", Types::tag, Tag::toString);

    static final Part<Node.Mapping> MAPPING = new Part<>("a mapping of settings", Node.Mapping.class);
    static final Part<Node.Sequence> SEQUENCE = new Part<>("a list", Node.Sequence.class);
    static final Single<Integer> PORT = integer(1, 65_535);

    /** PostgreSQL cuts longer names off, which would join two names into one. Source: NAMEDATALEN. */
    private static final int MAX_NAME_BYTES = 63;

    private static final int MAX_KEY_CHARS = 255;

    private Types() {}

    /** A whole number, bounds included. */
    static Single<Integer> integer(int min, int max) {
        String range = min + " to " + max;
        return new Single<>(
                "integer", range, text -> (int) within(wholeNumber(text), min, max, range), String::valueOf);
    }

    /** A length of time, bounds included. */
    static Single<Duration> duration(Duration min, Duration max) {
        String range = Quantities.format(min) + " to " + Quantities.format(max);
        return new Single<>(
                "duration",
                range,
                text -> Duration.ofNanos(
                        within(Quantities.duration(text).toNanos(), min.toNanos(), max.toNanos(), range)),
                Quantities::format);
    }

    /** A number of bytes, bounds included. */
    static Single<Long> size(long min, long max) {
        String range = Quantities.format(min) + " to " + Quantities.format(max);
        return new Single<>("size", range, text -> within(Quantities.bytes(text), min, max, range), Quantities::format);
    }

    /** One of the words of an enum. */
    static <E extends Enum<E> & Keyword> Single<E> choice(Class<E> type) {
        List<E> values = List.of(type.getEnumConstants());
        String words = values.stream().map(Keyword::keyword).collect(Collectors.joining(", "));
        return new Single<>("word", words, text -> oneOf(values, text, words), Keyword::keyword);
    }

    private static <E extends Keyword> E oneOf(List<E> values, String text, String words) throws BadValue {
        Stream<E> same = values.stream().filter(value -> value.keyword().equals(text));
        return same.findFirst().orElseThrow(() -> new BadValue("expected one of " + words));
    }

    private static long wholeNumber(String text) throws BadValue {
        if (!text.matches("-?\\d{1,18}")) {
            throw new BadValue("expected a whole number");
        }
        return Long.parseLong(text);
    }

    private static long within(long value, long min, long max, String range) throws BadValue {
        if (value < min || value > max) {
            throw new BadValue("outside the range " + range);
        }
        return value;
    }

    private static int fileMode(String text) throws BadValue {
        if (!text.matches("0?[0-7]{3}")) {
            throw new BadValue("expected permissions as an octal number of three digits, such as 0770");
        }
        return Integer.parseInt(text, 8);
    }

    private static Boolean truth(String text) throws BadValue {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new BadValue("expected true or false");
        };
    }

    private static String text(String text) throws BadValue {
        if (text.indexOf('\0') >= 0) {
            throw new BadValue("a NUL character is not allowed");
        }
        return text;
    }

    private static String path(String text) throws BadValue {
        try {
            if (!text.isEmpty()) {
                return Path.of(text).toString();
            }
        } catch (InvalidPathException e) {
            throw new BadValue("that is no path here: " + e.getReason());
        }
        throw new BadValue("expected the path of a file");
    }

    private static Tag tag(String text) throws BadValue {
        int equals = text.indexOf('=');
        if (equals < 1 || equals == text.length() - 1) {
            throw new BadValue("expected a tag and its value, such as zone=a");
        }
        return new Tag(text.substring(0, equals), text.substring(equals + 1));
    }

    private static String keyPath(String text) throws BadValue {
        if (text.isBlank()
                || text.length() > MAX_KEY_CHARS
                || !text.matches("[^\\p{Cntrl}]*[^/\\p{Cntrl}]+[^\\p{Cntrl}]*")) {
            throw new BadValue("expected a name of 1 to " + MAX_KEY_CHARS + " characters");
        }
        return text;
    }

    private static String name(String text) throws BadValue {
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0 || bytes > MAX_NAME_BYTES || text.indexOf('\0') >= 0) {
            throw new BadValue("expected a name of 1 to " + MAX_NAME_BYTES + " bytes");
        }
        return text;
    }

    /** A bare {@code *} would be an alias in YAML. */
    private static String quoted(String text) {
        return "\"" + text + "\"";
    }
}
