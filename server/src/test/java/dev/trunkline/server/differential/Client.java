package dev.trunkline.server.differential;

import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.Message;
import java.util.ArrayList;
import java.util.List;

/** A client of a scenario: both of its connections, and what is known of its state from what PostgreSQL said. */
final class Client implements AutoCloseable {
    /** Silence of PostgreSQL for so long is taken for the end of its answer to Flush. */
    private static final int SILENCE_MILLIS = 25;

    private final int number;
    private final Logins logins;
    private final List<Message> directLate = new ArrayList<>();
    private final List<Message> proxiedLate = new ArrayList<>();
    private Twin direct;
    private Twin proxied;
    /** Messages of the extended protocol were sent that no Sync has closed. */
    private boolean batchOpen;
    /** CopyData was sent, and neither CopyDone nor CopyFail. */
    private boolean copying;
    /** A Bind was sent since the last Sync or Query. */
    private boolean bound;
    /** A simple query was sent, and the transaction block that it may be in has not ended. */
    private boolean queried;
    /** As the last ReadyForQuery of PostgreSQL says. */
    private char status = 'I';

    Client(int number, Logins logins) {
        this.number = number;
        this.logins = logins;
        this.direct = logins.direct(number);
        this.proxied = logins.proxied(number);
    }

    /** How clients come in. */
    interface Logins {
        Twin direct(int number);

        Twin proxied(int number);

        /** Both connections of a client are closed; returns when PostgreSQL has what it held no longer than without a proxy. */
        void left();
    }

    /** What both sides said. */
    record Answer(List<Sent> sent, List<Message> direct, List<Message> proxied) {}

    /** What both sides said to the last login. */
    Answer login() {
        return new Answer(List.of(), direct.login(), proxied.login());
    }

    /** True if it has a transaction or a batch open, and with it a server connection. */
    boolean holds() {
        return !direct.ended() && (status != 'I' || batchOpen);
    }

    /** True if PostgreSQL or the proxy has closed the connection. */
    boolean ended() {
        return direct.ended() || proxied.ended();
    }

    int number() {
        return number;
    }

    /** Sends a step's messages to both sides and returns when both have answered. */
    Answer play(Step step, String word) {
        List<Sent> sent = new ArrayList<>();
        step.messages().forEach(message -> add(sent, message));
        if (step.ending() == Step.Ending.FLUSH) {
            add(sent, Sent.flush());
        } else {
            if (batchOpen) {
                add(sent, Sent.sync());
            }
            sent.add(Sent.query("SELECT 1 AS " + word));
        }
        byte[] bytes = Frames.concat(sent.stream().map(Sent::bytes).toArray(byte[][]::new));
        direct.send(bytes, Step.Delivery.WHOLE);
        proxied.send(bytes, step.delivery());
        return step.ending() == Step.Ending.FLUSH ? readFlushed(sent) : readTo(word, sent);
    }

    private Answer readTo(String word, List<Sent> sent) {
        List<Message> said = direct.readTo(word);
        if (!said.isEmpty() && said.getLast().type() == 'Z') {
            status = said.getLast().status();
            queried &= status != 'I';
        }
        return answer(sent, said, proxied.readTo(word));
    }

    private Answer readFlushed(List<Sent> sent) {
        List<Message> said = direct.readToSilence(SILENCE_MILLIS);
        int count = (int) said.stream().filter(message -> message.type() != 'A').count();
        return answer(sent, said, proxied.readCount(count));
    }

    /** Notifications are kept for the end, because they may come earlier or later. */
    private Answer answer(List<Sent> sent, List<Message> said, List<Message> relayed) {
        said.stream().filter(message -> message.type() == 'A').forEach(directLate::add);
        relayed.stream().filter(message -> message.type() == 'A').forEach(proxiedLate::add);
        return new Answer(sent, said, relayed);
    }

    /** The notifications of the whole life, waited for on the side where some are missing. */
    Answer notifications() {
        while (!proxied.ended() && proxiedLate.size() < directLate.size()) {
            proxiedLate.addAll(proxied.readNotification());
        }
        return new Answer(List.of(), directLate, proxiedLate);
    }

    /** Leaves, and comes back when PostgreSQL has forgotten it. */
    void comeBack() {
        proxied.terminate();
        direct.terminate();
        logins.left();
        directLate.clear();
        proxiedLate.clear();
        status = 'I';
        batchOpen = false;
        copying = false;
        bound = false;
        queried = false;
        direct = logins.direct(number);
        proxied = logins.proxied(number);
    }

    /**
     * Adds a message, and before it the end of a COPY if it is a Sync: one behind CopyData is ignored by the server or answered,
     * depending on where it finds an error, so that nobody in between can know which. Leaves out what PostgreSQL 18 dies of.
     */
    private void add(List<Sent> sent, Sent message) {
        if (kills(message)) {
            return;
        }
        if (copying && message.type() == 'S') {
            add(sent, Sent.copyDone());
        }
        sent.add(message);
        char type = message.type();
        copying = type == 'd' || (copying && type != 'c' && type != 'f');
        bound = type == 'B' || (bound && type != 'S' && type != 'Q');
        queried |= type == 'Q' && !message.code().equals("query(\"BEGIN\")");
        // A query behind a failed message would be ignored, up to a Sync.
        batchOpen = switch (type) {
            case 'S' -> false;
            case 'Q', 'F' -> batchOpen;
            default -> true;
        };
    }

    /** An Execute of the unnamed portal that a simple query has left behind, having failed in a transaction block. */
    private boolean kills(Sent message) {
        return queried && !bound && message.type() == 'E' && message.code().startsWith("execute(\"\"");
    }

    @Override
    public void close() {
        direct.close();
        proxied.close();
    }
}
