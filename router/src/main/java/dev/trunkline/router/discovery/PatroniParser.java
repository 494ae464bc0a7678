package dev.trunkline.router.discovery;

import com.fasterxml.jackson.databind.JsonNode;
import dev.trunkline.router.DiscoveryException;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Lag;
import dev.trunkline.router.Member;
import dev.trunkline.router.Role;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of {@code GET /cluster} (Patroni's manual, "Patroni REST API", "Monitoring endpoint", "Cluster status
 * endpoints"), as Patroni 3.0 to 4.1 write it. Fields that it does not know are ignored; those it reads must have the right
 * type. A role that it does not know makes a member that serves nothing. May be used from any thread.
 */
final class PatroniParser {
    private final PatroniJson json = new PatroniJson();

    /** @throws DiscoveryException if it is not an answer of Patroni */
    PatroniAnswer parse(byte[] body) {
        JsonNode root = json.tree("the answer", body);
        JsonNode list = root.get("members");
        if (list == null || !list.isArray()) {
            throw new DiscoveryException("the answer has no list of members");
        }
        List<Member> members = new ArrayList<>();
        List<URI> replicaApis = new ArrayList<>();
        List<URI> leaderApis = new ArrayList<>();
        boolean paused = PatroniJson.isTrue(root.get("pause"));
        boolean locked = false;
        for (JsonNode node : list) {
            Member member = member(node);
            if (member != null) {
                members.add(member);
            }
            locked |= hasLock(PatroniJson.text(node, "role"));
            URI api = PatroniJson.api(node);
            if (api != null) {
                (member != null && member.role() == Role.LEADER ? leaderApis : replicaApis).add(api);
            }
        }
        return new PatroniAnswer(
                members,
                paused,
                PatroniJson.instant(root.path("scheduled_switchover").get("at")),
                false,
                !locked && !paused,
                replicaApis,
                leaderApis);
    }

    /** Null for a member that has no address yet, as while it is being set up. */
    private static @Nullable Member member(JsonNode node) {
        String name = PatroniJson.text(node, "name");
        String role = PatroniJson.text(node, "role");
        String state = PatroniJson.text(node, "state");
        if (!node.hasNonNull("host")) {
            return null;
        }
        Endpoint endpoint = endpoint(name, PatroniJson.text(node, "host"), node.get("port"));
        boolean serving = isKnown(role) && PatroniJson.isServing(state);
        return new Member(
                name,
                endpoint,
                role(role),
                serving,
                PatroniJson.timeline(node),
                Lag.ofBytes(lag(node)),
                PatroniJson.labels(node, isSynchronous(role)));
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

    private static boolean isSynchronous(String role) {
        return role.equals("sync_standby") || role.equals("quorum_standby");
    }

    private static boolean hasLock(String role) {
        return role(role) == Role.LEADER || role.equals("standby_leader");
    }

    private static boolean isKnown(String role) {
        return switch (role) {
            case "leader", "master", "primary", "standby_leader", "replica", "sync_standby", "quorum_standby" -> true;
            default -> false;
        };
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
}
