package dev.trunkline.server.state;

import java.util.List;

/**
 * The connection that listens for all clients of a database and user. Immutable. Counts since the start.
 *
 * @param state a word: off, listening or away
 * @param sinceMillis since when it is so, in milliseconds since 1970; 0 if it never was otherwise
 * @param channels what is listened to
 * @param delivered notifications handed to clients, each client counted
 * @param reconnects how often it came back after it was lost
 * @param overflows clients that were closed because too much waited for them
 */
public record ListenerRow(
        String database,
        String user,
        String state,
        long sinceMillis,
        List<ChannelRow> channels,
        long delivered,
        long reconnects,
        long overflows) {
    public ListenerRow {
        channels = List.copyOf(channels);
    }

    /**
     * One channel.
     *
     * @param clients how many listen
     * @param delivered as above, since somebody began to listen here
     */
    public record ChannelRow(String name, int clients, long delivered) {}

    /** How many pairs of a client and a channel there are. */
    public int subscriptions() {
        return channels.stream().mapToInt(ChannelRow::clients).sum();
    }
}
