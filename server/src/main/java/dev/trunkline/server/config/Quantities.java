package dev.trunkline.server.config;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations and sizes as text: a number with a unit, or a bare number of seconds or bytes. */
final class Quantities {
    private static final Pattern NUMBER_UNIT = Pattern.compile("(\\d{1,18}(?:\\.\\d{1,9})?) ?([A-Za-z]*)");
    private static final BigDecimal MAX_NANOS = BigDecimal.valueOf(Long.MAX_VALUE);

    private static final List<Unit> TIMES = List.of(
            new Unit("h", 3_600_000_000_000L),
            new Unit("m", 60_000_000_000L),
            new Unit("s", 1_000_000_000L),
            new Unit("ms", 1_000_000L));
    private static final List<Unit> SIZES = List.of(
            new Unit("TB", 1L << 40),
            new Unit("GB", 1L << 30),
            new Unit("MB", 1L << 20),
            new Unit("kB", 1L << 10),
            new Unit("B", 1L));

    private Quantities() {}

    private record Unit(String name, long factor) {}

    /** Reads {@code 500ms}, {@code 15s}, {@code 10m}, {@code 1h}, or a number of seconds; fractions are allowed. */
    static Duration duration(String text) throws BadValue {
        return Duration.ofNanos(
                parse(text, TIMES, "s", "expected a duration: 500ms, 15s, 10m, 1h or a number of seconds"));
    }

    /** Reads {@code 16MB}, {@code 1GB}, or a number of bytes; the units are powers of 1024, as PostgreSQL's. */
    static long bytes(String text) throws BadValue {
        return parse(text, SIZES, "B", "expected a size: 512kB, 16MB, 1GB or a number of bytes");
    }

    /** The shortest form that is read as {@code value}. */
    static String format(Duration value) {
        return value.isZero() ? "0" : format(value.toNanos(), TIMES, "ms");
    }

    /** The shortest form that is read as {@code value}. */
    static String format(long bytes) {
        return bytes == 0 ? "0" : format(bytes, SIZES, "B").replaceFirst("(?<=\\d)B$", "");
    }

    private static long parse(String text, List<Unit> units, String bare, String expected) throws BadValue {
        Matcher matcher = NUMBER_UNIT.matcher(text);
        if (!matcher.matches()) {
            throw new BadValue(expected);
        }
        String name = matcher.group(2).isEmpty() ? bare : matcher.group(2);
        BigDecimal exact = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(factor(name, units, expected)));
        if (exact.compareTo(MAX_NANOS) > 0) {
            throw new BadValue("that is too large");
        }
        return exact.setScale(0, RoundingMode.HALF_UP).longValueExact();
    }

    private static long factor(String name, List<Unit> units, String expected) throws BadValue {
        for (Unit unit : units) {
            if (unit.name.equals(name)) {
                return unit.factor;
            }
        }
        throw new BadValue("\"" + name + "\" is no unit here; " + expected);
    }

    private static String format(long value, List<Unit> units, String smallest) {
        for (Unit unit : units) {
            if (value % unit.factor == 0) {
                return value / unit.factor + unit.name;
            }
        }
        Unit last = units.getLast();
        return BigDecimal.valueOf(value)
                        .divide(BigDecimal.valueOf(last.factor))
                        .stripTrailingZeros()
                        .toPlainString()
                + smallest;
    }
}
