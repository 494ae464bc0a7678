package dev.trunkline.server.config;

import java.nio.file.Path;

/**
 * Something that is wrong, or doubtful, in a file.
 *
 * @param line begins at 1; 0 if the problem is of the whole file
 * @param column begins at 1; 0 if the problem is of the whole line or file
 * @param message what is wrong and what was meant; never holds a secret
 */
public record Problem(Path file, int line, int column, String message) {
    /** The form that is printed: {@code file:line:column: message}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(file.toString());
        if (line > 0) {
            text.append(':').append(line);
        }
        if (column > 0) {
            text.append(':').append(column);
        }
        return text.append(": ").append(message).toString();
    }
}
