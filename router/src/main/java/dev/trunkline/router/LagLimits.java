package dev.trunkline.router;

import java.time.Duration;

/**
 * How far a replica may be behind and still get reads. One that was further behind comes back when it has made up for a fifth of the
 * limit, so that a replica right at the limit does not come and go with each look.
 *
 * @param bytes of WAL, 0 or more; {@link Long#MAX_VALUE} for any
 * @param time {@link Duration#ZERO} for any
 */
public record LagLimits(long bytes, Duration time) {
    public LagLimits {
        if (bytes < 0) {
            throw new IllegalArgumentException("a replica cannot be behind by " + bytes + " bytes");
        }
        if (time.isNegative()) {
            throw new IllegalArgumentException("a replica cannot be behind by " + time);
        }
    }

    /** So many bytes, however long they take. */
    public static LagLimits ofBytes(long bytes) {
        return new LagLimits(bytes, Duration.ZERO);
    }

    /**
     * True if a replica is too far behind. What is not known is not held against it.
     *
     * @param wasTooFar whether it was the last time
     */
    public boolean areExceededBy(Lag lag, boolean wasTooFar) {
        return lag.bytes() > bound(bytes, wasTooFar)
                || (!time.isZero() && lag.nanos() > bound(time.toNanos(), wasTooFar));
    }

    private static long bound(long limit, boolean wasTooFar) {
        return wasTooFar ? limit - limit / 5 : limit;
    }
}
