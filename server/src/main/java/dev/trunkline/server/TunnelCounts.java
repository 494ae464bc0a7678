package dev.trunkline.server;

import dev.trunkline.server.tunnel.Refusal;
import dev.trunkline.server.tunnel.Tunnel;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** What one worker has counted at one listener in the mode tcp, since the start. Loop-confined. */
final class TunnelCounts {
    private final Map<Refusal, Long> refused = new EnumMap<>(Refusal.class);
    private long opened;
    private long receivedBytes;
    private long sentBytes;

    void refused(Refusal refusal) {
        refused.merge(refusal, 1L, Long::sum);
    }

    void opened() {
        opened++;
    }

    /** Keeps its bytes. */
    void ended(Tunnel tunnel) {
        receivedBytes += tunnel.receivedBytes();
        sentBytes += tunnel.sentBytes();
    }

    long openedCount() {
        return opened;
    }

    /** Of those that have ended. */
    long receivedBytes() {
        return receivedBytes;
    }

    /** Of those that have ended. */
    long sentBytes() {
        return sentBytes;
    }

    /** By reason, with those that never were. */
    Map<String, Long> refusals() {
        Map<String, Long> byReason = new LinkedHashMap<>();
        for (Refusal each : Refusal.values()) {
            byReason.put(each.word(), refused.getOrDefault(each, 0L));
        }
        return byReason;
    }
}
