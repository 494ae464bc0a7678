package dev.trunkline.server.differential;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A scenario that was played up to its end, or up to the first difference.
 *
 * @param difference null if there was none
 */
record Played(
        Scenario scenario,
        List<Exchange> exchanges,
        @Nullable Difference difference) {
    /** What kind of difference it is; empty if there was none. */
    String signature() {
        return difference == null ? "" : difference.signature();
    }

    /** What came through the proxy where the difference is; empty if there was none. */
    String saidByProxy() {
        return difference == null ? "" : difference.proxied();
    }

    /** What was sent last, a message a line. */
    String lastSent() {
        return exchanges.getLast().sent().stream().map(Sent::code).collect(Collectors.joining("\n"));
    }
}
