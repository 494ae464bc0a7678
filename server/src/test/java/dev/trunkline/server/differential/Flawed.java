package dev.trunkline.server.differential;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.trunkline.server.testing.TestPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Passes bytes to PostgreSQL and back, and does something wrong where an answer says {@code poison}. */
final class Flawed implements Endpoint {
    private final ServerSocket listener;
    private final Flaw flaw;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    private Flawed(Flaw flaw) {
        this.flaw = flaw;
        try {
            this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    /** What is done wrong. */
    enum Flaw {
        /** One byte becomes another one. */
        CHANGES_A_BYTE,
        /** From there on nothing comes any more. */
        FALLS_SILENT,
        NONE
    }

    static Endpoint.Maker with(Flaw flaw) {
        return (setting, database) -> new Flawed(flaw);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Socket server = new Socket(
                        InetAddress.getLoopbackAddress(), TestPostgres.get().port());
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                sockets.addAll(List.of(client, server));
                Thread.ofVirtual().start(() -> pass(client, server, Flaw.NONE));
                Thread.ofVirtual().start(() -> pass(server, client, flaw));
            } catch (IOException e) {
                // Closed at the end of the test.
                return;
            }
        }
    }

    private static void pass(Socket from, Socket to, Flaw flaw) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[64 * 1024];
            boolean silent = false;
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                String text = new String(buffer, 0, read, ISO_8859_1);
                silent |= flaw == Flaw.FALLS_SILENT && text.contains("poison");
                if (!silent) {
                    String changed = flaw == Flaw.CHANGES_A_BYTE ? text.replace("poison", "poisoN") : text;
                    out.write(changed.getBytes(ISO_8859_1));
                }
            }
        } catch (IOException e) {
            // One side has gone, and the other goes with it.
            return;
        }
    }

    @Override
    public int port() {
        return listener.getLocalPort();
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
