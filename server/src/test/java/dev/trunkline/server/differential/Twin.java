package dev.trunkline.server.differential;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** One connection of one client, to PostgreSQL or to the proxy. Used by one thread. */
final class Twin implements AutoCloseable {
    private static final int LONGEST_PIECE = 40;

    private final RawClient client;
    private final List<Message> login;
    private boolean ended;

    private Twin(RawClient client, List<Message> login) {
        this.client = client;
        this.login = login;
        this.ended = login.getLast().type() != 'Z';
    }

    /** Logs in, or is refused. */
    static Twin login(int port, String database, Map<String, String> wishes, int limitMillis) {
        Map<String, String> parameters = new HashMap<>(wishes);
        parameters.put("user", TestPostgres.USER);
        parameters.put("database", database);
        parameters.putIfAbsent("client_encoding", "UTF8");
        RawClient client = RawClient.connect(port);
        client.limitReads(limitMillis);
        return new Twin(client, client.login(parameters, TestPostgres.PASSWORD));
    }

    /** What the login said. */
    List<Message> login() {
        return login;
    }

    /** True when the other side has closed the connection, or is given up. */
    boolean ended() {
        return ended;
    }

    /** Sends all, unless the other side has gone. */
    void send(byte[] bytes, Step.Delivery delivery) {
        try {
            switch (delivery) {
                case WHOLE -> client.send(bytes);
                case PIECES -> sendPieces(bytes);
                case BYTEWISE -> client.sendBytewise(bytes);
            }
        } catch (UncheckedIOException e) {
            // The other side has gone, which what is read will tell, with its last words.
            return;
        }
    }

    /** The cuts depend on nothing but the length, so that they are the same when this is played again. */
    private void sendPieces(byte[] bytes) {
        SplittableRandom random = new SplittableRandom(bytes.length);
        int at = 0;
        while (at < bytes.length) {
            int end = Math.min(bytes.length, at + random.nextInt(1, LONGEST_PIECE));
            client.send(java.util.Arrays.copyOfRange(bytes, at, end));
            at = end;
        }
    }

    /**
     * What comes up to the ReadyForQuery behind a notice that says {@code word}, or behind an internal error: after a batch whose
     * Sync a simple query has overtaken, PostgreSQL 18 may refuse the next query by one.
     */
    List<Message> readTo(String word) {
        List<Message> messages = new ArrayList<>();
        boolean seen = false;
        while (!ended) {
            Message message = next();
            messages.add(message);
            seen |= says(message, message.type() == 'E' ? "CXX000" : word);
            if (seen && message.type() == 'Z') {
                break;
            }
        }
        return messages;
    }

    private static boolean says(Message message, String word) {
        return new String(message.body(), UTF_8).contains(word);
    }

    /** What comes until nothing has come for so long. */
    List<Message> readToSilence(int millis) {
        List<Message> messages = new ArrayList<>();
        while (!ended && !client.isQuietFor(millis)) {
            messages.add(next());
        }
        return messages;
    }

    /** As many messages as that, those not counted that may come at any time. */
    List<Message> readCount(int count) {
        List<Message> messages = new ArrayList<>();
        int left = count;
        while (!ended && left > 0) {
            Message message = next();
            messages.add(message);
            left -= message.type() == 'A' ? 0 : 1;
        }
        return messages;
    }

    /** The next message, which is expected to be one that may come at any time. */
    List<Message> readNotification() {
        return List.of(next());
    }

    /** Says goodbye and waits until the other side has closed the connection. */
    void terminate() {
        if (!ended) {
            send(Frames.terminate(), Step.Delivery.WHOLE);
            while (!ended) {
                next();
            }
        }
        close();
    }

    private Message next() {
        try {
            return client.read();
        } catch (UncheckedIOException e) {
            ended = true;
            return new Message(
                    e.getCause() instanceof SocketTimeoutException ? Answers.SILENCE : Answers.END, new byte[0]);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
