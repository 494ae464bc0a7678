package dev.trunkline.server.differential;

import java.util.List;

/**
 * What was sent in one step, and what came back from both sides, as {@link Answers} writes it.
 *
 * @param sent with what the step's ending has added
 */
record Exchange(int client, List<Sent> sent, List<String> direct, List<String> proxied) {}
