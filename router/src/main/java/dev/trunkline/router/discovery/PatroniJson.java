package dev.trunkline.router.discovery;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.trunkline.router.DiscoveryException;
import dev.trunkline.router.Member;
import dev.trunkline.router.MemberLabels;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON as Patroni writes it, in its REST API and in the keys of its store: both call the same things by the same names. May be used
 * from any thread.
 */
final class PatroniJson {
    private static final int MAX_DEPTH = 16;

    private final JsonMapper mapper = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /**
     * @param what the subject of the error's message
     * @throws DiscoveryException if it is not JSON
     */
    JsonNode tree(String what, byte[] body) {
        try {
            return mapper.readTree(body);
        } catch (IOException e) {
            throw new DiscoveryException(what + " is not JSON: " + e.getMessage());
        }
    }

    /** An object that nothing depends on: one that is missing or cannot be read counts as empty. */
    JsonNode objectOrEmpty(byte @Nullable [] body) {
        try {
            JsonNode node = body == null ? null : mapper.readTree(body);
            return node == null || !node.isObject() ? mapper.createObjectNode() : node;
        } catch (IOException _) {
            return mapper.createObjectNode();
        }
    }

    static boolean isServing(String state) {
        return switch (state) {
            case "running", "streaming", "in archive recovery" -> true;
            default -> false;
        };
    }

    static long timeline(JsonNode node) {
        JsonNode value = node.get("timeline");
        if (value == null || value.isNull()) {
            return Member.UNKNOWN_TIMELINE;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
            throw new DiscoveryException("a timeline is " + value);
        }
        return value.longValue();
    }

    /** @param synchronous whether commits may wait for the member */
    static MemberLabels labels(JsonNode node, boolean synchronous) {
        JsonNode tags = node.path("tags");
        Map<String, String> texts = new HashMap<>();
        for (Map.Entry<String, JsonNode> tag : tags.properties()) {
            if (tag.getValue().isValueNode() && !tag.getValue().isNull()) {
                texts.put(tag.getKey(), tag.getValue().asText());
            }
        }
        return new MemberLabels(!isTrue(tags.get("noloadbalance")), synchronous, texts);
    }

    /** Tags are free in form: like Patroni, whatever is not false, zero, empty or missing counts as true. */
    static boolean isTrue(@Nullable JsonNode value) {
        if (value == null || value.isNull()) {
            return false;
        }
        return value.isTextual()
                ? !value.textValue().isEmpty()
                : value.isContainerNode() ? !value.isEmpty() : value.asBoolean();
    }

    static @Nullable URI api(JsonNode node) {
        JsonNode value = node.get("api_url");
        if (value == null || !value.isTextual()) {
            return null;
        }
        try {
            URI uri = URI.create(value.textValue());
            return HttpCalls.isUsable(uri) ? uri : null;
        } catch (IllegalArgumentException _) {
            return null; // A member whose API address is no address can still be a server.
        }
    }

    /** Written in ISO 8601 with an offset. One that cannot be read costs an errorless switchover, and not the whole answer. */
    static @Nullable Instant instant(@Nullable JsonNode at) {
        if (at == null || !at.isTextual()) {
            return null;
        }
        try {
            return OffsetDateTime.parse(at.textValue()).toInstant();
        } catch (DateTimeParseException _) {
            return null;
        }
    }

    static String text(JsonNode node, String field) {
        JsonNode value = node.get(field);
        if (value == null || !value.isTextual() || value.textValue().isBlank()) {
            throw new DiscoveryException("a member has no " + field);
        }
        return value.textValue();
    }
}
