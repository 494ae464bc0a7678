package dev.trunkline.server.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong with one file, and what is only doubtful. Confined to the thread that loads. */
final class Problems {
    private static final Comparator<Problem> BY_PLACE =
            Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column);

    private final Path file;
    private final List<Problem> errors = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();

    Problems(Path file) {
        this.file = file;
    }

    void error(Position at, String message) {
        errors.add(new Problem(file, at.line(), at.column(), message));
    }

    void warning(Position at, String message) {
        warnings.add(new Problem(file, at.line(), at.column(), message));
    }

    /** What must be mended, in the order of the file. */
    List<Problem> errors() {
        return errors.stream().sorted(BY_PLACE).toList();
    }

    /** What may be meant as it stands, in the order of the file. */
    List<Problem> warnings() {
        return warnings.stream().sorted(BY_PLACE).toList();
    }
}
