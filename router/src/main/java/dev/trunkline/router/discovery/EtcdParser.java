package dev.trunkline.router.discovery;

import com.fasterxml.jackson.databind.JsonNode;
import dev.trunkline.router.DiscoveryException;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Lag;
import dev.trunkline.router.Member;
import dev.trunkline.router.Role;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads what Patroni 3.0 to 4.1 keep in etcd, and makes of it what Patroni itself makes of it in {@code GET /cluster}. Fields that it
 * does not know are ignored; those of a member that it reads must have the right type. May be used from any thread.
 */
final class EtcdParser {
    static final String LEADER = "leader";
    static final String CONFIG = "config";
    static final String FAILOVER = "failover";
    static final String MEMBERS = "members/";
    private static final String STATUS = "status";
    private static final String SYNC = "sync";

    /** {@code host:port} or {@code [IPv6]:port} behind a user, if there is one. Host names may have underscores here. */
    private static final Pattern HOST_PORT = Pattern.compile("(?:.*@)?(?:\\[([^\\]]+)\\]|([^:\\[\\]]+)):(\\d{1,5})");

    private static final long UNKNOWN_POSITION = -1;

    private final PatroniJson json = new PatroniJson();

    /**
     * What a member's key says of it that matters to routing, without what changes all the time.
     *
     * @param member as if it were a replica; null if it has no address yet
     * @param role in its own words
     */
    record Facts(@Nullable Member member, String role) {}

    /**
     * A wish in the key {@code failover} that Patroni fulfils as soon as it sees it.
     *
     * @param leader who is to step down; null if any
     * @param candidate who is to lead; null if any
     */
    record Wish(@Nullable String leader, @Nullable String candidate) {}

    /** What other keys than a member's own say of it. */
    private record Standing(Role role, boolean synchronous) {
        static final Standing PLAIN = new Standing(Role.REPLICA, false);
    }

    /** @throws DiscoveryException if a member cannot be read */
    PatroniAnswer parse(EtcdSnapshot snapshot) {
        JsonNode config = json.objectOrEmpty(snapshot.value(CONFIG));
        boolean standby = isStandbyCluster(config.path("standby_cluster"));
        String leader = snapshot.text(LEADER);
        long written = position(json.objectOrEmpty(snapshot.value(STATUS)), "optime");
        Set<String> synchronous = standby ? Set.of() : synchronous(snapshot);
        List<Member> members = new ArrayList<>();
        List<URI> replicaApis = new ArrayList<>();
        List<URI> leaderApis = new ArrayList<>();
        for (String key : snapshot.keys().keySet().stream().sorted().toList()) {
            String name = memberName(key);
            if (name != null) {
                JsonNode node = tree(name, snapshot.value(key));
                boolean leads = name.equals(leader);
                Standing standing = new Standing(
                        leads && !standby ? Role.LEADER : Role.REPLICA,
                        !leads && synchronous.contains(name.toLowerCase(Locale.ROOT)));
                Member member = member(name, node, standing);
                if (member != null) {
                    members.add(leads ? member : member.withLagBytes(lag(node, written)));
                }
                URI api = PatroniJson.api(node);
                if (api != null) {
                    (leads ? leaderApis : replicaApis).add(api);
                }
            }
        }
        boolean paused = PatroniJson.isTrue(config.get("pause"));
        Wish wish = wish(snapshot.value(FAILOVER));
        boolean handingOver =
                wish != null && (wish.leader() == null || wish.leader().equals(leader));
        return new PatroniAnswer(
                members,
                paused,
                switchoverAt(snapshot),
                handingOver,
                leader == null && !paused,
                replicaApis,
                leaderApis);
    }

    /** The name of the member whose key that is; null for other keys. */
    static @Nullable String memberName(String key) {
        String name = key.startsWith(MEMBERS) ? key.substring(MEMBERS.length()) : "";
        return name.isEmpty() || name.indexOf('/') >= 0 ? null : name;
    }

    /** @throws DiscoveryException if it cannot be read */
    Facts facts(String name, byte[] value) {
        JsonNode node = tree(name, value);
        return new Facts(member(name, node, Standing.PLAIN), node.path("role").asText());
    }

