package dev.trunkline.server.http;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionStage;

/** What stands at one path. */
@FunctionalInterface
public interface Page {
    /** Makes the answer to a GET. May complete on any thread; a failure becomes status 500. */
    CompletionStage<Content> get();

    /** An answer: status as of RFC 9110, media type, and the whole body. */
    record Content(int status, String type, String body) {
        byte[] bytes() {
            return body.getBytes(StandardCharsets.UTF_8);
        }
    }
}
