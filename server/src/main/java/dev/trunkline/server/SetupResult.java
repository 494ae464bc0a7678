package dev.trunkline.server;

import dev.trunkline.server.config.Problem;
import java.util.List;

/** What came of reading the configuration and the files that it names. */
public sealed interface SetupResult {
    /** It can be started. The warnings tell what is allowed and yet hardly meant. */
    record Ready(Setup setup, List<Problem> warnings) implements SetupResult {
        public Ready {
            warnings = List.copyOf(warnings);
        }
    }

    /** It cannot be started, for all these reasons. */
    record Broken(List<Problem> problems) implements SetupResult {
        public Broken {
            problems = List.copyOf(problems);
        }
    }
}
