package dev.trunkline.pooler.pool;

import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * The surroundings that the pools of one loop share.
 *
 * @param loop runs tasks one after another, in the order in which they came and never inside {@code execute}
 * @param inLoop whether the caller is on that loop, for assertions
 * @param ticker nanoseconds of a clock that never goes back, such as {@link System#nanoTime}
 * @param random spreads lifetimes
 * @param scheduler runs tasks of the loop later. A pool keeps one timer for all who wait in it, which makes their time-
 *     outs late by at most {@link Pool#TIMEOUT_SLACK_NANOS} and the scheduler's own delay
 * @param listener hears what happens to connections
 */
public record PoolContext(
        Executor loop,
        BooleanSupplier inLoop,
        LongSupplier ticker,
        RandomGenerator random,
        Scheduler scheduler,
        PoolListener listener) {}
