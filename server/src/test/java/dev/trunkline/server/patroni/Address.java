package dev.trunkline.server.patroni;

/** Where a server listens. */
record Address(String host, int port) {
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
