package dev.trunkline.pooler.statement;

/** Takes back what was noted when a request was forwarded that the server then did not carry out. */
@FunctionalInterface
public interface Undo {
    /** The server has skipped the request, because one in front of it has failed. */
    void undo();

    /** The server has tried to carry the request out, and has failed. */
    default void failed() {
        undo();
    }

    /** The server has carried the request out: there will be nothing to take back. */
    default void done() {}

    /** Both: last first when they are taken back. */
    static Undo both(Undo first, Undo second) {
        return new Undo() {
            @Override
            public void undo() {
                second.undo();
                first.undo();
            }

            @Override
            public void failed() {
                second.failed();
                first.failed();
            }

            @Override
            public void done() {
                first.done();
                second.done();
            }
        };
    }
}
