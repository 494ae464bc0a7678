package dev.trunkline.server.hazard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.ProxyChannels;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.Waiting;
import io.netty.channel.Channel;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The server's session that runs a query with a mark in its text, as the server sees it.
 *
 * @param pid its process
 * @param channel the proxy's end of its connection
 */
public record ServerSession(String pid, Channel channel) {
    private static final int LOOKS = 5;

    /** Waits until the query runs. */
    public static ServerSession running(String mark) {
        Waiting.until("a session runs " + mark, () -> !pids(mark).isEmpty());
        String pid = pids(mark).getFirst();
        String port = activity("client_port", "pid = " + pid).getFirst();
        return new ServerSession(pid, ProxyChannels.toServer(Integer.parseInt(port)));
    }

    private static List<String> pids(String mark) {
        return activity("pid", "state = 'active' AND query LIKE '%" + mark + "%' AND usename = 'app'");
    }

    private static List<String> activity(String column, String which) {
        return TestPostgres.get().column("postgres", "SELECT " + column + " FROM pg_stat_activity WHERE " + which);
    }

    /** True if it has ended, or at least its query. */
    public boolean isDone() {
        return activity("pid", "pid = " + pid + " AND state = 'active'").isEmpty();
    }

    /**
     * Waits until the session waits for this (PostgreSQL manual, "Wait Events"), and the proxy has stopped reading {@code from} because
     * {@code to} takes nothing, at several looks one behind the other.
     *
     * @param most how many bytes may ever wait in {@code to}
     */
    public void awaitStandstill(String event, Channel from, Channel to, long most) {
        AtomicInteger looks = new AtomicInteger();
        Waiting.until("nothing moves any more", () -> {
            assertThat(ProxyChannels.waiting(to))
                    .as("bytes that wait for %s", to)
                    .isLessThanOrEqualTo(most);
            boolean stands = !from.config().isAutoRead() && !to.isWritable() && waitsFor(event);
            looks.set(stands ? looks.get() + 1 : 0);
            return looks.get() == LOOKS;
        });
    }

    private boolean waitsFor(String event) {
        return !activity("pid", "pid = " + pid + " AND state = 'active' AND wait_event = '" + event + "'")
                .isEmpty();
    }
}
