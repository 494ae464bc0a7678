package dev.trunkline.server.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.ongres.scram.client.ScramClient;
import com.ongres.scram.common.exception.ScramException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A client that sends what a test gives it and shows what comes back. Blocking; a read that lasts longer than 20 s fails. Not
 * thread-safe, but one thread may send while another reads.
 */
public final class RawClient implements AutoCloseable {
    private static final int READ_LIMIT_MILLIS = 20_000;

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private int pid;
    private byte[] secret = {};

    private RawClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(READ_LIMIT_MILLIS);
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 64 * 1024));
        this.out = socket.getOutputStream();
    }

    /** A connection to 127.0.0.1 on which nothing was sent. */
    public static RawClient connect(int port) {
        return unchecked(() -> {
            Socket socket = new Socket();
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), READ_LIMIT_MILLIS);
            return new RawClient(socket);
        });
    }

    /** A connection of {@link TestPostgres#USER} that is ready for a query. */
    public static RawClient login(int port, String database) {
        RawClient client = connect(port);
        List<Message> last = client.login(
                Map.of("user", TestPostgres.USER, "database", database, "client_encoding", "UTF8"),
                TestPostgres.PASSWORD);
        if (last.getLast().type() != 'Z') {
            client.close();
            throw new AssertionError("no login: " + last);
        }
        return client;
    }

    /**
     * Sends a startup packet and answers what it is asked.
     *
     * @return what came beside the authentication: up to ReadyForQuery, or to an error
     */
    public List<Message> login(Map<String, String> parameters, String password) {
        return login(0, parameters, password);
    }

    /** As {@link #login(Map, String)}, asking for this minor version of the protocol. */
    public List<Message> login(int minor, Map<String, String> parameters, String password) {
        send(Frames.startup(minor, parameters));
        ScramClient scram = ScramClient.builder()
                .advertisedMechanisms(List.of("SCRAM-SHA-256"))
                .username("*")
                .password(password.toCharArray())
                .build();
        List<Message> messages = new ArrayList<>();
        while (true) {
            Message message = read();
            if (message.type() == 'R') {
                answer(message, scram);
                continue;
            }
            messages.add(message);
            if (message.type() == 'K') {
                ByteBuffer key = ByteBuffer.wrap(message.body());
                pid = key.getInt();
                secret = Arrays.copyOfRange(message.body(), 4, message.body().length);
            } else if (message.type() == 'Z' || message.type() == 'E') {
                return messages;
            }
        }
    }

    private void answer(Message request, ScramClient scram) {
        String data = new String(request.body(), 4, request.body().length - 4, UTF_8);
        try {
            switch (ByteBuffer.wrap(request.body()).getInt()) {
                case 0 -> {}
                case 10 -> {
                    byte[] first = scram.clientFirstMessage().toString().getBytes(UTF_8);
                    send(Frames.frame('p', Frames.string("SCRAM-SHA-256"), Frames.int32(first.length), first));
                }
                case 11 -> {
                    scram.serverFirstMessage(data);
                    send(Frames.frame('p', scram.clientFinalMessage().toString().getBytes(UTF_8)));
                }
                case 12 -> scram.serverFinalMessage(data);
                default -> throw new AssertionError("unknown request for authentication: " + data);
            }
        } catch (ScramException e) {
            throw new AssertionError(e);
        }
    }

    /** Sends all of {@code parts} in one write. */
    public void send(byte[]... parts) {
        unchecked(() -> {
            out.write(Frames.concat(parts));
            return out;
        });
    }

    /** Sends each byte in a packet of its own. */
    public void sendBytewise(byte[] bytes) {
        for (byte each : bytes) {
            send(new byte[] {each});
        }
    }

    /** A simple query and its answer. */
    public List<Message> query(String sql) {
        send(Frames.query(sql));
        return readToReady();
    }

    /** A simple query's first column in its first row. */
    public String value(String sql) {
        return Message.firstColumns(query(sql)).getFirst();
    }

    /** The next message of any type. */
    public Message read() {
        return unchecked(() -> {
            char type = (char) in.readUnsignedByte();
            byte[] body = new byte[in.readInt() - 4];
            in.readFully(body);
            return new Message(type, body);
        });
    }

    /** From now on a read that lasts longer than this fails. */
    public void limitReads(int millis) {
        unchecked(() -> {
            socket.setSoTimeout(millis);
            return socket;
        });
    }

    /** Waits until something comes, or the other side closes the connection; true if neither happens for so long. */
    public boolean isQuietFor(int millis) {
        return unchecked(() -> {
            int limit = socket.getSoTimeout();
            socket.setSoTimeout(millis);
            in.mark(1);
            try {
                in.read();
                in.reset();
                return false;
            } catch (SocketTimeoutException e) {
                return true;
            } finally {
                socket.setSoTimeout(limit);
            }
        });
    }

    /** Everything up to and with the next ReadyForQuery. */
    public List<Message> readToReady() {
        List<Message> messages = new ArrayList<>();
        do {
            messages.add(read());
        } while (messages.getLast().type() != 'Z');
        return messages;
    }

    /** Everything up to the end of the connection, which may be a reset. */
    public List<Message> readToEnd() {
        List<Message> messages = new ArrayList<>();
        try {
            while (true) {
                messages.add(read());
            }
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof EOFException || e.getCause() instanceof SocketException) {
                return messages;
            }
            throw e;
        }
    }

    /** One byte that is not part of a message: the answer to SSLRequest. */
    public int readByte() {
        return unchecked(in::read);
    }

    /** Asks on a connection of its own to cancel what this client is doing; returns when that connection was closed. */
    public void cancel() {
        try (RawClient other = connect(socket.getPort())) {
            other.send(Frames.cancelRequest(pid, secret));
            other.readToEnd();
        }
    }

    /** The process id that this client was told. */
    public int pid() {
        return pid;
    }

    /** The secret of the cancel key that this client was given; empty if none. */
    public byte[] secret() {
        return secret.clone();
    }

    /** The socket, for tests that fill or half close it. */
    public Socket socket() {
        return socket;
    }

    /** Ends the connection by a reset: what the peer has sent and will send is lost. */
    public void reset() {
        unchecked(() -> {
            socket.setSoLinger(true, 0);
            socket.close();
            return socket;
        });
    }

    /** Ends the connection in TCP's orderly way, without Terminate. */
    @Override
    public void close() {
        unchecked(() -> {
            socket.close();
            return socket;
        });
    }

    private static <T> T unchecked(Call<T> call) {
        try {
            return call.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Something that reads or writes. */
    private interface Call<T> {
        T run() throws IOException;
    }
}
