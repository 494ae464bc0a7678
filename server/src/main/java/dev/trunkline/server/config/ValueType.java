package dev.trunkline.server.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How a value is read from the file, and what it is called in messages and in the documentation. */
sealed interface ValueType<T> {
    /** What it is called, such as {@code duration}. */
    String name();

    /** What is allowed, such as {@code 1 to 65535}; empty if the name says it. */
    String range();

    /** The form that {@link #read} would take. */
    String format(T value);

    /**
     * Reads a value.
     *
     * @param what the setting, for messages
     * @return null if it is none; a problem was then reported
     */
    @Nullable
    T read(String what, Node node, Problems problems);

    /** Reads a text. */
    @FunctionalInterface
    interface Parser<T> {
        T parse(String text) throws BadValue;
    }

    /** One value in one word. */
    record Single<T>(String name, String range, Parser<T> parser, Function<T, String> formatter)
            implements ValueType<T> {
        @Override
        public String format(T value) {
            return formatter.apply(value);
        }

        @Override
        public @Nullable T read(String what, Node node, Problems problems) {
            if (!(node instanceof Node.Scalar scalar)) {
                problems.error(node.at(), "\"" + what + "\" has " + node.kind() + "; expected " + name());
                return null;
            }
            try {
                return parser.parse(scalar.text());
            } catch (BadValue e) {
                problems.error(node.at(), "\"" + what + "\" is \"" + scalar.text() + "\"; " + e.getMessage());
                return null;
            }
        }
    }

    /** A list of single values. */
    record ListOf<E>(String name, Single<E> element) implements ValueType<List<E>> {
        @Override
        public String range() {
            return element.range();
        }

        @Override
        public String format(List<E> value) {
            return "[" + String.join(", ", value.stream().map(element::format).toList()) + "]";
        }

        @Override
        public @Nullable List<E> read(String what, Node node, Problems problems) {
            if (!(node instanceof Node.Sequence sequence)) {
                problems.error(node.at(), "\"" + what + "\" has " + node.kind() + "; expected a list: [ ..., ... ]");
                return null;
            }
            List<E> values = new ArrayList<>();
            for (Node item : sequence.items()) {
                E value = element.read(what, item, problems);
                if (value != null) {
                    values.add(value);
                }
            }
            return List.copyOf(values);
        }
    }

    /** A list of single values, which stands without its brackets if it has one entry. */
    record OneOrMore<E>(String name, Single<E> element) implements ValueType<List<E>> {
        @Override
        public String range() {
            return element.range();
        }

        @Override
        public String format(List<E> value) {
            return list().format(value);
        }

        @Override
        public @Nullable List<E> read(String what, Node node, Problems problems) {
            if (!(node instanceof Node.Scalar)) {
                return list().read(what, node, problems);
            }
            E value = element.read(what, node, problems);
            return value == null ? null : List.of(value);
        }

        private ListOf<E> list() {
            return new ListOf<>(name, element);
        }
    }

    /** Single values by free names. */
    record MapOf<E>(String name, Single<E> element) implements ValueType<Map<String, E>> {
        @Override
        public String range() {
            return element.range();
        }

        @Override
        public String format(Map<String, E> value) {
            return value.entrySet().stream()
                    .map(entry -> entry.getKey() + ": " + element.format(entry.getValue()))
                    .collect(Collectors.joining(", ", "{ ", " }"));
        }

        @Override
        public @Nullable Map<String, E> read(String what, Node node, Problems problems) {
            if (!(node instanceof Node.Mapping mapping)) {
                problems.error(node.at(), "\"" + what + "\" has " + node.kind() + "; expected " + name);
                return null;
            }
            Map<String, E> values = new LinkedHashMap<>();
            for (Node.Entry entry : mapping.entries()) {
                E value = element.read(what + "." + entry.name(), entry.value(), problems);
                if (value != null) {
                    values.put(entry.name(), value);
                }
            }
            return Collections.unmodifiableMap(values);
        }
    }

    /** A part of the file with settings of its own, which is read by the class that knows it. */
    record Part<N extends Node>(String name, Class<N> type) implements ValueType<N> {
        @Override
        public String range() {
            return "";
        }

        @Override
        public String format(N value) {
            return "";
        }

        @Override
        public @Nullable N read(String what, Node node, Problems problems) {
            if (type.isInstance(node)) {
                return type.cast(node);
            }
            problems.error(node.at(), "\"" + what + "\" has " + node.kind() + "; expected " + name);
            return null;
        }
    }
}
