package dev.trunkline.server.patroni;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The clients of one front: writers, and before Trunkline also readers, a long transaction and a client that is pinned. */
final class Crew {
    static final String WRITERS = "writers";
    static final String READERS = "readers";
    static final String LONG = "long transaction";
    static final String PINNED = "pinned client";

    private static final int CLIENTS = 4;
    /** So that the numbers of clients of different loads never meet. */
    private static final int NUMBERS = 10;

    private final String front;
    private final Map<String, Load> loads = new LinkedHashMap<>();

    private Crew(String front) {
        this.front = front;
    }

    /** The whole crew. */
    static Crew of(Trunkline trunkline) {
        Crew crew = new Crew("Trunkline");
        String url = trunkline.url();
        crew.loads.put(WRITERS, Load.start(url, Works::write, 0, CLIENTS));
        crew.loads.put(READERS, Load.start(url, new Works.Read(), NUMBERS, CLIENTS));
        crew.loads.put(LONG, Load.start(url, new Works.LongTransaction(), 2 * NUMBERS, 1));
        crew.loads.put(PINNED, Load.start(url, new Works.Pinned(), 3 * NUMBERS, 1));
        return crew;
    }

    /** Writers alone; {@code place} among the crews, from 1 on. */
    static Crew writers(String front, String url, int place) {
        Crew crew = new Crew(front);
        crew.loads.put(WRITERS, Load.start(url, Works::write, 10 * place * NUMBERS, CLIENTS));
        return crew;
    }

    String front() {
        return front;
    }

    Map<String, Load> loads() {
        return loads;
    }

    Load writers() {
        return loads.get(WRITERS);
    }

    /** All that is written, not only by the writers, in the order of the acknowledgements. */
    List<Load.Done> writes(long sinceNanos) {
        return loads.entrySet().stream()
                .filter(load -> !load.getKey().equals(READERS))
                .flatMap(load -> load.getValue().done(sinceNanos).stream())
                .sorted((a, b) -> Long.compare(a.endedNanos() - b.endedNanos(), 0))
                .toList();
    }

    /** Returns when each client has done something, those that write on {@code leader}, or after {@code limit}: then who has not. */
    List<String> awaitWork(PatroniNode leader, Duration limit) throws InterruptedException {
        long since = System.nanoTime();
        try {
            Await.until(limit, () -> idle(leader, since).isEmpty(), () -> "work");
            return List.of();
        } catch (AssertionError _) {
            return idle(leader, since);
        }
    }

    void forget(long beforeNanos) {
        loads.values().forEach(load -> load.forget(beforeNanos));
    }

    void end() throws InterruptedException {
        for (Load load : loads.values()) {
            load.end();
        }
    }

    private List<String> idle(PatroniNode leader, long since) {
        List<String> idle = new ArrayList<>();
        loads.forEach((name, load) -> {
            List<Load.Done> done = load.done(since);
            load.clients()
                    .filter(client -> of(done, client)
                            .noneMatch(
                                    one -> name.equals(READERS) || one.place().port() == leader.postgresPort()))
                    .mapToObj(client -> name + " " + client)
                    .forEach(idle::add);
        });
        return idle;
    }

    private static Stream<Load.Done> of(List<Load.Done> done, int client) {
        return done.stream().filter(one -> one.client() == client);
    }
}
