package dev.trunkline.pooler.statement;

/** Takes back what was noted when a request was forwarded that the server then did not carry out. */
@FunctionalInterface
public interface Undo {
    void undo();

    /** The server has carried the request out: there will be nothing to take back. */
    default void done() {}
}
