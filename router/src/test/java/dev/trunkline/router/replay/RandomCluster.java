package dev.trunkline.router.replay;

import dev.trunkline.router.Endpoint;
import dev.trunkline.router.ManualScheduler;
import dev.trunkline.router.Member;
import dev.trunkline.router.Role;
import dev.trunkline.router.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A cluster of three in which everything takes a random time, whose servers crash, are promoted and rewound, and whose workers hear of
 * a new leader later than the sampler, or earlier. A leader that was replaced may go on taking writes, and sending them to its replicas.
 */
final class RandomCluster implements WalLink.Opener {
    private static final long MILLI = 1_000_000;
    private static final WalLayout LAYOUT = new WalLayout(1024, 1 << 20);

    /** What a client was told. */
    record Write(RandomServer.Entry entry, LastWrite told) {}

    private final ManualScheduler time;
    private final Random random;
    private final List<RandomServer> servers = new ArrayList<>();
    private final List<Link> links = new ArrayList<>();
    private final List<Write> writes = new ArrayList<>();
    private final List<SamplingDemand> demand = new ArrayList<>();
    /** What watcher and sampler know, and what the workers go by. */
    private Topology published = Topology.unknown();

    private Topology followed;
    private RandomServer leader;
    private long latestTimeline = 1;

    RandomCluster(ManualScheduler time, long seed) {
        this.time = time;
        this.random = new Random(seed);
        for (int i = 0; i < 3; i++) {
            servers.add(new RandomServer(new Endpoint("server" + i, 5432), random));
        }
        leader = servers.getFirst();
        leader.leads = true;
        servers.forEach(server -> server.upstream = server == leader ? null : leader);
        published = topology();
        followed = published;
    }

    Topology published() {
        return published;
    }

    /** By which the workers send reads. */
    Topology followed() {
        return followed;
    }

    List<Write> writes() {
        return writes;
    }

    /** Hears of writes and reads. */
    void tell(SamplingDemand newDemand) {
        demand.add(newDemand);
    }

    RandomServer server(Endpoint endpoint) {
        return servers.stream()
                .filter(server -> server.endpoint.equals(endpoint))
                .findFirst()
                .orElseThrow();
    }

    /** Lets everything happen from now on. */
    void begin() {
        repeat(3, this::write);
        repeat(5, () -> servers.forEach(RandomServer::replay));
        repeat(12, () -> servers.forEach(RandomServer::flush));
        repeat(400, () -> servers.forEach(server -> server.timelineOfRestartPoint = server.timeline));
        repeat(700, this::publish);
        repeat(900, this::crashSomebody);
        repeat(2500, this::failOver);
    }

    private void repeat(int aboutMillis, Runnable task) {
        later(aboutMillis, () -> {
            task.run();
            repeat(aboutMillis, task);
        });
    }

    /** In a random time up to the double of that. */
    private void later(int aboutMillis, Runnable task) {
        long nanos = (long) (random.nextDouble() * 2 * aboutMillis * MILLI) + 1;
        var _ = time.schedule(task, nanos, TimeUnit.NANOSECONDS);
    }

    /** A worker's client writes on the leader that the worker knows; the acknowledgement takes a while, and so does its moment. */
    private void write() {
        Member target = followed.leader();
        RandomServer server = target == null ? null : server(target.endpoint());
        if (server == null || !server.up || !server.leads) {
            return;
        }
        RandomServer.Entry entry = server.write();
        if (random.nextBoolean()) {
            server.flush();
        }
        later(1, () -> {
            LastWrite told = new LastWrite();
            told.acknowledged();
            writes.add(new Write(entry, told));
            later(1, () -> {
                told.at(time.now());
                demand.forEach(each -> each.wrote(time.now()));
                demand.forEach(each -> each.wished(time.now()));
            });
        });
    }

    private void crashSomebody() {
        RandomServer server = servers.get(random.nextInt(servers.size()));
        if (server.up) {
            crash(server);
            startAgain(server, server::restart);
        }
    }

