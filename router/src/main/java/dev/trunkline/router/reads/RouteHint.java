package dev.trunkline.router.reads;

/** What a comment of the form {@code trunkline:leader} in front of a text's first token, or behind its last, asks for. */
public enum RouteHint {
    /** There is no such comment. */
    NONE,
    LEADER,
    REPLICA,
    /** There is one that names something else. */
    INVALID
}
