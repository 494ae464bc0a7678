package dev.trunkline.pooler.pool;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A server whose every answer the test gives. */
final class FakeConnector implements Connector<FakeConnector.Connection> {
    /** A connection of that server. */
    static final class Connection {
        final FakeConnector server;
        final int number;
        boolean usable = true;

        @Nullable
        CloseReason closed;

        Connection(FakeConnector server, int number) {
            this.server = server;
            this.number = number;
        }

        @Override
        public String toString() {
            return server.name + number;
        }
    }

    /** A check that waits for its answer. */
    record PendingCheck(Connection connection, CheckResult result) {}

    final String name;
    final Deque<ConnectResult<Connection>> connects = new ArrayDeque<>();
    final Deque<PendingCheck> checks = new ArrayDeque<>();
    final List<Connection> opened = new ArrayList<>();
    final List<Connection> closed = new ArrayList<>();
    Runnable onClose = () -> {};

    @Nullable
    RuntimeException onConnect;

    /** Reports inside the call of connect, which is forbidden. */
    boolean hasty;

    int connectCalls;

    FakeConnector(String name) {
        this.name = name;
    }

    /** Answers the oldest connect with a connection. */
    Connection accept() {
        Connection connection = new Connection(this, opened.size());
        opened.add(connection);
        connects.remove().connected(connection);
        return connection;
    }

    void acceptAll() {
        while (!connects.isEmpty()) {
            accept();
        }
    }

    /** Answers the oldest connect with a failure. */
    void refuse(ConnectFailure failure) {
        connects.remove().failed(failure);
    }

    @Override
    public void connect(ConnectResult<Connection> result) {
        connectCalls++;
        if (onConnect != null) {
            throw onConnect;
        }
        if (hasty) {
            result.failed(ConnectFailure.retry("too early"));
        }
        connects.add(result);
    }

    @Override
    public void check(Connection connection, CheckResult result) {
        checks.add(new PendingCheck(connection, result));
    }

    @Override
    public void close(Connection connection, CloseReason reason) {
        if (connection.closed != null) {
            throw new AssertionError(connection + " is closed twice");
        }
        if (connection.server != this) {
            throw new AssertionError(connection + " is closed by another server");
        }
        connection.closed = reason;
        closed.add(connection);
        onClose.run();
    }

    @Override
    public boolean isUsable(Connection connection) {
        return connection.usable && connection.closed == null;
    }
}
