package dev.trunkline.server;

import dev.trunkline.pooler.backend.LoginResult;
import dev.trunkline.pooler.backend.ServerDialer;
import dev.trunkline.pooler.backend.ServerIdentity;
import dev.trunkline.pooler.backend.ServerTarget;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Hint;
import dev.trunkline.router.Topology;
import dev.trunkline.server.client.CloseCause;
import dev.trunkline.server.client.KeyWish;
import dev.trunkline.server.replication.Passage;
import dev.trunkline.server.replication.PassageHome;
import dev.trunkline.server.replication.PassageLogin;
import dev.trunkline.server.replication.Traveller;
import dev.trunkline.server.state.ReplicationRow;
import dev.trunkline.wire.ProtocolVersion;
import dev.trunkline.wire.message.BackendKeyData;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** The replication connections of one worker. Loop-confined. */
final class Passages implements PassageHome {
    private final Worker worker;
    private final ServerDialer dialer;
    private final SessionTable<Passage> open;
    private final Set<PassageLogin> waiting = new LinkedHashSet<>();
    /** What was counted of those that have ended. */
    private final Map<ReplicationRow.Group, ReplicationRow> past = new LinkedHashMap<>();

    Passages(Worker worker, ServerDialer dialer, SessionTable<Passage> open) {
        this.worker = worker;
        this.dialer = dialer;
        this.open = open;
    }

    /** A cluster has changed. */
    void apply(String cluster, Topology topology) {
        List.copyOf(waiting).stream()
                .filter(login -> isIn(cluster, login.traveller()))
                .forEach(login -> login.apply(topology));
        List.copyOf(open.sessions()).stream()
                .filter(passage -> isIn(cluster, passage.traveller()))
                .forEach(passage -> passage.apply(topology));
    }

    /** Stops what the server does for the client with this key; without effect if there is none. */
    void cancel(int pid, byte[] secret) {
        Passage passage = open.find(pid, secret);
        if (passage != null) {
            passage.cancel();
        }
    }

    /** Lets go of all. */
    void shutDown() {
        List.copyOf(waiting).forEach(PassageLogin::shutDown);
        List.copyOf(open.sessions()).forEach(Passage::shutDown);
    }

    /** Those that have a server connection. */
    Collection<Passage> all() {
        return open.sessions();
    }

    /** What is open and what was, by cluster and kind. */
    List<ReplicationRow> counts() {
        Map<ReplicationRow.Group, ReplicationRow> sum = new LinkedHashMap<>(past);
        open.sessions().forEach(passage -> count(sum, passage, 1));
        return new ArrayList<>(sum.values());
    }

    @Override
    public Topology topology(String cluster) {
        return worker.topology(cluster);
    }

    @Override
    public Duration hold(String cluster) {
        return worker.shared().cluster(cluster).config().failoverHold();
    }

    @Override
    public Duration loginRetry() {
        return worker.shared().config().general().servers().loginRetry();
    }

    @Override
    public void dial(ServerTarget target, Consumer<LoginResult> done) {
        dialer.dial(target, done);
    }

    @Override
    public void cancel(ServerIdentity session) {
        worker.canceller().cancel(session);
    }

    @Override
    public RandomGenerator random() {
        return worker.random();
    }

    @Override
    public long nextId() {
        return worker.nextId();
    }

    @Override
    public void hint(String cluster, Hint hint, Endpoint endpoint) {
        worker.shared().cluster(cluster).hint(hint, endpoint);
    }

    @Override
    public void arrived(PassageLogin login) {
        waiting.add(login);
    }

    @Override
    public void turnedAway(PassageLogin login, CloseCause cause) {
        waiting.remove(login);
        Traveller traveller = login.traveller();
        worker.shared().turnedAway(traveller.channel(), traveller.identity().user(), cause);
    }

    @Override
    public BackendKeyData register(PassageLogin login, Passage passage) {
        waiting.remove(login);
        worker.shared()
                .began(passage.traveller().identity(), passage.traveller().channel());
        return open.add(passage, new KeyWish(0, ProtocolVersion.V3_0));
    }

    @Override
    public void ended(Passage passage, CloseCause cause) {
        if (open.remove(passage)) {
            count(past, passage, 0);
            worker.counters().clientClosed(cause.name());
            worker.shared().ended(passage.traveller().identity(), cause);
        }
    }

    private static void count(Map<ReplicationRow.Group, ReplicationRow> rows, Passage passage, int present) {
        ReplicationRow.Group group = new ReplicationRow.Group(
                passage.traveller().destination().cluster(),
                passage.traveller().destination().kind());
        rows.merge(group, new ReplicationRow(group, present, 1, passage.sentBytes()), ReplicationRow::plus);
    }

    private static boolean isIn(String cluster, Traveller traveller) {
        return traveller.destination().cluster().equals(cluster);
    }
}
