package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Replies;
import dev.trunkline.pooler.backend.Replies.Action;
import dev.trunkline.pooler.backend.Replies.Kind;
import dev.trunkline.pooler.backend.Retouch;
import dev.trunkline.pooler.statement.ClientStatement;
import dev.trunkline.pooler.statement.Rewrite;
import dev.trunkline.pooler.statement.ServerStatements;
import dev.trunkline.pooler.statement.Undo;
import dev.trunkline.router.sql.PreparedSql;
import dev.trunkline.wire.FrameCursor;
import org.jspecify.annotations.Nullable;

/**
 * What a Parse or Bind was replaced for: it is carried out by the Execute of its portal, which may come or not. Loop-confined. There is
 * one at a time, of the batch that is under way, or a portal that an earlier batch of the same transaction has left.
 */
final class Deferred {
    private final FrameCursor cursor;

    private @Nullable Unrun change;
    private @Nullable ClientStatement subject;
    private @Nullable Retouch retouch;
    private Stage stage = Stage.NONE;
    /** Of the statement, then of its portal, as {@link BindHeads#nameHash}. */
    private int name;

    /** The Execute, if it comes, gives the server a statement. */
    private boolean prepares;

    private enum Stage {
        NONE,
        PARSED,
        BOUND
    }

    Deferred(FrameCursor cursor) {
        this.cursor = cursor;
    }

    /**
     * The current Parse is replaced by one of that rewrite.
     *
     * @return what the Parse is told: without it there is nothing to carry out; null for nothing
     */
    @Nullable
    Undo parsed(Rewrite rewrite, PreparedSql.Kind kind, Retouch newRetouch, ServerStatements server) {
        leave(server);
        Undo undo = rewrite.undo();
        Unrun unrun = undo == null ? null : new Unrun(undo);
        change = unrun;
        prepares = undo != null && kind == PreparedSql.Kind.PREPARE;
        subject = rewrite.subject();
        retouch = newRetouch;
        name = BindHeads.nameHash(cursor, 0);
        stage = Stage.PARSED;
        return unrun == null ? null : unrun.unlessParsed();
    }

    /**
     * A Bind has made a portal of something that stands in place of the client's own text: the answer is put right.
     *
     * @param portal as {@link BindHeads#nameHash}
     */
    void bound(Retouch newRetouch, int portal, ServerStatements server) {
        leave(server);
        retouch = newRetouch;
        name = portal;
        stage = Stage.BOUND;
    }

    /** The current Parse, which is not replaced, may take the place of one that was, and of which no portal was made yet. */
    void onParse(ServerStatements server) {
        if (stage == Stage.PARSED && BindHeads.nameHash(cursor, 0) == name) {
            leave(server);
        }
    }

    /** The current Bind makes a portal: of what the Parse was replaced for, or in the place of that one's portal. */
    void onBind(ServerStatements server) {
        if (stage == Stage.BOUND && BindHeads.nameHash(cursor, 0) == name) {
            leave(server);
        } else if (stage == Stage.PARSED && BindHeads.nameHash(cursor, BindHeads.statementOffset(cursor)) == name) {
            name = BindHeads.nameHash(cursor, 0);
            stage = Stage.BOUND;
        }
    }

    /** Notes the current Execute, which carries it out if it is that of its portal. */
    void onExecute(Replies replies) {
        if (stage != Stage.BOUND || BindHeads.nameHash(cursor, 0) != name) {
            replies.expect(Kind.EXECUTE);
            return;
        }
        replies.expect(Kind.EXECUTE, Action.FORWARD, change);
        if (subject != null) {
            replies.about(subject);
        }
        if (retouch != null) {
            replies.retouch(retouch);
        }
        forget();
    }

    /** The batch ends, and what was parsed in it was not run. A portal may be there in the next one, and its answer is put right there. */
    void endsBatch(ServerStatements server) {
        if (stage == Stage.BOUND) {
            settle(server);
        } else {
            leave(server);
        }
    }

    /** It will not be run, or that will not be seen. */
    void leave(ServerStatements server) {
        settle(server);
        forget();
    }

    /**
     * What was not run may be run later or never. So the client is taken to have done it, unless the Parse fails, and the server is
     * not relied on to have the statement.
     */
    private void settle(ServerStatements server) {
        if (prepares && subject != null) {
            server.distrust(subject.statement());
        }
        if (change != null) {
            change.leave();
        }
        change = null;
        prepares = false;
        subject = null;
    }

    private void forget() {
        change = null;
        prepares = false;
        subject = null;
        retouch = null;
        stage = Stage.NONE;
    }

    /** What a text changes that was parsed, and is carried out by an Execute that may come or not. */
    private static final class Unrun implements Undo {
        private final Undo change;
        private boolean over;

        Unrun(Undo change) {
            this.change = change;
        }

        @Override
        public void undo() {
            if (!over) {
                over = true;
                change.undo();
            }
        }

        @Override
        public void done() {
            if (!over) {
                over = true;
                change.done();
            }
        }

        /** Nobody will say that it was carried out. */
        void leave() {
            if (!over) {
                change.done();
            }
        }

        /** What the Parse is told: without it there is nothing to carry out. */
        Undo unlessParsed() {
            return new Undo() {
                @Override
                public void undo() {
                    Unrun.this.undo();
                }
            };
        }
    }
}
