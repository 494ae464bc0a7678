package dev.trunkline.router.reads;

import java.util.BitSet;

/** The parentheses that are open at one place of a statement. Loop-confined. */
final class Parentheses {
    /** At these depths a list of WITH has begun, and not the query behind it. */
    private final BitSet with = new BitSet();
    /** An expression may follow on the parenthesis that closes these depths. */
    private final BitSet expressionFollows = new BitSet();

    private int depth;
    private boolean mayCall;

    void clear() {
        depth = 0;
        mayCall = false;
        with.clear();
    }

    /** @param follows whether an expression may follow on the parenthesis that closes this one */
    void open(boolean follows) {
        depth++;
        with.clear(depth);
        expressionFollows.set(depth, follows);
    }

    /** False if none is open. */
    boolean close() {
        mayCall = expressionFollows.get(depth);
        depth--;
        return depth >= 0;
    }

    boolean isBalanced() {
        return depth == 0;
    }

    /** True if what follows on the parenthesis that was closed last may be a call. */
    boolean callMayFollow() {
        return mayCall;
    }

    void beginWith() {
        with.set(depth);
    }

    void endWith() {
        with.clear(depth);
    }

    boolean isInWith() {
        return with.get(depth);
    }
}