    /** Later than the ends of its connections are heard of. */
    private void startAgain(RandomServer server, Runnable how) {
        int crashed = server.start;
        var _ = time.schedule(
                () -> {
                    if (server.start == crashed) {
                        how.run();
                    }
                },
                (60 + random.nextInt(400)) * MILLI,
                TimeUnit.NANOSECONDS);
    }

    private void crash(RandomServer server) {
        server.crash();
        List<Link> ended = links.stream().filter(link -> link.server == server).toList();
        links.removeAll(ended);
        ended.forEach(link -> {
            var _ = time.schedule(link::end, random.nextInt(50) * MILLI, TimeUnit.NANOSECONDS);
        });
    }

    /** A replica is promoted. The old leader hears of it only after a while, and is rewound. */
    private void failOver() {
        RandomServer old = leader;
        RandomServer next = servers.stream()
                .filter(server -> server != old && server.up && server.upstream != null)
                .skip(random.nextInt(2))
                .findFirst()
                .orElse(null);
        if (next == null) {
            return;
        }
        latestTimeline++;
        next.promote(latestTimeline);
        leader = next;
        if (random.nextInt(3) == 0) {
            publishOf(null);
        }
        later(200, this::publish);
        servers.stream().filter(server -> server != next).forEach(server -> later(400, () -> follow(server, next)));
    }

    private void follow(RandomServer server, RandomServer next) {
        if (leader != next) {
            return;
        }
        if (!server.leads) {
            server.follow(next);
        }
        if (server.upstream != next) {
            later(500, () -> {
                if (leader == next && server.upstream != next) {
                    crash(server);
                    startAgain(server, () -> server.rewind(next));
                }
            });
        }
    }

    private void publish() {
        publishOf(leader.up ? leader : null);
    }

    private void publishOf(@Nullable RandomServer leads) {
        published = leads == null
                ? new Topology(
                        published.epoch() + 1, published.timeline(), null, published.replicas(), published.excluded())
                : topology();
        Topology told = published;
        later(5, () -> {
            if (told.epoch() > followed.epoch()) {
                followed = told;
            }
        });
    }

    private Topology topology() {
        List<Member> replicas = servers.stream()
                .filter(server -> server != leader)
                .map(server -> member(server, Role.REPLICA, random.nextBoolean() ? server.timeline : 0))
                .toList();
        return new Topology(
                published.epoch() + 1,
                latestTimeline,
                member(leader, Role.LEADER, latestTimeline),
                replicas,
                List.of());
    }

    private static Member member(RandomServer server, Role role, long timeline) {
        return new Member(server.endpoint.host(), server.endpoint, role, true, timeline, Member.UNKNOWN_LAG, true);
    }

    @Override
    public void open(Endpoint endpoint, WalLink.Owner owner) {
        RandomServer server = server(endpoint);
        later(3, () -> {
            if (server.up) {
                Link link = new Link(server, owner);
                links.add(link);
                owner.opened(link);
            } else {
                owner.lost("down");
            }
        });
    }

    private final class Link implements WalLink {
        private final RandomServer server;
        private final Owner owner;
        private final int start;
        private boolean closed;

        Link(RandomServer server, Owner owner) {
            this.server = server;
            this.owner = owner;
            this.start = server.start;
        }

        /** The question is on its way, then the answer. */
        @Override
        public void ask(WalQuestion question, Consumer<WalWord> answer) {
            later(random.nextInt(20) == 0 ? 60 : 1, () -> {
                if (server.up && server.start == start) {
                    WalWord word = word(question);
                    later(random.nextInt(20) == 0 ? 60 : 1, () -> {
                        if (!closed) {
                            answer.accept(word);
                        }
                    });
                }
            });
        }

        private WalWord word(WalQuestion question) {
            boolean recovers = !server.leads;
            // What a server receives tells of a timeline at once, its control file after a while.
            long timeline = recovers && random.nextBoolean() ? server.timelineOfRestartPoint : server.timeline;
            return new WalWord(
                    recovers,
                    server.position(),
                    question == WalQuestion.STANDING ? new WalWord.Standing(recovers, timeline, LAYOUT) : null);
        }

        private void end() {
            if (!closed) {
                closed = true;
                owner.lost("crashed");
            }
        }

        @Override
        public void close() {
            closed = true;
            links.remove(this);
        }
    }
}
