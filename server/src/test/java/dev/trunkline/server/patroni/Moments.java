package dev.trunkline.server.patroni;

/**
 * When things happened, by {@link System#nanoTime}.
 *
 * @param clean from when on everything that is written counts
 * @param struck when the event began
 * @param back when a server could be written to again; {@code struck} if that was always so
 * @param end when the event was over and all was well
 */
record Moments(long clean, long struck, long back, long end) {}
