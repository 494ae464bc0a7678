package dev.trunkline.server.http;

import java.time.Duration;

/**
 * What a client may cost.
 *
 * @param firstRequest from the start of a connection to the end of its first request: a client that is silent for longer, or
 *     sends more slowly, is cut off
 * @param exchange from the first request, or from the end of the answer before, to the end of an answer: a client that idles,
 *     sends or reads slower than that is cut off
 * @param maxConnections one more takes the place of the one that has been silent for longest, or is closed at once if none is
 */
public record HttpLimits(Duration firstRequest, Duration exchange, int maxConnections) {
    /** Prometheus' usual interval of 15 s keeps its connection. */
    public static final HttpLimits DEFAULT = new HttpLimits(Duration.ofSeconds(5), Duration.ofSeconds(30), 64);

    /** Bytes of the request line, of all header fields, and of a body, which no page reads. */
    static final int MAX_LINE = 4 * 1024;

    static final int MAX_HEADERS = 8 * 1024;
    static final int MAX_BODY = 8 * 1024;
}
