package dev.trunkline.router.discovery;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.trunkline.router.DiscoveryException;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Member;
import dev.trunkline.router.Role;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of {@code GET /cluster} (Patroni's manual, "Patroni REST API", "Monitoring endpoint", "Cluster status
 * endpoints"), as Patroni 3.0 to 4.1 write it. Fields that it does not know are ignored; those it reads must have the right
 * type. A role that it does not know makes a member that serves nothing. May be used from any thread.
 */
final class PatroniParser {
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

    /** @throws DiscoveryException if it is not an answer of Patroni */
    PatroniAnswer parse(byte[] body) {
        JsonNode root = tree(body);
        JsonNode list = root.get("members");
        if (list == null || !list.isArray()) {
            throw new DiscoveryException("the answer has no list of members");
        }
        List<Member> members = new ArrayList<>();
        List<URI> replicaApis = new ArrayList<>();
        List<URI> leaderApis = new ArrayList<>();
        for (JsonNode node : list) {
            Member member = member(node);
            if (member != null) {
                members.add(member);
            }
            URI api = api(node);
            if (api != null) {
                (member != null && member.role() == Role.LEADER ? leaderApis : replicaApis).add(api);
            }
        }
        return new PatroniAnswer(members, isTrue(root.get("pause")), switchoverAt(root), replicaApis, leaderApis);
    }

    private JsonNode tree(byte[] body) {
        try {
            return mapper.readTree(body);
        } catch (IOException e) {
            throw new DiscoveryException("the answer is not JSON: " + e.getMessage());
        }
    }

    /** Null for a member that has no address yet, as while it is being set up. */
    private static @Nullable Member member(JsonNode node) {
        String name = text(node, "name");
        String role = text(node, "role");
        String state = text(node, "state");
        if (!node.hasNonNull("host")) {
            return null;
        }
        Endpoint endpoint = endpoint(name, text(node, "host"), node.get("port"));
        boolean serving = isKnown(role) && isServing(state);
        return new Member(name, endpoint, role(role), serving, timeline(node), lag(node), isLoadBalanced(node));
    }

    private static Endpoint endpoint(String name, String host, @Nullable JsonNode port) {
        if (port == null || !port.isInt()) {
            throw new DiscoveryException("member \"" + name + "\" has no port");
        }
        try {
            return new Endpoint(host, port.intValue());
        } catch (IllegalArgumentException e) {
            throw new DiscoveryException("member \"" + name + "\": " + e.getMessage());
        }
    }

    /** The leader of a standby cluster is in recovery: for clients it is a replica. */
    private static Role role(String role) {
        return switch (role) {
            case "leader", "master", "primary" -> Role.LEADER;
            default -> Role.REPLICA;
        };
    }

    private static boolean isKnown(String role) {
        return switch (role) {
            case "leader", "master", "primary", "standby_leader", "replica", "sync_standby", "quorum_standby" -> true;
            default -> false;
        };
    }

    private static boolean isServing(String state) {
        return switch (state) {
            case "running", "streaming", "in archive recovery" -> true;
            default -> false;
        };
    }

    private static long timeline(JsonNode node) {
        JsonNode value = node.get("timeline");
        if (value == null || value.isNull()) {
            return Member.UNKNOWN_TIMELINE;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
            throw new DiscoveryException("a timeline is " + value);
        }
        return value.longValue();
    }

    /** From 4.1 on there is a lag of what was replayed; before that only of what was received. */
    private static long lag(JsonNode node) {
        return node.has("replay_lag") ? bytes(node, "replay_lag") : bytes(node, "lag");
    }

    private static long bytes(JsonNode node, String field) {
        JsonNode value = node.get(field);
        if (value == null || value.isNull() || value.asText().equals("unknown")) {
            return Member.UNKNOWN_LAG;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new DiscoveryException("a lag is " + value);
        }
        return Math.max(0, value.longValue());
    }

    private static boolean isLoadBalanced(JsonNode node) {
        return !isTrue(node.path("tags").get("noloadbalance"));
    }

    /** Tags are free in form: like Patroni, whatever is not false, zero, empty or missing counts as true. */
    private static boolean isTrue(@Nullable JsonNode value) {
        if (value == null || value.isNull()) {
            return false;
        }
        return value.isTextual()
                ? !value.textValue().isEmpty()
                : value.isContainerNode() ? !value.isEmpty() : value.asBoolean();
    }

    private static @Nullable URI api(JsonNode node) {
        JsonNode value = node.get("api_url");
        if (value == null || !value.isTextual()) {
            return null;
        }
        try {
            URI uri = URI.create(value.textValue());
            return PatroniSettings.isUsable(uri) ? uri : null;
        } catch (IllegalArgumentException _) {
            return null; // A member whose API address is no address can still be a server.
        }
    }

    /** Written in ISO 8601 with an offset. One that cannot be read costs an errorless switchover, and not the whole answer. */
    private static @Nullable Instant switchoverAt(JsonNode root) {
        JsonNode at = root.path("scheduled_switchover").get("at");
        if (at == null || !at.isTextual()) {
            return null;
        }
        try {
            return OffsetDateTime.parse(at.textValue()).toInstant();
        } catch (DateTimeParseException _) {
            return null;
        }
    }

    private static String text(JsonNode node, String field) {
        JsonNode value = node.get(field);
        if (value == null || !value.isTextual() || value.textValue().isBlank()) {
            throw new DiscoveryException("a member has no " + field);
        }
        return value.textValue();
    }
}
