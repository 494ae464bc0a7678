package dev.trunkline.server.training;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Something that listens on a free port of the loopback interface, with a thread for each connection. Thread-safe. */
final class StandIn implements AutoCloseable {
    private static final int BACKLOG = 16;

    private final ServerSocket listener;

    private StandIn(ServerSocket listener) {
        this.listener = listener;
    }

    /** Serves one connection to its end; the socket is closed behind it. */
    @FunctionalInterface
    interface Service {
        void serve(Socket connection) throws IOException;
    }

    /** Starts to listen. Threads are daemons called {@code name}. */
    static StandIn start(String name, Service service) throws IOException {
        StandIn standIn = new StandIn(new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress()));
        Thread.ofPlatform().daemon().name(name).start(() -> standIn.accept(name, service));
        return standIn;
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept(String name, Service service) {
        try {
            while (true) {
                Socket connection = listener.accept();
                Thread.ofPlatform().daemon().name(name).start(() -> serve(connection, service));
            }
        } catch (IOException _) {
            // It was closed.
        }
    }

    private static void serve(Socket connection, Service service) {
        try (connection) {
            connection.setTcpNoDelay(true);
            service.serve(connection);
        } catch (IOException _) {
            // The proxy has closed the connection, as it may at any time.
        }
    }

    /** Accepts nobody any more. */
    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException _) {
            // Then it accepts until the process ends.
        }
    }
}
