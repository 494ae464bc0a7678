package dev.trunkline.server.listen;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trunkline.router.sql.ListenCommand;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * One client's LISTEN or UNLISTEN, as it travels through the server: as the payload of a notification, which is delivered if
 * and when the client's transaction commits.
 *
 * @param member the client's number with its {@link SharedListener}
 * @param number tells the client's statements apart, because equal notifications of one transaction are delivered once
 */
public record Order(long member, long number, ListenCommand command) {
    /** Nothing but letters, digits and blanks, whatever the channel's name is, so that no quoting or encoding can go wrong. */
    String payload() {
        String channel = HexFormat.of().formatHex(command.channel().getBytes(UTF_8));
        return command.kind() + " " + member + " " + number + " " + channel;
    }

    /** Reads what {@link #payload} has written; null if it is anything else. */
    static @Nullable Order of(String payload) {
        String[] parts = payload.split(" ", -1);
        if (parts.length != 4) {
            return null;
        }
        try {
            String channel = new String(HexFormat.of().parseHex(parts[3]), UTF_8);
            ListenCommand command = new ListenCommand(ListenCommand.Kind.valueOf(parts[0]), channel);
            return new Order(Long.parseLong(parts[1]), Long.parseLong(parts[2]), command);
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    boolean isListen() {
        return command.kind() == ListenCommand.Kind.LISTEN;
    }
}