    /** The facts of each member, by its key. */
    Map<String, Facts> facts(EtcdSnapshot snapshot) {
        Map<String, Facts> facts = new HashMap<>();
        snapshot.keys().forEach((key, value) -> {
            String name = memberName(key);
            byte[] bytes = value.bytes();
            if (name != null && bytes != null) {
                facts.put(key, facts(name, bytes));
            }
        });
        return facts;
    }

    /** Null if nothing is wished, or for later. */
    @Nullable
    Wish wish(byte @Nullable [] failover) {
        JsonNode node = json.objectOrEmpty(failover);
        String leader = name(node, "leader");
        String candidate = name(node, "member");
        boolean scheduled = node.hasNonNull("scheduled_at");
        return scheduled || (leader == null && candidate == null) ? null : new Wish(leader, candidate);
    }

    /** The names in lower case of those that commits may wait for. Patroni empties the key when nobody is synchronous any more. */
    private Set<String> synchronous(EtcdSnapshot snapshot) {
        JsonNode sync = json.objectOrEmpty(snapshot.value(SYNC));
        Set<String> names = new HashSet<>();
        if (name(sync, "leader") != null) {
            for (String each : sync.path("sync_standby").asText("").split(",", -1)) {
                names.add(each.strip().toLowerCase(Locale.ROOT));
            }
        }
        return names;
    }

    private static @Nullable String name(JsonNode node, String field) {
        String name = node.path(field).asText("");
        return name.isEmpty() ? null : name;
    }

    private @Nullable Instant switchoverAt(EtcdSnapshot snapshot) {
        return PatroniJson.instant(json.objectOrEmpty(snapshot.value(FAILOVER)).get("scheduled_at"));
    }

    private JsonNode tree(String name, byte @Nullable [] value) {
        JsonNode node = json.tree("member \"" + name + "\"", value == null ? new byte[0] : value);
        if (!node.isObject()) {
            throw new DiscoveryException("member \"" + name + "\" is not a JSON object");
        }
        return node;
    }

    /** Null for a member that has no address yet, as while it is being set up. */
    private static @Nullable Member member(String name, JsonNode node, Standing standing) {
        if (!node.hasNonNull("conn_url")) {
            return null;
        }
        Endpoint endpoint = endpoint(name, PatroniJson.text(node, "conn_url"));
        boolean serving = PatroniJson.isServing(PatroniJson.text(node, "state"));
        return new Member(
                name,
                endpoint,
                standing.role,
                serving,
                PatroniJson.timeline(node),
                Lag.UNKNOWN,
                PatroniJson.labels(node, standing.synchronous));
    }

    /** Reads {@code postgres://host:port/database}. */
    private static Endpoint endpoint(String name, String url) {
        try {
            String authority = URI.create(url).getRawAuthority();
            Matcher matcher = HOST_PORT.matcher(authority == null ? "" : authority);
            if (matcher.matches()) {
                String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
                return new Endpoint(host, Integer.parseInt(matcher.group(3)));
            }
        } catch (IllegalArgumentException _) {
            // Its message would show the address, in which a password may stand.
        }
        throw new DiscoveryException("the address of member \"" + name + "\" cannot be read");
    }

    /** A standby cluster's leader is in recovery: for clients it is a replica. Source: Patroni's is_standby_cluster. */
    private static boolean isStandbyCluster(JsonNode standby) {
        return PatroniJson.isTrue(standby.get("host"))
                || PatroniJson.isTrue(standby.get("port"))
                || PatroniJson.isTrue(standby.get("restore_command"));
    }

    /** From 4.1 on a member tells what it has replayed; before that only what it has received. */
    private static long lag(JsonNode node, long written) {
        long replayed = position(node, "replay_lsn");
        long reached = replayed == UNKNOWN_POSITION ? position(node, "xlog_location") : replayed;
        boolean unknown = written == UNKNOWN_POSITION || reached == UNKNOWN_POSITION;
        return unknown ? Member.UNKNOWN_LAG : Math.max(0, written - reached);
    }

    private static long position(JsonNode node, String field) {
        JsonNode value = node.path(field);
        return value.isIntegralNumber() && value.canConvertToLong() && value.longValue() > 0
                ? value.longValue()
                : UNKNOWN_POSITION;
    }
}
