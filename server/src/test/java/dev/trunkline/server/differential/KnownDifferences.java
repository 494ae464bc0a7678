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
     * @param said one that is found in what came through the proxy
     * @param reason why it is not mended, or not yet
     */
    record Known(String signature, String sent, String said, String reason) {
        /** Whatever came through the proxy. */
        Known(String signature, String sent, String reason) {
            this(signature, sent, "", reason);
        }

        Known {
            if (reason.isBlank()) {
                throw new IllegalArgumentException("no reason for " + signature);
            }
        }

        boolean fits(Played played) {
            return Pattern.matches(signature, played.signature())
                    && Pattern.compile(sent, Pattern.DOTALL)
                            .matcher(played.lastSent())
                            .find()
                    && Pattern.compile(said).matcher(played.saidByProxy()).find();
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
                        "answer: E\\[.*] <> E\\[25P02 exec_parse_message]",
                        "(bind|describe)\\(",
                        "In a failed transaction the server refuses the Parse that the proxy sends first where the statement is not"
                                + " known as yet, before it looks at the Bind or Describe, which it would refuse too."),
                new Known(
                        "answer: E\\[.*] <> E\\[(42P01 parserOpenTable|42704 typenameType|42883 ParseFuncOrColumn)].*",
                        "(bind\\(|EXECUTE )",
                        "A server that does not have the statement prepares it with the search_path that the client has set since. What is"
                                + " not on that path any more is told before what is wrong with the Bind; a Bind that is right gets"
                                + " the same error from PostgreSQL itself, which then knows types that the Parse did not tell."),
                new Known(
                        "answer: .* <> E\\[26000 FetchPreparedStatement]",
                        "(parse|bind|describe|execute|close)\\([^\n]*\n((?!sync\\()[^\n]*\n)*query\\(\"(EXPLAIN [^\n]*)?(EXECUTE|DEALLOCATE) ",
                        "EXECUTE or DEALLOCATE as a simple query in a batch in which something was carried out, and that no Sync has"
                                + " closed, passes as it is: to prepare something for it would end the batch, which is a transaction. No"
                                + " driver sends that."),
                new Known(
                        "answer: E\\[08P01 CopyGetData] <> .*",
                        "(bind|describe|close|parse)\\(",
                        "In the middle of COPY FROM STDIN anything about a statement breaks the protocol, and the server ends the"
                                + " session. A Close of a statement does not reach the server, and a Close of the proxy's own may"
                                + " come first."),
                new Known(
                        "answer: .* <> E\\[(08006|08P01) ]",
                        "COPY .* FROM STDIN.*sync\\(\\).*copy(Data|Fail)\\(",
                        "A Sync in the middle of a COPY that fails may have been read before the error or behind it. If more was"
                                + " sent behind it in the same batch, the answers cannot be told apart, and the session ends. No driver"
                                + " sends a Sync there."),
                new Known(
                        "answer: .* <> E\\[08P01 ]",
                        "",
                        "M=a Sync inside a failed COPY leaves open",
                        "The same, where the COPY was begun some steps before."),
                new Known(
                        "answer: Z . <> 3",
                        "COPY .* FROM STDIN.*sync\\(\\).*copyData\\(.*close\\('S'",
                        "The same: the Close of a statement, which the proxy answers, comes in front of the Sync's answer."),
                new Known(
                        "answer: Z T <> Z I",
                        "execute\\([^\n]*\n(.*\n)?query\\(.*query\\(\"DEALLOCATE ",
                        "The status behind a DEALLOCATE in such a batch, whose name is replaced: PostgreSQL's next query fails with"
                                + " XX000, and the proxy's question has ended that state before."),
                new Known(
                        "answer: E\\[XX000 StartTransactionCommand] <> .*",
                        "",
                        "An internal error of PostgreSQL's own: a simple query in an open batch leaves its transaction half begun. The"
                                + " proxy's question about what was left ends that state.")));
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
