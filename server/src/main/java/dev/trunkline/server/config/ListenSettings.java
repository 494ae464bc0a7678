package dev.trunkline.server.config;

/**
 * What holds for clients that listen.
 *
 * @param mode {@code listen}
 * @param gapNotice {@code listen_gap_notice}: whether all are told when notifications may have been lost
 * @param maxQueueBytes {@code max_notification_queue}: most bytes that wait for one client
 */
public record ListenSettings(ListenMode mode, boolean gapNotice, long maxQueueBytes) {}
