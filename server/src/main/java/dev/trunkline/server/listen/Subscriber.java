package dev.trunkline.server.listen;

import dev.trunkline.wire.PgError;
import io.netty.buffer.ByteBuf;

/** What a {@link ClientListening} needs of its client's session. All calls come on the loop of both. */
public interface Subscriber {
    /** True if the client is in no transaction and nothing is owed to it, so that notifications may be delivered. */
    boolean isIdle();

    /** False while the client does not read what it was sent. */
    boolean takesMore();

    /** Takes a whole message and writes it. */
    void deliver(ByteBuf message);

    /** Flushes what was delivered. */
    void flush();

    /** The wait of {@link ClientListening#mayGo} is over: the statement may be tried again. */
    void resumed();

    /** The wait of {@link ClientListening#mayGo} was in vain. */
    void refused(PgError error);

    /** The client takes its notifications too slowly and has to be closed. */
    void overflowed(PgError error);

    /** True if the client wants to be told when notifications may have been lost. */
    boolean wantsGapNotice();
}
