package dev.trunkline.router.discovery;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A node that behaves as Patroni does on the wire: HTTP/1.0, one answer for each connection, then it closes. */
final class FakeNode implements AutoCloseable {
    /** What it does with a request that it has read. */
    @FunctionalInterface
    interface Behaviour {
        void serve(OutputStream out) throws IOException, InterruptedException;
    }

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<String> headers = new CopyOnWriteArrayList<>();
    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger mostOpen = new AtomicInteger();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final CompletableFuture<Void> accepting;
    private volatile Behaviour behaviour;

    FakeNode(Behaviour behaviour) throws IOException {
        this.behaviour = behaviour;
        accepting = CompletableFuture.runAsync(this::accept, Thread::startVirtualThread);
    }

    /** Sends these bytes and closes. */
    static Behaviour sends(byte[] bytes) {
        return out -> out.write(bytes);
    }

    /** Sends a whole answer with that body. */
    static Behaviour answers(int status, String body) {
        return sends(("HTTP/1.0 " + status + " X\r\nServer: BaseHTTP/0.6 Python/3.11.2\r\n"
                        + "Content-Type: application/json\r\n\r\n" + body)
                .getBytes(US_ASCII));
    }

    /** Sends these bytes and then nothing more, until the node is closed. */
    Behaviour hangsAfter(String text) {
        return out -> {
            out.write(text.getBytes(US_ASCII));
            out.flush();
            closing.await();
        };
    }

    void behaves(Behaviour next) {
        behaviour = next;
    }

    URI url() {
        return URI.create("http://" + listener.getInetAddress().getHostAddress() + ":" + listener.getLocalPort());
    }

    /** The first lines of all requests so far. */
    List<String> requests() {
        return requests;
    }

    /** The headers of all requests so far. */
    List<String> headers() {
        return headers;
    }

    /** The bodies of all requests that had one. */
    List<String> bodies() {
        return bodies;
    }

    /** How many requests it ever had under way at once. */
    int mostOpen() {
        return mostOpen.get();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                var _ = Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                closing.countDown(); // It was closed: there is nothing more to accept.
            }
        }
    }

    private void serve(Socket socket) {
        mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
        try (socket) {
            var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
            String line = in.readLine();
            requests.add(line);
            int length = 0;
            while (line != null && !line.isEmpty()) {
                line = in.readLine();
                headers.add(String.valueOf(line));
                if (line != null && line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                    length = Integer.parseInt(
                            line.substring(line.indexOf(':') + 1).strip());
                }
            }
            if (length > 0) {
                char[] body = new char[length];
                for (int read = 0; read < length; ) {
                    read += in.read(body, read, length - read);
                }
                bodies.add(new String(body));
            }
            behaviour.serve(socket.getOutputStream());
        } catch (IOException | InterruptedException e) {
            requests.add("broken: " + e.getMessage());
        } finally {
            open.decrementAndGet();
        }
    }

    /** Nobody is accepted any more once it has returned: a call of accept that is under way still takes one more. */
    @Override
    public void close() throws IOException {
        closing.countDown();
        listener.close();
        accepting.orTimeout(10, TimeUnit.SECONDS).join();
    }
}
