package dev.trunkline.server.differential;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Differences that are there on purpose, or wait for their repair. Used by one thread. */
final class KnownDifferences {
    private final List<Known> entries;
    private final Set<Known> used = new LinkedHashSet<>();

    KnownDifferences(List<Known> entries) {
        this.entries = List.copyOf(entries);
    }

    /**
     * One of them.
     *
     * @param signature a regular expression that matches all of {@link Played#signature}
     * @param sent one that is found in {@link Played#lastSent}
     * @param reason why it is not mended, or not yet
     */
    record Known(String signature, String sent, String reason) {
        Known {
            if (reason.isBlank()) {
                throw new IllegalArgumentException("no reason for " + signature);
            }
        }

        boolean fits(Played played) {
            return Pattern.matches(signature, played.signature())
                    && Pattern.compile(sent, Pattern.DOTALL)
                            .matcher(played.lastSent())
                            .find();
        }
    }

    /** Those of the proxy. */
    static KnownDifferences ofTheProxy() {
        return new KnownDifferences(List.of(
                new Known(
                        "answer: E\\[(08P01 exec_bind_message|26000 FetchPreparedStatement)] <> .* in M",
                        "(bind|describe)\\(",
                        "The server knows a named statement by the proxy's name for it, and says that one in an error."),
                new Known(
                        "answer: E\\[26000 FetchPreparedStatement] <> E\\[25P02 exec_parse_message]",
                        "parse\\(.*sync\\(\\).*(bind|describe)\\(",
                        "A statement is used before it is known that its Parse, before a Sync, has failed: the proxy prepares it"
                                + " once more, which a failed transaction refuses with another word.")));
    }

    /** The entry that its difference belongs to, which then counts as used. */
    Optional<Known> find(Played played) {
        Optional<Known> found =
                entries.stream().filter(each -> each.fits(played)).findFirst();
        found.ifPresent(used::add);
        return found;
    }

    /** Those that no difference belonged to. */
    List<Known> unused() {
        return entries.stream().filter(each -> !used.contains(each)).toList();
    }
}
