package dev.trunkline.server.config;

/** A value that is chosen from a short list of words. */
public interface Keyword {
    /** The word as it stands in the configuration file. */
    String keyword();
}
