package dev.trunkline.router.discovery;

import org.jspecify.annotations.Nullable;

/**
 * What was written to a key.
 *
 * @param bytes not to be changed; null if the key was deleted
 * @param revision of the store, when that happened
 */
@SuppressWarnings("ArrayRecordComponent") // It is compared by nobody.
record EtcdValue(byte @Nullable [] bytes, long revision) {}
