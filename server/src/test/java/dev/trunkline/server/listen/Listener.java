package dev.trunkline.server.listen;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestProxy;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/** A client that keeps notifications and warnings apart from answers. */
final class Listener implements AutoCloseable {
    private final RawClient client;
    private final Queue<Message> heard = new ArrayDeque<>();

    Listener(RawClient client) {
        this.client = client;
    }

    static Listener of(TestProxy proxy, String database) {
        return new Listener(proxy.rawClient(database));
    }

    /** A notification as it came. */
    record Note(int pid, String channel, String payload) {
        static Note of(Message message) {
            assertThat(message.type()).as(message::toString).isEqualTo('A');
            ByteBuffer body = ByteBuffer.wrap(message.body());
            int pid = body.getInt();
            String[] texts = new String(message.body(), 4, message.body().length - 4, UTF_8).split("\0", -1);
            return new Note(pid, texts[0], texts[1]);
        }

        @Override
        public String toString() {
            return channel + ":" + payload;
        }
    }

    RawClient raw() {
        return client;
    }

    /** The answer to a simple query, up to and with ReadyForQuery, without what was heard meanwhile. */
    List<Message> query(String sql) {
        client.send(dev.trunkline.server.testing.Frames.query(sql));
        return answer();
    }

    /** As {@link #query}, for what was sent by hand. */
    List<Message> answer() {
        List<Message> answer = new ArrayList<>();
        do {
            Message next = client.read();
            if (next.type() == 'A' || next.type() == 'N') {
                heard.add(next);
            } else {
                answer.add(next);
            }
        } while (answer.isEmpty() || answer.getLast().type() != 'Z');
        return answer;
    }

    /** The tag of the statement's CommandComplete. */
    String tag(String sql) {
        List<Message> answer = query(sql);
        assertThat(Message.types(answer)).as("%s: %s", sql, answer).isEqualTo("CZ");
        return answer.getFirst().text();
    }

    void run(String... statements) {
        for (String sql : statements) {
            assertThat(query(sql)).as(sql).noneMatch(message -> message.type() == 'E');
        }
    }

    /** The next notification; waits for it. */
    Note note() {
        return Note.of(next());
    }

    /** The next notice's fields; waits for it. */
    Map<Character, String> notice() {
        Message next = next();
        assertThat(next.type()).isEqualTo('N');
        return next.fields();
    }

    private Message next() {
        Message first = heard.poll();
        return first == null ? client.read() : first;
    }

    /** Notes up to that one, which is left out. */
    List<String> notesUpTo(String last) {
        List<String> notes = new ArrayList<>();
        for (String next = note().toString(); !next.equals(last); next = note().toString()) {
            notes.add(next);
        }
        return notes;
    }

    @Override
    public void close() {
        client.close();
    }
}
