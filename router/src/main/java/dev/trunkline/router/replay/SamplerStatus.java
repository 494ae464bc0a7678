package dev.trunkline.router.replay;

/**
 * What a sampler does. Immutable.
 *
 * @param pace how often it asks now
 * @param sampleNanos when the leader was asked last and has answered, of {@link System#nanoTime}; meaningless while samples is 0
 * @param samples answers of leaders since the start
 * @param answers answers of replicas since the start
 */
public record SamplerStatus(Pace pace, long sampleNanos, long samples, long answers) {
    /** How often servers are asked. */
    public enum Pace {
        /** Not at all: nobody who has written has read for a minute. No connection is open. */
        ASLEEP,
        /** Now and then: whatever was written is covered, or nobody has wanted to know for a while. */
        BEAT,
        /** At each interval. */
        FAST
    }

    static final SamplerStatus NONE = new SamplerStatus(Pace.ASLEEP, 0, 0, 0);

    SamplerStatus at(Pace newPace) {
        return newPace == pace ? this : new SamplerStatus(newPace, sampleNanos, samples, answers);
    }

    SamplerStatus sampled(long nanos) {
        return new SamplerStatus(pace, nanos, samples + 1, answers);
    }

    SamplerStatus answered() {
        return new SamplerStatus(pace, sampleNanos, samples, answers + 1);
    }
}
