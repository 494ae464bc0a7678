package dev.trunkline.server.hazard;

import static dev.trunkline.server.testing.Frames.bind;
import static dev.trunkline.server.testing.Frames.concat;
import static dev.trunkline.server.testing.Frames.execute;
import static dev.trunkline.server.testing.Frames.extended;
import static dev.trunkline.server.testing.Frames.flush;
import static dev.trunkline.server.testing.Frames.parse;
import static dev.trunkline.server.testing.Frames.query;
import static dev.trunkline.server.testing.Frames.sync;

import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One client after another under one number, each of which asks for markers that nobody else has, in every way the protocol
 * knows, until it is killed somewhere in a message.
 */
final class Markers {
    private static final int STATEMENTS = 4;

    private final int number;
    private final int port;
    private final String database;
    private final SplittableRandom random;
    private long asked;
    private long answered;
    private long killed;

    Markers(int number, int port, String database, long seed) {
        this.number = number;
        this.port = port;
        this.database = database;
        this.random = new SplittableRandom(seed + number);
    }

    /** What is sent, and what must come back, by the type of the message and the first column. */
    // An array, because it is only ever sent and never compared.
    @SuppressWarnings("ArrayRecordComponent")
    private record Request(byte[] bytes, List<String> rows, String types) {
        Request then(Request next) {
            List<String> all = new ArrayList<>(rows);
            all.addAll(next.rows);
            return new Request(concat(bytes, next.bytes), all, types + next.types);
        }
    }

    /** Goes on until the time is over. */
    void run(long deadlineNanos) {
        while (System.nanoTime() < deadlineNanos) {
            live(deadlineNanos);
        }
    }

    private void live(long deadlineNanos) {
        RawClient client = RawClient.login(port, database);
        client.send(preparation());
        expect(client.readToReady(), new Request(new byte[0], List.of(), "1".repeat(STATEMENTS) + "Z"));
        for (int life = random.nextInt(1, 60); life > 0 && System.nanoTime() < deadlineNanos; life--) {
            Request request = request();
            for (int more = random.nextInt(4); more > 0; more--) {
                request = request.then(request());
            }
            client.send(request.bytes);
            check(client, request);
        }
        kill(client);
    }

    private byte[] preparation() {
        byte[] all = {};
        for (int i = 0; i < STATEMENTS; i++) {
            all = concat(all, parse("s" + i, statement(i)));
        }
        return concat(all, sync());
    }

    /** Two of them are the same text for all clients, two have a text of their own. */
    private String statement(int index) {
        return index < 2 ? "SELECT $1 || '/" + index + "'" : "SELECT $1 || '/" + index + "-" + number + "'";
    }

    private String expected(int index, String marker) {
        return index < 2 ? marker + "/" + index : marker + "/" + index + "-" + number;
    }

    private Request request() {
        String marker = "m" + number + "-" + asked++;
        int index = random.nextInt(STATEMENTS);
        return switch (random.nextInt(8)) {
            case 0, 1 -> new Request(query("SELECT '" + marker + "'"), List.of(marker), "TDCZ");
            case 2 -> new Request(extended("SELECT $1::text", marker), List.of(marker), "12TDCZ");
            case 3 ->
                new Request(
                        concat(bind("", "s" + index, marker), execute("", 0), sync()),
                        List.of(expected(index, marker)),
                        "2DCZ");
            case 4 ->
                new Request(
                        concat(parse("", "SELECT $1::text"), flush(), bind("", "", marker), execute("", 0), sync()),
                        List.of(marker),
                        "12DCZ");
            case 5 ->
                new Request(
                        concat(query("BEGIN"), query("SELECT '" + marker + "'"), query("COMMIT")),
                        List.of(marker),
                        "CZTDCZCZ");
            case 6 ->
                new Request(
                        concat(bind("", "s" + index, marker), execute("", 0), parse("", "SELEKT"), sync()),
                        List.of(expected(index, marker)),
                        "2DCEZ");
            default -> {
                int times = random.nextInt(1, 3000);
                yield new Request(
                        query("SELECT repeat('" + marker + "', " + times + ")"), List.of(marker.repeat(times)), "TDCZ");
            }
        };
    }

    private void check(RawClient client, Request request) {
        List<Message> messages = new ArrayList<>();
        for (long left = request.types.chars().filter(type -> type == 'Z').count(); left > 0; left--) {
            messages.addAll(client.readToReady());
        }
        expect(messages, request);
    }

    private void expect(List<Message> messages, Request request) {
        List<Message> answers =
                messages.stream().filter(message -> message.type() != 'S').toList();
        if (!Message.types(answers).equals(request.types)) {
            throw new AssertionError(
                    number + " expected " + request.types + " and got " + Message.types(answers) + ": " + answers);
        }
        List<String> rows = Message.firstColumns(answers);
        if (!rows.equals(request.rows)) {
            throw new AssertionError(number + " expected " + request.rows + " and got " + rows);
        }
        answered += rows.size();
    }

    /** Sends a part of a message, or all of it and reads none or a part of the answer, and goes. */
    private void kill(RawClient client) {
        byte[] bytes = request().then(request()).bytes;
        int part = random.nextInt(bytes.length + 1);
        client.send(Arrays.copyOf(bytes, part));
        if (part == bytes.length && random.nextBoolean()) {
            client.read();
        }
        killed++;
        try {
            if (random.nextBoolean()) {
                client.reset();
            } else {
                client.close();
            }
        } catch (UncheckedIOException e) {
            throw new AssertionError(number + " could not go", e);
        }
    }

    long answered() {
        return answered;
    }

    long killed() {
        return killed;
    }
}
