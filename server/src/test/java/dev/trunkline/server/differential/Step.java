package dev.trunkline.server.differential;

import java.util.List;

/**
 * What one client does before another one's turn comes.
 *
 * @param client its number, from 0
 */
record Step(int client, List<Sent> messages, Delivery delivery, Ending ending) {
    Step {
        messages = List.copyOf(messages);
    }

    /** How the bytes are cut into packets on the way to the proxy. */
    enum Delivery {
        WHOLE,
        PIECES,
        BYTEWISE
    }

    /** How it is known that all answers are there. */
    enum Ending {
        /** By a last query, whose answer says its number. */
        SENTINEL,
        /** By a Flush, and silence of PostgreSQL: the batch stays open. */
        FLUSH,
        /** By the end of the connection behind a sentinel and Terminate; then the client comes back. */
        TERMINATE
    }

    /** The usual step: as a whole, with a sentinel. */
    static Step of(int client, Sent... messages) {
        return new Step(client, List.of(messages), Delivery.WHOLE, Ending.SENTINEL);
    }

    Step with(List<Sent> others) {
        return new Step(client, others, delivery, ending);
    }

    Step with(Delivery other) {
        return new Step(client, messages, other, ending);
    }

    Step with(Ending other) {
        return new Step(client, messages, delivery, other);
    }

    Step of(int otherClient) {
        return new Step(otherClient, messages, delivery, ending);
    }
}
