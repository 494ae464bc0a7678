package dev.trunkline.server.training;

import static dev.trunkline.server.training.Frames.frame;
import static dev.trunkline.server.training.Frames.int16;
import static dev.trunkline.server.training.Frames.int32;
import static dev.trunkline.server.training.Frames.string;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trunkline.server.training.Frames.Frame;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.Map;

/**
 * Answers like PostgreSQL, as far as {@link Rehearsal} and the proxy itself ask: everybody is trusted, and every statement succeeds.
 * One of these serves one connection. Source: PostgreSQL manual, "Message Flow".
 */
final class StandInPostgres {
    private static final int PROTOCOL_3 = 3;
    private static final byte[] TEXT_COLUMN =
            Frames.join(string("value"), int32(0), int16(0), int32(25), int16(-1), int32(-1), int16(0));

    private final DataInputStream in;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final boolean inRecovery;
    private char status = 'I';
    private String text = "";

    private StandInPostgres(DataInputStream in, boolean inRecovery) {
        this.in = in;
        this.inRecovery = inRecovery;
    }

    /** A leader, or a replica. */
    static StandIn.Service service(boolean inRecovery) {
        return connection -> {
            DataInputStream in = new DataInputStream(new BufferedInputStream(connection.getInputStream()));
            new StandInPostgres(in, inRecovery).serve(connection);
        };
    }

    private void serve(Socket connection) throws IOException {
        if (!begin()) {
            return;
        }
        while (true) {
            // All that has come is answered with one write.
            if (in.available() == 0 && out.size() > 0) {
                out.writeTo(connection.getOutputStream());
                out.reset();
            }
            Frame request = Frames.read(in);
            if (request.type() == 'X') {
                return;
            }
            answer(request);
        }
    }

    /** Reads the first packet; false if it is no login. */
    private boolean begin() throws IOException {
        int length = in.readInt();
        int version = in.readInt();
        in.skipNBytes(length - 2L * Integer.BYTES);
        if (version >> Short.SIZE != PROTOCOL_3) {
            return false;
        }
        if ((version & 0xffff) != 0) {
            out.writeBytes(frame('v', int32(PROTOCOL_3 << Short.SIZE), int32(0)));
        }
        out.writeBytes(frame('R', int32(0)));
        Map.of(
                        "server_version", "17.0",
                        "server_encoding", "UTF8",
                        "client_encoding", "UTF8",
                        "DateStyle", "ISO, MDY",
                        "TimeZone", "Etc/UTC",
                        "application_name", "",
                        "standard_conforming_strings", "on",
                        "in_hot_standby", inRecovery ? "on" : "off",
                        "default_transaction_read_only", "off")
                .forEach((name, value) -> out.writeBytes(frame('S', string(name), string(value))));
        out.writeBytes(frame('K', int32(1), int32(1)));
        ready();
        return true;
    }

    private void answer(Frame request) {
        switch (request.type()) {
            case 'Q' -> {
                text = request.text(0);
                describe();
                execute();
                ready();
            }
            case 'P' -> {
                int name = request.text(0).getBytes(UTF_8).length + 1;
                text = request.text(name);
                out.writeBytes(frame('1'));
            }
            case 'B' -> out.writeBytes(frame('2'));
            case 'C' -> out.writeBytes(frame('3'));
            case 'D' -> describe(request);
            case 'E' -> execute();
            case 'S' -> ready();
            default -> {} // Flush: what there is will be sent anyway.
        }
    }

    private void describe(Frame request) {
        if (request.body()[0] == 'S') {
            out.writeBytes(frame('t', int16(0)));
        }
        if (columns() == 0) {
            out.writeBytes(frame('n'));
        } else {
            describe();
        }
    }

    private void describe() {
        if (columns() > 0) {
            byte[] columns = new byte[0];
            for (int i = 0; i < columns(); i++) {
                columns = Frames.join(columns, TEXT_COLUMN);
            }
            out.writeBytes(frame('T', int16(columns()), columns));
        }
    }

    private void execute() {
        String word = text.split("\\s", 2)[0];
        if (columns() > 0) {
            byte[] row = new byte[0];
            for (int i = 0; i < columns(); i++) {
                row = Frames.join(row, int32(2), new byte[] {'3', '1'});
            }
            out.writeBytes(frame('D', int16(columns()), row));
        }
        status = switch (word) {
            case "BEGIN" -> 'T';
            case "COMMIT" -> 'I';
            default -> status;
        };
        out.writeBytes(frame('C', string(tag(word))));
    }

    private static String tag(String word) {
        return switch (word) {
            case "SELECT", "UPDATE" -> word + " 1";
            case "DISCARD" -> "DISCARD ALL";
            default -> word;
        };
    }

    /** How many the answer has: one for each expression of what the proxy asks for itself. */
    private int columns() {
        if (!text.startsWith("SELECT")) {
            return 0;
        }
        return Math.max(1, text.split("pg_catalog\\.encode\\(", -1).length - 1 + (text.contains("string_agg") ? 1 : 0));
    }

    private void ready() {
        out.writeBytes(frame('Z', new byte[] {(byte) status}));
    }
}
