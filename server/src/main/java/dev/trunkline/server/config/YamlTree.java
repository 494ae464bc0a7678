package dev.trunkline.server.config;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.events.SequenceStartEvent;
import org.yaml.snakeyaml.reader.ReaderException;

/**
 * Reads one YAML document into {@link Node}s. Stricter than YAML: names must be unique, and anchors, aliases and tags are
 * refused, so that what stands in one place has its effect in that place only. Works on the events of the parser: they
 * alone tell the place of each value and show the anchors. Confined to the thread that loads.
 */
final class YamlTree {
    private static final int MAX_DEPTH = 16;
    private static final Set<String> NOTHING = Set.of("", "~", "null", "Null", "NULL");

    private final Iterator<Event> events;
    private final Problems problems;
    private boolean broken;

    private YamlTree(Iterator<Event> events, Problems problems) {
        this.events = events;
        this.problems = problems;
    }

    /**
     * Reads {@code text}.
     *
     * @return null if the text is no YAML that is accepted; the problems tell why, and what was found before that place
     */
    static @Nullable Node read(String text, Problems problems) {
        try {
            YamlTree tree =
                    new YamlTree(new Yaml().parse(new StringReader(text)).iterator(), problems);
            Node root = tree.document();
            return tree.broken ? null : root;
        } catch (TooDeep e) {
            problems.error(e.at, "nested more than " + MAX_DEPTH + " levels deep");
        } catch (MarkedYAMLException e) {
            problems.error(position(e.getProblemMark()), "not valid YAML: " + sentence(e));
        } catch (ReaderException e) {
            problems.error(
                    placeOf(text, e.getPosition()),
                    "not valid YAML: the character U+%04X is not allowed".formatted(e.getCodePoint()));
        } catch (YAMLException e) {
            problems.error(Position.START, "not valid YAML: " + e.getMessage());
        }
        return null;
    }

    private Node document() {
        expect(Event.ID.StreamStart);
        Event start = events.next();
        if (start.is(Event.ID.StreamEnd)) {
            return new Node.Nothing(Position.START);
        }
        Node root = node(events.next(), 0);
        expect(Event.ID.DocumentEnd);
        Event after = events.next();
        if (!after.is(Event.ID.StreamEnd)) {
            refuse(position(after.getStartMark()), "a second YAML document begins here; the file must hold one");
        }
        return root;
    }

    private void expect(Event.ID id) {
        Event event = events.next();
        if (!event.is(id)) {
            throw new YAMLException("expected " + id + ", found " + event);
        }
    }

    private Node node(Event event, int depth) {
        Position at = position(event.getStartMark());
        if (depth > MAX_DEPTH) {
            throw new TooDeep(at);
        }
        refuseIndirection(event, at);
        return switch (event) {
            case MappingStartEvent _ -> mapping(at, depth);
            case SequenceStartEvent _ -> sequence(at, depth);
            case ScalarEvent scalar when isNothing(scalar) -> new Node.Nothing(at);
            case ScalarEvent scalar -> new Node.Scalar(at, scalar.getValue());
            default -> new Node.Nothing(at);
        };
    }

    private static boolean isNothing(ScalarEvent scalar) {
        return scalar.getScalarStyle() == DumperOptions.ScalarStyle.PLAIN && NOTHING.contains(scalar.getValue());
    }

    private Node mapping(Position at, int depth) {
        Map<String, Position> seen = new HashMap<>();
        List<Node.Entry> entries = new ArrayList<>();
        for (Event event = events.next(); !event.is(Event.ID.MappingEnd); event = events.next()) {
            Position nameAt = position(event.getStartMark());
            String name = name(event, nameAt, depth);
            Node value = node(events.next(), depth + 1);
            Position before = seen.putIfAbsent(name, nameAt);
            if (before == null) {
                entries.add(new Node.Entry(nameAt, name, value));
            } else {
                problems.error(nameAt, "\"" + name + "\" is given twice; first in line " + before.line());
            }
        }
        return new Node.Mapping(at, List.copyOf(entries));
    }

    /** The name of an entry; an unfit one is reported and gets a stand-in that no other entry has. */
    private String name(Event event, Position at, int depth) {
        if (event instanceof ScalarEvent scalar) {
            refuseIndirection(event, at);
            return scalar.getValue();
        }
        refuse(at, "the name of a setting must be a single word");
        node(event, depth + 1);
        return "(" + at.line() + ":" + at.column() + ")";
    }

    private Node sequence(Position at, int depth) {
        List<Node> items = new ArrayList<>();
        for (Event event = events.next(); !event.is(Event.ID.SequenceEnd); event = events.next()) {
            items.add(node(event, depth + 1));
        }
        return new Node.Sequence(at, List.copyOf(items));
    }

    private void refuseIndirection(Event event, Position at) {
        if (event instanceof AliasEvent) {
            refuse(at, "YAML aliases (*name) are not accepted; write the value out");
        } else if (event instanceof NodeEvent node && node.getAnchor() != null) {
            refuse(at, "YAML anchors (&name) are not accepted; write the value out where it is needed");
        }
        if (tagOf(event) != null) {
            refuse(at, "YAML tags (!name) are not accepted");
        }
    }

    private static @Nullable String tagOf(Event event) {
        return switch (event) {
            case ScalarEvent scalar -> scalar.getTag();
            case CollectionStartEvent collection -> collection.getTag();
            default -> null;
        };
    }

    private void refuse(Position at, String message) {
        problems.error(at, message);
        broken = true;
    }

    private static Position position(@Nullable Mark mark) {
        return mark == null ? Position.START : new Position(mark.getLine() + 1, mark.getColumn() + 1);
    }

    private static Position placeOf(String text, int index) {
        String before = text.substring(0, Math.min(index, text.length()));
        int line = (int) before.chars().filter(c -> c == '\n').count();
        return new Position(line + 1, before.length() - before.lastIndexOf('\n'));
    }

    private static String sentence(MarkedYAMLException e) {
        String problem = e.getProblem();
        if (problem != null && problem.contains("\\t(TAB)")) {
            return "a tab cannot be used for indentation; use blanks";
        }
        String context = e.getContext();
        String text = context == null ? problem : context + ": " + problem;
        return String.valueOf(text).replace('\n', ' ');
    }

    /** Leaves the recursion. */
    private static final class TooDeep extends RuntimeException {
        private final transient Position at;

        TooDeep(Position at) {
            super(null, null, false, false);
            this.at = at;
        }
    }
}
