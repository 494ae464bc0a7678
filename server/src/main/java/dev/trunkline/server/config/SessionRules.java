package dev.trunkline.server.config;

/**
 * What holds for the state of sessions in transaction and statement mode.
 *
 * @param state what is done with statements that leave some
 * @param maxPinnedShare how many of a pool's connections sessions may keep, in percent of its size, 1 to 100
 */
public record SessionRules(SessionStateMode state, int maxPinnedShare) {}
