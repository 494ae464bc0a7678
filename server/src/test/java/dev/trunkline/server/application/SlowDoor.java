package dev.trunkline.server.application;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands in front of a server, keeps each new connection for a while before it lets it in, and counts them. */
final class SlowDoor implements AutoCloseable {
    private static final long KEPT_MILLIS = 50;

    private final int serverPort;
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final AtomicInteger passed = new AtomicInteger();

    SlowDoor(int serverPort) throws IOException {
        this.serverPort = serverPort;
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** How many connections were kept at the same time at most. */
    int mostAtOnce() {
        return most.get();
    }

    /** How many connections were let in. */
    int passed() {
        return passed.get();
    }

    /** Counts from 0. */
    void forget() {
        most.set(0);
        passed.set(0);
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                sockets.add(client);
                most.accumulateAndGet(waiting.incrementAndGet(), Math::max);
                Thread.ofVirtual().start(() -> letIn(client));
            }
        } catch (IOException _) {
            // It was closed: there is nothing more to accept.
        }
    }

    private void letIn(Socket client) {
        try {
            TimeUnit.MILLISECONDS.sleep(KEPT_MILLIS);
            waiting.decrementAndGet();
            Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
            sockets.add(server);
            passed.incrementAndGet();
            Thread.ofVirtual().start(() -> pass(server, client));
            pass(client, server);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pass(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException _) {
            // One side has gone: so does the other.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
