package dev.trunkline.router;

/** Something that work is spread over. */
public interface Load {
    /** How much work it has now, 0 or more. */
    int outstanding();

    /** What it is to get of the whole, and has got; always the same object. */
    Share share();
}
