package dev.trunkline.server.auth;

import dev.trunkline.server.config.Problem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the lines of a users file: {@code "user" "secret"}, where a quote within is doubled, the rest of the line is ignored,
 * and a line that begins with {@code ;} or {@code #} is a comment. Source: PgBouncer's config.md, "Authentication file
 * format". Confined to the thread that loads; no problem shows a secret.
 */
final class UsersFileReader {
    private final Path file;
    private final Map<String, Secret> secrets = new HashMap<>();
    private final Map<String, Integer> lines = new HashMap<>();
    private final List<Problem> errors = new ArrayList<>();

    private String text = "";
    private int line;
    private int position;

    UsersFileReader(Path file) {
        this.file = file;
    }

    Map<String, Secret> secrets() {
        return secrets;
    }

    List<Problem> errors() {
        return errors;
    }

    void read(List<String> all) {
        for (String each : all) {
            text = each;
            line++;
            position = 0;
            readLine();
        }
    }

    private void readLine() {
        skipBlanks();
        if (position == text.length() || text.charAt(position) == ';' || text.charAt(position) == '#') {
            return;
        }
        int userAt = position;
        String user = quoted("a user name");
        if (user == null) {
            return;
        }
        skipBlanks();
        int secretAt = position;
        String secret = quoted("a secret");
        if (secret != null) {
            add(user, userAt, secret, secretAt);
        }
    }

    private void add(String user, int userAt, String secret, int secretAt) {
        Integer before = lines.putIfAbsent(user, line);
        if (user.isEmpty()) {
            error(userAt, "the user name is empty");
        } else if (before != null) {
            error(userAt, "the user \"" + user + "\" is given twice; first in line " + before);
        } else {
            try {
                secrets.put(user, Secret.of(secret));
            } catch (IllegalArgumentException _) {
                error(
                        secretAt,
                        "malformed secret of \"" + user
                                + "\"; expected SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey");
            }
        }
    }

    /** Reads a quoted field; null if there is none, which is then reported. */
    private @Nullable String quoted(String what) {
        int start = position;
        if (position == text.length() || text.charAt(position) != '"') {
            error(start, "expected " + what + " in double quotes");
            return null;
        }
        StringBuilder value = new StringBuilder();
        for (position++; position < text.length(); position++) {
            char each = text.charAt(position);
            if (each == '"' && !isDoubled()) {
                position++;
                return value.toString();
            }
            position += each == '"' ? 1 : 0;
            value.append(each);
        }
        error(start, "the quotes around " + what + " are not closed");
        return null;
    }

    private boolean isDoubled() {
        return position + 1 < text.length() && text.charAt(position + 1) == '"';
    }

    private void skipBlanks() {
        while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
            position++;
        }
    }

    private void error(int at, String message) {
        errors.add(new Problem(file, line, at + 1, message));
    }
}
