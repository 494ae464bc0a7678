package dev.trunkline.server;

import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.pool.Lease;
import dev.trunkline.pooler.pool.LeaseState;
import dev.trunkline.pooler.pool.PoolStats;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.pools.RoutedPool;
import dev.trunkline.router.sql.Trace;
import dev.trunkline.server.client.ClientSession;
import dev.trunkline.server.config.ListenMode;
import dev.trunkline.server.listen.ListenCounters;
import dev.trunkline.server.listen.SharedListener;
import dev.trunkline.server.state.ClientCounts;
import dev.trunkline.server.state.ClientRow;
import dev.trunkline.server.state.ClientState;
import dev.trunkline.server.state.HeldCounts;
import dev.trunkline.server.state.ListenerRow;
import dev.trunkline.server.state.PinCounts;
import dev.trunkline.server.state.Pinned;
import dev.trunkline.server.state.PoolRow;
import dev.trunkline.server.state.PreparedSnapshot;
import dev.trunkline.server.state.ProxyState;
import dev.trunkline.server.state.Replication;
import dev.trunkline.server.state.ServerCounts;
import dev.trunkline.server.state.ServerRow;
import dev.trunkline.server.state.ServerState;
import dev.trunkline.server.state.SessionTimes;
import dev.trunkline.server.state.Target;
import dev.trunkline.server.state.TargetRow;
import dev.trunkline.server.state.WorkerSnapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Puts the state of one worker into values that may leave its loop. Loop-confined; used once. */
final class Snapshots {
    private final Worker worker;
    private final ProxyState.Detail detail;
    private final Map<ServerConnection, ClientSession> holders = new HashMap<>();
    private final Map<PoolKey, PinCounts> pins = new HashMap<>();
    private final List<ServerRow> servers = new ArrayList<>();
    private final PreparedTexts prepared = new PreparedTexts();

    private Snapshots(Worker worker, ProxyState.Detail detail) {
        this.worker = worker;
        this.detail = detail;
    }

    /** The worker as it is now; called on its loop. */
    static WorkerSnapshot of(Worker worker, ProxyState.Detail detail) {
        return new Snapshots(worker, detail).take();
    }

    private WorkerSnapshot take() {
        List<ClientRow> clientRows = clientRows();
        if (detail == ProxyState.Detail.SESSIONS) {
            PassageRows.addTo(clientRows, servers, worker.passages().all());
        }
        Map<PoolKey, int[]> clients = countClients();
        List<PoolRow> pools = new ArrayList<>();
        for (PoolGroup group : worker.groups()) {
            int[] counts = clients.getOrDefault(group.key(), new int[2]);
            pools.add(new PoolRow(
                    group.key().database(),
                    group.key().user(),
                    group.settings().poolMode().name().toLowerCase(Locale.ROOT),
                    new ClientCounts(counts[0], counts[1], 0, 0),
                    new HeldCounts(group.pools().heldClients(), group.pools().refusedClients()),
                    pins.getOrDefault(group.key(), PinCounts.NONE),
                    targets(group)));
        }
        return new WorkerSnapshot(
                pools,
                clientRows,
                servers,
                listenerRows(),
                worker.counters().totals(),
                worker.counters().clientCloses(),
                worker.passages().counts(),
                worker.tunnels().rows(detail),
                preparedTexts());
    }

    private PreparedSnapshot preparedTexts() {
        return detail == ProxyState.Detail.SESSIONS
                ? prepared.of(worker)
                : new PreparedSnapshot(worker.catalog().size(), worker.catalog().bytes(), List.of());
    }

    /** Active and waiting clients by pool. */
    private Map<PoolKey, int[]> countClients() {
        Map<PoolKey, int[]> counts = new HashMap<>();
        for (ClientSession session : worker.sessions()) {
            PoolKey key = new PoolKey(
                    session.identity().database(), session.identity().poolUser());
            counts.computeIfAbsent(key, _ -> new int[2])[session.isWaiting() ? 1 : 0]++;
            Pinned pinned = pinned(session);
            if (pinned != null) {
                pins.put(key, pins.getOrDefault(key, PinCounts.NONE).with(pinned));
            }
            if (session.server() != null) {
                holders.put(session.server(), session);
            }
        }
        return counts;
    }

    private List<TargetRow> targets(PoolGroup group) {
        List<TargetRow> rows = new ArrayList<>();
        group.pools().forEach(pool -> rows.add(target(group, pool)));
        return rows;
    }

