package dev.trunkline.router.replay;

import dev.trunkline.router.Endpoint;
import dev.trunkline.router.ManualScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Servers that answer after 1 ms what a test says. */
final class FakeLinks implements WalLink.Opener {
    static final WalLayout LAYOUT = new WalLayout(8192, 1 << 24);
    private static final Duration DELAY = Duration.ofMillis(1);

    private final ManualScheduler time;
    private final Map<Endpoint, Server> servers = new HashMap<>();

    FakeLinks(ManualScheduler time) {
        this.time = time;
    }

    /** A server, which the test changes as it likes. */
    static final class Server {
        boolean inRecovery;
        long timeline;
        long position;
        boolean silent;
        boolean refuses;
        final List<WalQuestion> asked = new ArrayList<>();
        int opened;

        @Nullable
        Link link;

        Server(boolean inRecovery, long timeline, long position) {
            this.inRecovery = inRecovery;
            this.timeline = timeline;
            this.position = position;
        }

        /** Ends the connection as a server does that stops. */
        void stop() {
            Link ended = link;
            link = null;
            if (ended != null && !ended.closed) {
                ended.owner.lost("stopped");
            }
        }

        boolean isConnected() {
            return link != null && !link.closed;
        }
    }

    Server add(Endpoint endpoint, Server server) {
        servers.put(endpoint, server);
        return server;
    }

    @Override
    public void open(Endpoint endpoint, WalLink.Owner owner) {
        Server server = servers.get(endpoint);
        later(() -> {
            if (server == null || server.refuses) {
                owner.lost("refused");
                return;
            }
            server.opened++;
            server.link = new Link(server, owner);
            owner.opened(server.link);
        });
    }

    private void later(Runnable task) {
        var _ = time.schedule(task, DELAY.toNanos(), TimeUnit.NANOSECONDS);
    }

    final class Link implements WalLink {
        private final Server server;
        private final Owner owner;
        private boolean closed;

        Link(Server server, Owner owner) {
            this.server = server;
            this.owner = owner;
        }

        @Override
        public void ask(WalQuestion question, Consumer<WalWord> answer) {
            server.asked.add(question);
            later(() -> {
                if (!closed && server.link == this && !server.silent) {
                    answer.accept(new WalWord(
                            server.inRecovery,
                            server.position,
                            question == WalQuestion.STANDING
                                    ? new WalWord.Standing(server.inRecovery, server.timeline, LAYOUT)
                                    : null));
                }
            });
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
