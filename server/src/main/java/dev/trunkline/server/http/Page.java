package dev.trunkline.server.http;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** What stands at one path. */
@FunctionalInterface
public interface Page {
    /** Makes the answer to a GET. May complete on any thread; a failure becomes status 500. */
    CompletionStage<Content> get();

    /**
     * An answer.
     *
     * @param status as of RFC 9110
     * @param type the media type
     * @param body all of it
     * @param fields further header fields
     */
    record Content(int status, String type, String body, Map<String, String> fields) {
        public Content {
            fields = Map.copyOf(fields);
        }

        /** Without further header fields. */
        public Content(int status, String type, String body) {
            this(status, type, body, Map.of());
        }

        byte[] bytes() {
            return body.getBytes(StandardCharsets.UTF_8);
        }
    }
}
