package dev.trunkline.router.discovery;

import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Whom to ask, in which order. Immutable. Whoever answered last comes first, unless that is the leader's node: it comes last,
 * since a crash of the leader's host is when an answer is wanted most.
 */
final class PatroniNodes {
    /** More members than any cluster has: an answer cannot make the list grow without end. */
    static final int MOST_SEEN = 64;

    private static final String PATH = "/cluster";

    private final List<URI> configured;
    private final List<URI> others;
    private final List<URI> leaders;

    private PatroniNodes(List<URI> configured, List<URI> others, List<URI> leaders) {
        this.configured = configured;
        this.others = others;
        this.leaders = leaders;
    }

    static PatroniNodes of(List<URI> urls) {
        List<URI> configured = new LinkedHashSet<>(
                        urls.stream().map(PatroniNodes::cluster).toList())
                .stream().toList();
        return new PatroniNodes(configured, configured, List.of());
    }

    /** The addresses to send {@code GET} to, best first. */
    List<URI> order() {
        return concat(others, leaders);
    }

    /** The same with the leader's node first: what it is asked for it begins at once, others when its next loop comes. */
    List<URI> leaderFirst() {
        return concat(leaders, others);
    }

    /** The order after {@code answerer} gave {@code answer}. Members that it does not tell of are forgotten again. */
    PatroniNodes answered(URI answerer, PatroniAnswer answer) {
        List<URI> leaders =
                answer.leaderApis().stream().map(PatroniNodes::cluster).toList();
        Set<URI> next = new LinkedHashSet<>();
        next.add(answerer);
        next.addAll(configured);
        answer.replicaApis().stream()
                .limit(MOST_SEEN)
                .map(PatroniNodes::cluster)
                .forEach(next::add);
        List<URI> last = leaders.stream().limit(MOST_SEEN).distinct().toList();
        next.removeAll(new LinkedHashSet<>(last));
        return new PatroniNodes(configured, List.copyOf(next), last);
    }

    private static List<URI> concat(List<URI> first, List<URI> second) {
        List<URI> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }

    private static URI cluster(URI url) {
        String scheme = url.getScheme().toLowerCase(Locale.ROOT);
        String authority = url.getPort() < 0 ? url.getHost() : url.getHost() + ":" + url.getPort();
        return URI.create(scheme + "://" + authority.toLowerCase(Locale.ROOT) + PATH);
    }
}
