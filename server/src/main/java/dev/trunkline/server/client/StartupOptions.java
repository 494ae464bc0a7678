package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.wire.ProtocolViolation;
import dev.trunkline.wire.SqlState;
import dev.trunkline.wire.message.StartupMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Reads the run-time parameters of a startup packet, those inside of {@code options} included.
 *
 * <p>Source: PostgreSQL manual, "Message Formats", StartupMessage; the syntax of {@code options} is that of the server's command line:
 * {@code -c name=value} and {@code --name=value}, words divided by blanks, a backslash before a blank that belongs to a word.
 */
final class StartupOptions {
    private static final String REPLICATION = "replication";
    private static final Set<String> NOT_PARAMETERS = Set.of("user", "database", "options", REPLICATION);
    private static final Set<String> CHOSEN_HERE = Set.of("user", "database", REPLICATION);
    private static final String PROTOCOL_EXTENSION = "_pq_.";

    private StartupOptions() {}

    /**
     * The parameters, later ones replacing earlier ones.
     *
     * @throws ProtocolViolation if {@code options} holds anything but parameters
     */
    static Parameters parameters(StartupMessage startup, Set<String> ignored) {
        Parameters parameters = Parameters.NONE;
        String options = startup.parameters().get("options");
        if (options != null) {
            parameters = ofOptions(options, ignored);
        }
        for (Map.Entry<String, String> entry : startup.parameters().entrySet()) {
            if (!NOT_PARAMETERS.contains(entry.getKey()) && !isExtension(entry.getKey())) {
                parameters = with(parameters, entry.getKey(), entry.getValue(), ignored);
            }
        }
        return parameters;
    }

    /**
     * What the server of a replication connection is to read itself: all as it came, without user and database. That it is one
     * cannot be ignored.
     */
    static Parameters verbatim(StartupMessage startup, Set<String> ignored) {
        Parameters parameters =
                Parameters.NONE.with(REPLICATION, startup.parameters().getOrDefault(REPLICATION, "false"));
        for (Map.Entry<String, String> entry : startup.parameters().entrySet()) {
            String name = entry.getKey();
            boolean dropped = ignored.contains(name.toLowerCase(Locale.ROOT)) && !name.equals(REPLICATION);
            if (!CHOSEN_HERE.contains(name) && !isExtension(name) && !dropped) {
                parameters = parameters.with(name, entry.getValue());
            }
        }
        return parameters;
    }

    /** Options of the protocol that nobody here knows; the client is told. */
    static List<String> unknownExtensions(StartupMessage startup) {
        return startup.parameters().keySet().stream()
                .filter(StartupOptions::isExtension)
                .toList();
    }

    private static boolean isExtension(String name) {
        return name.startsWith(PROTOCOL_EXTENSION);
    }

    private static Parameters ofOptions(String options, Set<String> ignored) {
        Parameters parameters = Parameters.NONE;
        List<String> words = words(options);
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            String setting;
            if (word.equals("-c") && i + 1 < words.size()) {
                i++;
                setting = words.get(i);
            } else if (word.startsWith("-c") && word.length() > 2) {
                setting = word.substring(2);
            } else if (word.startsWith("--")) {
                setting = word.substring(2);
            } else {
                throw invalid(word);
            }
            int equals = setting.indexOf('=');
            if (equals <= 0) {
                throw invalid(word);
            }
            String name = setting.substring(0, equals).replace('-', '_');
            parameters = with(parameters, name, setting.substring(equals + 1), ignored);
        }
        return parameters;
    }

    private static ProtocolViolation invalid(String word) {
        return new ProtocolViolation(
                SqlState.SYNTAX_ERROR,
                "invalid command-line argument for server process: " + word,
                "Only -c name=value and --name=value can be used through a connection pool.");
    }

    private static Parameters with(Parameters parameters, String name, String value, Set<String> ignored) {
        if (NOT_PARAMETERS.contains(name) || isExtension(name)) {
            // From "options". In a startup packet to a server it would mean something else.
            throw new ProtocolViolation(
                    SqlState.UNDEFINED_OBJECT, "unrecognized configuration parameter \"" + name + "\"", null);
        }
        return ignored.contains(name.toLowerCase(Locale.ROOT)) ? parameters : parameters.with(name, value);
    }

    private static List<String> words(String options) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean inWord = false;
        for (int i = 0; i < options.length(); i++) {
            char c = options.charAt(i);
            if (c == '\\' && i + 1 < options.length()) {
                i++;
                word.append(options.charAt(i));
                inWord = true;
            } else if (Character.isWhitespace(c)) {
                if (inWord) {
                    words.add(word.toString());
                    word.setLength(0);
                    inWord = false;
                }
            } else {
                word.append(c);
                inWord = true;
            }
        }
        if (inWord) {
            words.add(word.toString());
        }
        return words;
    }
}
