package dev.trunkline.server.config;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What came of reading a configuration file. */
public sealed interface LoadResult {
    /** It can be used as it is. The warnings tell what is allowed and yet hardly meant. */
    record Loaded(Config config, List<Problem> warnings) implements LoadResult {
        public Loaded {
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * It cannot be used.
     *
     * @param problems all of them, one or more, in the order of the file
     * @param usersFile the users file that it names, so that its problems can be told together with these; null if none
     */
    record Invalid(List<Problem> problems, @Nullable Path usersFile) implements LoadResult {
        public Invalid {
            problems = List.copyOf(problems);
        }
    }
}
