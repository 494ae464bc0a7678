package dev.trunkline.pooler.statement;

/** What is told of the requests that {@link StatementRewriter} has noted. */
final class Undos {
    private Undos() {}

    /** A Parse that the server does not see. */
    record Definition(ClientStatements client, ClientStatement defined) implements Undo {
        @Override
        public void undo() {
            client.undefine(defined);
        }

        @Override
        public void done() {
            defined.defined();
        }
    }

    /** A Parse that really goes to a server under a name that is new there. */
    record FirstParse(
            ClientStatements client, ServerStatements server, ClientStatement defined, ServerStatements.Entry entry)
            implements Undo {
        @Override
        public void undo() {
            client.undefine(defined);
            server.remove(defined.statement());
        }

        @Override
        public void done() {
            defined.defined();
            defined.statement().provenFor(client.scope());
            entry.answered();
        }
    }

    /** A Parse of the proxy's own. */
    record Shadow(ServerStatements server, ServerStatements.Entry entry) implements Undo {
        @Override
        public void undo() {
            server.remove(entry.statement());
        }

        @Override
        public void done() {
            entry.answered();
        }
    }

    /** A Close of the proxy's own, for want of room. */
    record Eviction(ServerStatements server, ServerStatements.Entry entry) implements Undo {
        @Override
        public void undo() {
            server.evicted(entry);
            if (!entry.isGone()) {
                server.restore(entry.statement());
            }
        }

        @Override
        public void done() {
            server.evicted(entry);
        }
    }

    /**
     * A Close and a Parse of the same statement. Their undos come in either order: last first when the server fails, and first
     * first when it has failed already.
     */
    static final class Again implements Undo {
        private final ServerStatements server;
        private final ServerStatements.Entry entry;
        private boolean kept;

        Again(ServerStatements server, ServerStatements.Entry entry) {
            this.server = server;
            this.entry = entry;
        }

        void notClosed() {
            if (!entry.isGone()) {
                kept = true;
                server.restore(entry.statement());
            }
        }

        @Override
        public void undo() {
            if (!kept) {
                server.remove(entry.statement());
            }
        }

        @Override
        public void done() {
            entry.answered();
        }
    }

    /** A Close of the client's, or a DEALLOCATE. */
    record Leaving(ClientStatements client, ClientStatement statement) implements Undo {
        @Override
        public void undo() {
            client.left(statement);
            client.restore(statement);
        }

        @Override
        public void done() {
            client.left(statement);
        }
    }
}
