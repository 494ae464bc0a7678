package dev.trunkline.server.training;

import static dev.trunkline.server.training.Frames.frame;
import static dev.trunkline.server.training.Frames.int16;
import static dev.trunkline.server.training.Frames.int32;
import static dev.trunkline.server.training.Frames.string;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.ongres.scram.client.ScramClient;
import com.ongres.scram.common.exception.ScramException;
import dev.trunkline.server.training.Frames.Frame;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;

/** A client of the proxy that waits for each answer. Any error that it is told is an IOException. Not thread-safe. */
final class TrainingClient implements AutoCloseable {
    private static final int READ_LIMIT_MILLIS = 20_000;
    private static final int PROTOCOL_3_0 = 3 << 16;

    private final Socket socket;
    private final DataInputStream in;

    /** Logs in at this port of the loopback interface. */
    TrainingClient(int port, String database, String user, String password) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(READ_LIMIT_MILLIS);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        byte[] parameters = string("user\0" + user + "\0database\0" + database + "\0");
        send(int32(2 * Integer.BYTES + parameters.length), int32(PROTOCOL_3_0), parameters);
        logIn(password);
    }

    /** A simple query. */
    void query(String sql) throws IOException {
        send(frame('Q', string(sql)));
        readToReady();
    }

    /** Parse, Bind, Describe, Execute and Sync with the unnamed statement, as drivers send a query with parameters. */
    void extended(String sql) throws IOException {
        send(parse("", sql), bind(""), frame('D', string("P")), execute(), frame('S'));
        readToReady();
    }

    /** Parse and Describe of a named statement. */
    void prepare(String name, String sql) throws IOException {
        send(parse(name, sql), frame('D', string("S" + name)), frame('S'));
        readToReady();
    }

    /** Runs a statement that was prepared. */
    void executePrepared(String name) throws IOException {
        send(bind(name), frame('D', string("P")), execute(), frame('S'));
        readToReady();
    }

    /** Leaves as clients do. */
    @Override
    public void close() throws IOException {
        try (socket) {
            send(frame('X'));
        }
    }

    private static byte[] parse(String name, String sql) {
        return frame('P', string(name), string(sql), int16(0));
    }

    private static byte[] bind(String statement) {
        return frame('B', string(""), string(statement), int16(0), int16(0), int16(0));
    }

    private static byte[] execute() {
        return frame('E', string(""), int32(0));
    }

    private void logIn(String password) throws IOException {
        ScramClient scram = ScramClient.builder()
                .advertisedMechanisms(List.of("SCRAM-SHA-256"))
                .username("*")
                .password(password.toCharArray())
                .build();
        try {
            Frame frame = read();
            while (frame.type() != 'Z') {
                if (frame.type() == 'R') {
                    authenticate(scram, frame.body());
                }
                frame = read();
            }
        } catch (ScramException e) {
            throw new IOException("the login failed: " + e.getMessage(), e);
        }
    }

    private void authenticate(ScramClient scram, byte[] request) throws IOException, ScramException {
        String data = new String(request, Integer.BYTES, request.length - Integer.BYTES, UTF_8);
        switch (ByteBuffer.wrap(request).getInt()) {
            case 0 -> {}
            case 10 -> {
                byte[] first = scram.clientFirstMessage().toString().getBytes(UTF_8);
                send(frame('p', string("SCRAM-SHA-256"), int32(first.length), first));
            }
            case 11 -> {
                scram.serverFirstMessage(data);
                send(frame('p', scram.clientFinalMessage().toString().getBytes(UTF_8)));
            }
            case 12 -> scram.serverFinalMessage(data);
            default -> throw new IOException("the login asks for something else than SCRAM");
        }
    }

    private void readToReady() throws IOException {
        while (read().type() != 'Z') {
            // Only the end counts, and that none is an error.
        }
    }

    private Frame read() throws IOException {
        Frame frame = Frames.read(in);
        if (frame.type() == 'E') {
            throw new IOException(new String(frame.body(), UTF_8).replace('\0', ' '));
        }
        return frame;
    }

    private void send(byte[]... parts) throws IOException {
        socket.getOutputStream().write(Frames.join(parts));
    }
}
