package dev.trunkline.server.config;

import java.time.Duration;

/** Bounds that several settings share. They are there to catch mistakes of the unit, not to ration anything. */
final class Limits {
    static final int MANY = 1_000_000;
    static final Duration MILLISECOND = Duration.ofMillis(1);
    static final Duration YEARS = Duration.ofDays(3650);
    static final Duration INTERVAL_MIN = Duration.ofMillis(10);
    static final Duration INTERVAL_MAX = Duration.ofHours(1);
    static final ValueType<Duration> DURATION = Types.duration(Duration.ZERO, YEARS);

    private Limits() {}
}
