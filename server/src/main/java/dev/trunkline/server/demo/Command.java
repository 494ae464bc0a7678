package dev.trunkline.server.demo;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A program to run.
 *
 * @param words its path and its arguments
 * @param input what it reads from standard input
 * @param log where its output is appended
 * @param limit how long it may take before it is killed
 */
record Command(List<String> words, String input, Path log, Duration limit) {
    static final Duration USUAL_LIMIT = Duration.ofSeconds(60);

    Command {
        words = List.copyOf(words);
    }

    Command(List<String> words, Path log) {
        this(words, "", log, USUAL_LIMIT);
    }

    String program() {
        return String.valueOf(Path.of(words.getFirst()).getFileName());
    }
}
