package dev.trunkline.router.discovery;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Answers that were recorded from real Patroni clusters; see the directory of resources "patroni". */
final class Captures {
    private Captures() {}

    static byte[] read(String version, String file) {
        String path = "/patroni/" + version + "/" + file;
        try (InputStream in = Objects.requireNonNull(Captures.class.getResourceAsStream(path), path)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What stands behind the head of a recorded answer. */
    static byte[] body(String version, String state) {
        String whole = new String(read(version, state + ".http"), StandardCharsets.UTF_8);
        return whole.substring(whole.indexOf("\r\n\r\n") + 4).getBytes(StandardCharsets.UTF_8);
    }
}
