package dev.trunkline.server.config;

import java.util.List;

/** A piece of a YAML document that knows its place. Anchors, aliases and tags never get this far. */
sealed interface Node {
    Position at();

    /** What it is called in a message. */
    String kind();

    /** Text, quoted or not; what it means is decided by the setting that it is given to. */
    record Scalar(Position at, String text) implements Node {
        @Override
        public String kind() {
            return "a single value";
        }
    }

    /** No value, {@code ~} or {@code null}. */
    record Nothing(Position at) implements Node {
        @Override
        public String kind() {
            return "nothing";
        }
    }

    /** A list. */
    record Sequence(Position at, List<Node> items) implements Node {
        @Override
        public String kind() {
            return "a list";
        }
    }

    /** Named values in the order of the file; no name occurs twice. */
    record Mapping(Position at, List<Entry> entries) implements Node {
        @Override
        public String kind() {
            return "a mapping";
        }
    }

    /**
     * One named value of a mapping.
     *
     * @param at where the name stands
     */
    record Entry(Position at, String name, Node value) {}
}
