package dev.trunkline.router.discovery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.trunkline.router.DiscoveryException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The messages of etcd's gRPC gateway (etcd's manual, "gRPC gateway", and its API reference): keys and values are in base 64,
 * 64-bit numbers are strings, and what is zero, false or empty is left out. May be used from any thread.
 */
final class EtcdMessages {
    private static final int MAX_TEXT = 300;

    private final JsonMapper mapper = new JsonMapper();
    private final String prefix;
    private final byte[] first;
    private final byte[] end;

    /** @param prefix of the keys that are asked for */
    EtcdMessages(String prefix) {
        this.prefix = prefix;
        this.first = prefix.getBytes(StandardCharsets.UTF_8);
        this.end = Arrays.copyOf(first, first.length);
        end[end.length - 1]++; // It is a slash, so nothing is carried over.
    }

    byte[] login(EtcdSettings.Login login) {
        return bytes(mapper.createObjectNode().put("name", login.user()).put("password", login.password()));
    }

    byte[] range() {
        return bytes(keys());
    }

    /** @param from the revision to begin with */
    byte[] watch(long from) {
        ObjectNode request = keys().put("start_revision", Long.toString(from)).put("progress_notify", true);
        ObjectNode message = mapper.createObjectNode();
        message.set("create_request", request);
        return bytes(message);
    }

    private ObjectNode keys() {
        return mapper.createObjectNode().put("key", first).put("range_end", end);
    }

    private byte[] bytes(ObjectNode message) {
        try {
            return mapper.writeValueAsBytes(message);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @throws DiscoveryException if it is no answer to a login */
    String readToken(byte[] body) {
        JsonNode token = tree(body).get("token");
        if (token == null || !token.isTextual() || token.textValue().chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw new DiscoveryException("the answer has no token");
        }
        return token.textValue();
    }

    /** @throws DiscoveryException if it is no answer to a range request */
    EtcdSnapshot readRange(byte[] body) {
        JsonNode root = tree(body);
        long revision = root.path("header").path("revision").asLong();
        if (revision < 1) {
            throw new DiscoveryException("the answer has no revision");
        }
        Map<String, EtcdValue> values = new HashMap<>();
        for (JsonNode kv : root.path("kvs")) {
            put(values, kv, base64(kv, "value"));
        }
        return new EtcdSnapshot(revision, values);
    }

    /** @throws DiscoveryException if it is no message of a watch */
    EtcdEvents readEvents(byte[] line) {
        JsonNode root = tree(line);
        JsonNode result = root.get("result");
        if (result == null) {
            throw EtcdRefusal.of(error(root));
        }
        Map<String, EtcdValue> writes = new LinkedHashMap<>();
        for (JsonNode event : result.path("events")) {
            boolean deleted = event.path("type").asText().equals("DELETE");
            put(writes, event.path("kv"), deleted ? null : base64(event.path("kv"), "value"));
        }
        boolean compacted = result.path("compact_revision").asLong() > 0;
        return new EtcdEvents(
                result.path("header").path("revision").asLong(),
                result.path("created").asBoolean(),
                end(result, compacted),
                compacted,
                writes);
    }

    private static @Nullable String end(JsonNode result, boolean compacted) {
        if (!result.path("canceled").asBoolean()) {
            return null;
        }
        return compacted ? "compacted" : text(result.path("cancel_reason").asText("canceled"));
    }

    /** etcd's own words in an answer whose status is not 200. */
    String readError(int status, byte[] body) {
        try {
            return "status " + status + ": " + error(mapper.readTree(body));
        } catch (IOException _) {
            return "status " + status;
        }
    }

    private static String error(JsonNode root) {
        JsonNode error = root.path("error");
        String text = error.isObject() ? error.path("message").asText() : error.asText();
        return text(text.isEmpty() ? root.path("message").asText("an answer that is none") : text);
    }

    private static String text(String text) {
        String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
        return line.length() > MAX_TEXT ? line.substring(0, MAX_TEXT) : line;
    }

    private void put(Map<String, EtcdValue> values, JsonNode kv, byte @Nullable [] value) {
        String key = new String(base64(kv, "key"), StandardCharsets.UTF_8);
        if (!key.startsWith(prefix)) {
            throw new DiscoveryException("a key was not asked for");
        }
        String name = key.substring(prefix.length());
        values.remove(name); // So that the latest write stands where it was made.
        values.put(name, new EtcdValue(value, kv.path("mod_revision").asLong()));
    }

    private static byte[] base64(JsonNode kv, String field) {
        JsonNode node = kv.path(field);
        try {
            return node.isMissingNode() ? new byte[0] : node.binaryValue();
        } catch (IOException _) {
            throw new DiscoveryException("a " + field + " is not in base 64");
        }
    }

    private JsonNode tree(byte[] body) {
        try {
            JsonNode root = mapper.readTree(body);
            if (root.isObject()) {
                return root;
            }
        } catch (IOException _) {
            // Its message would show what was sent.
        }
        throw new DiscoveryException("the answer is not a JSON object");
    }
}
