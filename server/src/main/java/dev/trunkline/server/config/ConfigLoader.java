package dev.trunkline.server.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a configuration file. Blocks; never called on a worker. */
public final class ConfigLoader {
    /** A configuration is written by hand: a larger file is a mistake of the name. */
    private static final long MAX_FILE_BYTES = 4 << 20;

    private ConfigLoader() {}

    /** Reads {@code file} and reports everything that is wrong with it together; throws nothing for a bad or missing file. */
    public static LoadResult load(Path file) {
        Problems problems = new Problems(file);
        String text = text(file, problems);
        return text == null ? new LoadResult.Invalid(problems.errors(), null) : parse(text, file, problems);
    }

    /** Reads {@code text} as if it stood in {@code file}, which need not exist. */
    static LoadResult parse(String text, Path file) {
        return parse(text, file, new Problems(file));
    }

    private static LoadResult parse(String text, Path file, Problems problems) {
        Node.Mapping root = root(YamlTree.read(text, problems), problems);
        if (root == null) {
            return new LoadResult.Invalid(problems.errors(), null);
        }
        Section top = new Section(Scope.GLOBAL, root, problems);
        Path directory = directory(file);
        General general = new GeneralReader(top, directory, problems).read();
        Config config = new ConfigReader(top, directory, problems).read(general);
        return problems.errors().isEmpty()
                ? new LoadResult.Loaded(config, problems.warnings())
                : new LoadResult.Invalid(problems.errors(), general.auth().usersFile());
    }

    private static Node.@Nullable Mapping root(@Nullable Node node, Problems problems) {
        return switch (node) {
            case null -> null;
            case Node.Mapping mapping -> mapping;
            case Node.Nothing nothing -> new Node.Mapping(nothing.at(), List.of());
            default -> {
                problems.error(node.at(), "the file holds " + node.kind() + "; expected settings: name: value");
                yield null;
            }
        };
    }

    private static @Nullable String text(Path file, Problems problems) {
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                problems.error(Position.START, "the file is larger than " + Quantities.format(MAX_FILE_BYTES));
                return null;
            }
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            problems.error(Position.START, "there is no such file");
        } catch (CharacterCodingException e) {
            problems.error(Position.START, "the file is not UTF-8 text");
        } catch (IOException e) {
            problems.error(Position.START, "the file cannot be read: " + e);
        }
        return null;
    }

    private static Path directory(Path file) {
        Path parent = file.getParent();
        return parent == null ? Path.of("") : parent;
    }
}
