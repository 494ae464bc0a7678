package dev.trunkline.router.discovery;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All keys of a cluster as they were at one revision of etcd.
 *
 * @param revision that of the store
 * @param keys by their names behind the prefix
 */
record EtcdSnapshot(long revision, Map<String, EtcdValue> keys) {
    EtcdSnapshot {
        keys = Map.copyOf(keys);
    }

    /** Null if there is no such key. */
    byte @Nullable [] value(String key) {
        EtcdValue value = keys.get(key);
        return value == null ? null : value.bytes();
    }

    /** The value as text, without blanks around it; null if there is no such key. */
    @Nullable
    String text(String key) {
        byte[] value = value(key);
        return value == null ? null : new String(value, StandardCharsets.UTF_8).strip();
    }

    /** When a key was written last: a watch must have told of it. 0 if there is none. */
    long newest() {
        return keys.values().stream().mapToLong(EtcdValue::revision).max().orElse(0);
    }
}
