package dev.trunkline.router.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Keys of a cluster in etcd, as recorded or as a test wants them, by their names behind the prefix. */
final class Keys {
    static final String PREFIX = "/service/demo/";

    private final Map<String, String> values = new LinkedHashMap<>();

    /** What {@code etcdctl get --prefix /service} printed: keys and values in turns. */
    static Keys recorded(String version, String state) {
        Keys keys = new Keys();
        String[] lines = new String(Captures.read(version, state + ".keys"), UTF_8).split("\n", -1);
        for (int i = 0; i + 1 < lines.length; i += 2) {
            keys.values.put(lines[i].substring(PREFIX.length()), lines[i + 1]);
        }
        return keys;
    }

    /** Three members, of which {@code leader} leads. */
    static Keys healthy(String leader) {
        return recorded("4.1.4", "healthy").with("leader", leader);
    }

    Keys with(String key, String value) {
        values.put(key, value);
        return this;
    }

    Keys without(String key) {
        values.remove(key);
        return this;
    }

    String get(String key) {
        return String.valueOf(values.get(key));
    }

    /** All of them as of that revision, at which each was written. */
    EtcdSnapshot snapshot(long revision) {
        return new EtcdSnapshot(
                revision,
                values.entrySet().stream()
                        .collect(Collectors.toMap(
                                Map.Entry::getKey,
                                e -> new EtcdValue(e.getValue().getBytes(UTF_8), revision))));
    }

    /** As etcd's gateway answers a range request. */
    String answer(long revision) {
        return "{\"header\":{\"revision\":\"" + revision + "\"},\"kvs\":["
                + values.entrySet().stream()
                        .map(e -> kv(e.getKey(), e.getValue(), revision))
                        .collect(Collectors.joining(","))
                + "]}";
    }

    /** As etcd's gateway tells of a write in a watch. */
    static String put(String key, String value, long revision) {
        return event("{\"kv\":" + kv(key, value, revision) + "}", revision);
    }

    static String delete(String key, long revision) {
        return event(
                "{\"type\":\"DELETE\",\"kv\":{\"key\":\"" + base64(PREFIX + key) + "\",\"mod_revision\":\"" + revision
                        + "\"}}",
                revision);
    }

    static String created() {
        return "{\"result\":{\"header\":{\"revision\":\"1\"},\"created\":true}}\n";
    }

    private static String event(String event, long revision) {
        return "{\"result\":{\"header\":{\"revision\":\"" + revision + "\"},\"events\":[" + event + "]}}\n";
    }

    private static String kv(String key, String value, long revision) {
        return "{\"key\":\"" + base64(PREFIX + key) + "\",\"mod_revision\":\"" + revision + "\",\"value\":\""
                + base64(value) + "\"}";
    }

    static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }
}
