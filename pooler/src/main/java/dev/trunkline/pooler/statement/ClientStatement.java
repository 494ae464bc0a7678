package dev.trunkline.pooler.statement;

/**
 * One name of a client: the statement behind it, and what the client knows of its rows. Loop-confined.
 *
 * <p>A shared statement may be prepared again behind the client's back. That must not change the rows under a client which
 * has been told what they look like and does not ask again.
 */
public final class ClientStatement {
    private final Prepared statement;
    private boolean told;
    private long toldShape;
    private boolean toldByPortal;
    private boolean found;
    private long foundShape;

    ClientStatement(Prepared statement) {
        this.statement = statement;
    }

    public Prepared statement() {
        return statement;
    }

    /** The client was given this {@link RowShape} as the answer to a Describe of the statement. */
    public void told(long shape) {
        told = true;
        toldShape = shape;
    }

    /** The client has described a portal of it, whose shape nobody has noted. */
    public void toldByPortal() {
        toldByPortal = true;
    }

    /** True if the client has ever described the statement itself. */
    public boolean isTold() {
        return told;
    }

    /** A server has described it again, for the proxy alone. */
    public void found(long shape) {
        found = true;
        foundShape = shape;
    }

    /** What was found before does not count any more. */
    public void forgetFound() {
        found = false;
    }

    /** True if the rows, as they were found, may be given to the client without a word. */
    public boolean fits() {
        return !told || (found && foundShape == toldShape);
    }

    /** True if the client may rely on a description for which there is nothing to compare with. */
    public boolean reliesOnPortal() {
        return toldByPortal && !told;
    }
}
