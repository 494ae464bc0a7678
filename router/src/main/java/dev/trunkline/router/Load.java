package dev.trunkline.router;

/** Something that work is spread over. */
public interface Load {
    /** How much work it has now, 0 or more; the one with the least gets the next. */
    int outstanding();
}
