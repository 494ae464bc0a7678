package dev.trunkline.pooler.backend;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A server on a loopback socket that does to each connection what the test says, on a thread of its own. */
final class FakeBackend implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FakeBackend.class);

    private final ServerSocket listener;
    private final List<Socket> sockets = new ArrayList<>();
    private final CountDownLatch peerGone = new CountDownLatch(1);

    /** What is done with a connection; it is closed behind it. */
    @FunctionalInterface
    interface Script {
        void play(Peer peer) throws IOException;
    }

    FakeBackend(Script script) throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().name("fake backend").start(() -> serve(script));
    }

    int port() {
        return listener.getLocalPort();
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port());
    }

    /** Open once a peer has closed its side while a script was waiting for that. */
    CountDownLatch peerGone() {
        return peerGone;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        synchronized (sockets) {
            for (Socket each : sockets) {
                each.close();
            }
        }
    }

    private void serve(Script script) {
        while (!listener.isClosed()) {
            try (Socket socket = listener.accept()) {
                synchronized (sockets) {
                    sockets.add(socket);
                }
                script.play(new Peer(socket));
            } catch (IOException e) {
                // The test has closed the listener, or the proxy its connection.
                LOG.debug("script ended", e);
            }
        }
    }

    /** One connection, seen from the server. */
    final class Peer {
        private final DataInputStream in;
        private final OutputStream out;
        private final Socket socket;

        Peer(Socket socket) throws IOException {
            this.socket = socket;
            this.in = new DataInputStream(socket.getInputStream());
            this.out = socket.getOutputStream();
        }

        /** The body of a message without a type: a startup packet or a cancel request. */
        byte[] readUntyped() throws IOException {
            return in.readNBytes(in.readInt() - 4);
        }

        /** The body of the next message, whose type must be this. */
        byte[] read(char type) throws IOException {
            int got = in.readUnsignedByte();
            if (got != type) {
                throw new IOException("expected " + type + " and got " + (char) got);
            }
            return readUntyped();
        }

        void send(byte[]... parts) throws IOException {
            out.write(Messages.join(parts));
            out.flush();
        }

        /** Waits until the other side has closed. */
        void awaitEnd() throws IOException {
            in.transferTo(OutputStream.nullOutputStream());
            peerGone.countDown();
        }

        /** Closes with a reset. */
        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }
}