    private TargetRow target(PoolGroup group, RoutedPool pool) {
        PoolStats stats = pool.pool().stats();
        int[] cancels = new int[1];
        pool.pool().forEachLease(lease -> {
            cancels[0] += lease.connection().cancels();
            if (detail == ProxyState.Detail.SESSIONS) {
                servers.add(row(group, lease));
                prepared.add(lease.connection());
            }
        });
        ServerCounts counts =
                new ServerCounts(stats.lent(), cancels[0], 0, stats.idle(), 0, stats.checking(), stats.connecting());
        return new TargetRow(
                target(pool),
                counts,
                stats.max(),
                stats.waiting(),
                stats.oldestWaitNanos(),
                pool.begunCount(),
                group.churn(pool.pool()));
    }

    private static Target target(RoutedPool pool) {
        Endpoint endpoint = pool.endpoint();
        String role = pool.duty() == RoutedPool.Duty.LEADER ? "leader" : "replica";
        return endpoint == null ? new Target("", 0, role) : new Target(endpoint.host(), endpoint.port(), role);
    }

    private ServerRow row(PoolGroup group, Lease<ServerConnection> lease) {
        ServerConnection server = lease.connection();
        ClientSession holder = holders.get(server);
        String name = server.parameters().get("application_name");
        return new ServerRow(
                server.id(),
                group.key().user(),
                group.key().database(),
                Replication.NONE,
                state(lease.state()),
                Peers.of(server.channel()),
                times(lease),
                holder == null ? null : holder.identity().id(),
                server.identity().pid(),
                "",
                name == null ? "" : name,
                server.statements().size(),
                server.dirt() != null);
    }

    private SessionTimes times(Lease<ServerConnection> lease) {
        long now = worker.ticker().getAsLong();
        return new SessionTimes(millisAgo(now - lease.openedNanos()), millisAgo(now - lease.stateSinceNanos()), 0);
    }

    private List<ListenerRow> listenerRows() {
        return worker.groups().stream()
                .filter(group -> group.settings().listen().mode() == ListenMode.SHARED)
                .map(Snapshots::row)
                .toList();
    }

    private static ListenerRow row(PoolGroup group) {
        SharedListener listener = group.listener();
        ListenCounters counters = listener.counters();
        return new ListenerRow(
                group.key().database(),
                group.key().user(),
                counters.standing().name().toLowerCase(Locale.ROOT),
                counters.since().toEpochMilli(),
                listener.channels().stream()
                        .map(channel ->
                                new ListenerRow.ChannelRow(channel.channel(), channel.clients(), channel.delivered()))
                        .toList(),
                counters.delivered(),
                counters.reconnects(),
                counters.overflows());
    }

    private List<ClientRow> clientRows() {
        List<ClientRow> rows = new ArrayList<>();
        if (detail == ProxyState.Detail.SESSIONS) {
            worker.sessions().forEach(session -> rows.add(row(session)));
        }
        return rows;
    }

    private static ClientRow row(ClientSession session) {
        ServerConnection server = session.server();
        return new ClientRow(
                session.identity().id(),
                session.identity().user(),
                session.identity().database(),
                Replication.NONE,
                state(session),
                Peers.of(session.channel()),
                new SessionTimes(
                        session.clock().connectedAtMillis(),
                        session.clock().lastEventAtMillis(),
                        session.isWaiting() ? session.clock().waitingNanos() : 0),
                server == null ? null : (Long) server.id(),
                "",
                session.applicationName(),
                session.preparedStatements(),
                false,
                pinned(session));
    }

    private static @Nullable Pinned pinned(ClientSession session) {
        Set<Trace> reasons = session.pinnedFor();
        return reasons.isEmpty()
                ? null
                : new Pinned(reasons.stream().map(Trace::text).toList(), session.pinnedNanos());
    }

    /** A client that keeps its connection is idle between its transactions, as one that has none. */
    private static ClientState state(ClientSession session) {
        if (session.isWaiting()) {
            return ClientState.WAITING;
        }
        ServerConnection server = session.server();
        return server == null || server.isAtBoundary() ? ClientState.IDLE : ClientState.ACTIVE;
    }

    private static ServerState state(LeaseState state) {
        return switch (state) {
            case LENT -> ServerState.ACTIVE;
            case IDLE -> ServerState.IDLE;
            case CHECKING -> ServerState.TESTED;
            case CLOSED -> ServerState.NEW;
        };
    }

    private static long millisAgo(long nanos) {
        return System.currentTimeMillis() - nanos / 1_000_000;
    }
}
