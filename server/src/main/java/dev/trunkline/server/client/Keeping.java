package dev.trunkline.server.client;

/** How a client comes to keep its server connection between transactions, for those who send its frames on. Loop-confined. */
interface Keeping {
    /** Of a client that never keeps one. */
    Keeping NEVER = new Keeping() {
        @Override
        public void keepForNames() {
            // Nobody asks for the names of such a client.
        }

        @Override
        public boolean mayKeep() {
            return false;
        }

        @Override
        public boolean keepsForNames() {
            return false;
        }
    };

    /** It keeps the connection from now on: names that it has given to statements cannot follow it. */
    void keepForNames();

    /** True if it keeps the connection, or may have to, where temporary tables may hide others. */
    boolean mayKeep();

    /** True if it keeps the connection for names that were given to statements there and do not follow it. */
    boolean keepsForNames();
}
