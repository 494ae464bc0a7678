package dev.trunkline.pooler.backend;

import dev.trunkline.pooler.backend.Replies.Action;
import dev.trunkline.pooler.backend.Replies.Kind;
import dev.trunkline.pooler.statement.ClientStatement;
import dev.trunkline.pooler.statement.Undo;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A queue of what is owed, in some arrays, so that an entry costs no object. Grows and never shrinks. Loop-confined. */
final class ReplyRing {
    private Kind[] kinds = new Kind[16];
    private Action[] actions = new Action[16];
    private @Nullable Undo[] undos = new @Nullable Undo[16];
    private @Nullable Retouch[] retouches = new @Nullable Retouch[16];
    private @Nullable ClientStatement[] subjects = new @Nullable ClientStatement[16];
    private int head;
    private int size;
    private long removed;
    private int owedReady;
    private int synthesized;

    /** How many entries are there that the proxy answers itself. */
    int synthesized() {
        return synthesized;
    }

    /** How many entries are there that a ReadyForQuery answers. */
    int owedReady() {
        return owedReady;
    }

    int size() {
        return size;
    }

    /** The kind of one entry; index 0 is the first. */
    Kind kindAt(int index) {
        return kinds[slot(index)];
    }

    @Nullable
    Undo undoAt(int index) {
        return undos[slot(index)];
    }

    /** The undo of the first, which has none any more. */
    @Nullable
    Undo takeHeadUndo() {
        Undo undo = undos[head];
        undos[head] = null;
        return undo;
    }

    /** What is done with the answer to the first. */
    Action headAction() {
        return actions[head];
    }

    boolean holds(Kind kind) {
        for (int i = 0; i < size; i++) {
            if (kindAt(i) == kind) {
                return true;
            }
        }
        return false;
    }

    /** The same for one whose answer is the client's. */
    boolean owesClientReady() {
        if (owedReady == 0) {
            return false;
        }
        for (int i = 0; i < size; i++) {
            if (ReplyRules.endsWithReady(kindAt(i)) && actionAt(i) == Action.FORWARD) {
                return true;
            }
        }
        return false;
    }

    /** How many there are in front of the first Sync. */
    int countBeforeSync() {
        int count = 0;
        while (count < size && kindAt(count) != Kind.SYNC) {
            count++;
        }
        return count;
    }

    /** The first and what was sent for its COPY. */
    int countOfCopy() {
        int count = 1;
        while (count < size && ReplyRules.isMarker(kindAt(count))) {
            count++;
        }
        return count;
    }

    /** The kind of the last that is answered at all. There must be one. */
    Kind lastRequest() {
        int last = size - 1;
        while (ReplyRules.isMarker(kindAt(last))) {
            last--;
        }
        return kindAt(last);
    }

    /** What is put right in the answer to the first; null for nothing. */
    @Nullable
    Retouch headRetouch() {
        return retouches[head];
    }

    /** Puts something right in the answer to the last that was added. */
    void retouchLast(Retouch retouch) {
        retouches[slot(size - 1)] = retouch;
    }

    /** Puts something right in the answer to the first. */
    void retouchHead(Retouch retouch) {
        retouches[head] = retouch;
    }

    /** What the first is about; null for nothing in particular. */
    @Nullable
    ClientStatement headSubject() {
        return subjects[head];
    }

    /** Notes what the last that was added is about. */
    void lastIsAbout(ClientStatement subject) {
        subjects[slot(size - 1)] = subject;
    }

    Action actionAt(int index) {
        return actions[slot(index)];
    }

    /** The answers to all that are here are the proxy's own from now on. */
    void swallowAll() {
        for (int i = 0; i < size; i++) {
            actions[slot(i)] = Action.SWALLOW;
        }
        synthesized = 0;
    }

    /** How many were ever removed, which is the number of the first, if there is one. */
    long removed() {
        return removed;
    }

    void add(Kind kind, Action action, @Nullable Undo undo) {
        if (size == kinds.length) {
            grow();
        }
        int at = slot(size);
        kinds[at] = kind;
        actions[at] = action;
        undos[at] = undo;
        size++;
        owedReady += ReplyRules.endsWithReady(kind) ? 1 : 0;
        synthesized += action == Action.SYNTHESIZE ? 1 : 0;
    }

    /** Removes the first. */
    void remove() {
        synthesized -= actions[head] == Action.SYNTHESIZE ? 1 : 0;
        owedReady -= ReplyRules.endsWithReady(kinds[head]) ? 1 : 0;
        undos[head] = null;
        retouches[head] = null;
        subjects[head] = null;
        removed++;
        head = slot(1);
        size--;
    }

    /**
     * Removes so many, of which the first has failed and the others were ignored. Undone last first, so that of two changes of one
     * name the older state wins.
     */
    void fail(int count) {
        for (int i = count - 1; i > 0; i--) {
            Undo ignored = undoAt(i);
            if (ignored != null) {
                ignored.undo();
            }
        }
        Undo first = undoAt(0);
        if (first != null) {
            first.failed();
        }
        for (int i = 0; i < count; i++) {
            remove();
        }
    }

    /** Undoes what was noted for the client, last first. What is owed stays. */
    void undoClients() {
        for (int i = size - 1; i >= 0; i--) {
            Undo undo = undoAt(i);
            if (undo != null && actionAt(i) != Action.SWALLOW) {
                undos[slot(i)] = null;
                undo.undo();
            }
        }
    }

    /** Removes the one behind the first by moving the first over it. */
    void removeSecond() {
        int second = slot(1);
        owedReady += ReplyRules.endsWithReady(kinds[head]) ? 1 : 0;
        owedReady -= ReplyRules.endsWithReady(kinds[second]) ? 1 : 0;
        kinds[second] = kinds[head];
        actions[second] = actions[head];
        undos[second] = undos[head];
        retouches[second] = retouches[head];
        subjects[second] = subjects[head];
        remove();
    }

    private int slot(int index) {
        return (head + index) & (kinds.length - 1);
    }

    private void grow() {
        int length = kinds.length;
        Kind[] newKinds = new Kind[length * 2];
        Action[] newActions = new Action[length * 2];
        @Nullable Undo[] newUndos = Arrays.copyOf(undos, length * 2);
        @Nullable Retouch[] newRetouches = Arrays.copyOf(retouches, length * 2);
        @Nullable ClientStatement[] newSubjects = Arrays.copyOf(subjects, length * 2);
        for (int i = 0; i < size; i++) {
            int from = slot(i);
            newKinds[i] = kinds[from];
            newActions[i] = actions[from];
            newUndos[i] = undos[from];
            newRetouches[i] = retouches[from];
            newSubjects[i] = subjects[from];
        }
        Arrays.fill(newUndos, size, newUndos.length, null);
        Arrays.fill(newRetouches, size, newRetouches.length, null);
        Arrays.fill(newSubjects, size, newSubjects.length, null);
        kinds = newKinds;
        actions = newActions;
        undos = newUndos;
        retouches = newRetouches;
        subjects = newSubjects;
        head = 0;
    }
}
