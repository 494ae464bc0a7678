package dev.trunkline.pooler.statement;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trunkline.wire.PgError;

/**
 * One name of a client: the statement behind it, and what the client knows of its rows. Loop-confined.
 *
 * <p>A shared statement may be prepared again behind the client's back. That must not change the rows under a client which
 * has been told what they look like and does not ask again.
 */
public final class ClientStatement {
    private final byte[] name;
    private final Prepared statement;
    /** In which batch the name was defined, and given up; 0 when that is answered. */
    private long definedIn;

    private long leftIn;
    private boolean gone;
    private boolean told;
    private long toldShape;
    private boolean toldByPortal;
    private boolean found;
    private long foundShape;

    /** @param name as the client knows it; kept */
    ClientStatement(byte[] name, Prepared statement) {
        this.name = name;
        this.statement = statement;
    }

    /** The name is defined by a request of that batch. */
    void definedIn(long batch) {
        definedIn = batch;
    }

    /** The server has carried that out. */
    void defined() {
        definedIn = 0;
    }

    /** The name is given up by a request of that batch; 0 when it is known what has become of that. */
    void leftIn(long batch) {
        leftIn = batch;
    }

    /** All names have ended: if this one is not given up, it is gone all the same. */
    void gone() {
        gone = true;
    }

    boolean isGone() {
        return gone;
    }

    /** True if it is not known whether it is defined, or given up: that belongs to an earlier batch which is not answered. */
    boolean isUncertain(Batches batches) {
        return batches.isUncertain(definedIn) || batches.isUncertain(leftIn);
    }

    /** True if the request that defines it is not answered. */
    boolean isUpcoming(Batches batches) {
        return batches.isOpen(definedIn);
    }

    /** As the client knows it. Not to be changed. */
    byte[] name() {
        return name;
    }

    public Prepared statement() {
        return statement;
    }

    /** An error of the server, with the name that the client knows. */
    public PgError inOwnWords(PgError error) {
        String message = error.message();
        String foreign = new String(statement.serverName(), UTF_8);
        return message.contains(foreign)
                ? error.with(PgError.Field.MESSAGE, message.replace(foreign, new String(name, UTF_8)))
                : error;
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

    /** The client prepares it again, and has been told nothing of what that gave. */
    void untold() {
        told = false;
        toldByPortal = false;
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
