package dev.trunkline.router.discovery;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One message of a watch.
 *
 * @param revision up to which of the store it tells; 0 if it does not say
 * @param created whether it only says that the watch begins
 * @param end why the watch ends; null if it goes on
 * @param compacted whether it ends because etcd has forgotten what it was to begin with
 * @param writes the last of each key, by its name behind the prefix, in the order of the store
 */
record EtcdEvents(
        long revision, boolean created, @Nullable String end, boolean compacted, Map<String, EtcdValue> writes) {}
