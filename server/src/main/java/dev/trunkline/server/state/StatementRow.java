package dev.trunkline.server.state;

/**
 * A statement text that a worker keeps for its clients. Immutable.
 *
 * @param worker its number, from 0
 * @param name what server connections call it
 * @param kind by what it was prepared first: {@code protocol} or {@code sql}
 * @param clients names of clients that stand for it
 * @param servers server connections that have it prepared
 * @param bytes what it costs, roughly
 * @param text how it begins, without its literals
 */
public record StatementRow(int worker, String name, String kind, int clients, int servers, long bytes, String text) {}
