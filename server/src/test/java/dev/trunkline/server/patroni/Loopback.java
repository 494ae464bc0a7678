package dev.trunkline.server.patroni;

import java.io.IOException;
import java.util.List;

/** All hosts are this one, with ports of their own: nothing can be cut but the REST APIs. */
final class Loopback implements Network {
    private static final String LOOPBACK = "127.0.0.1";

    @Override
    public String address(String host) {
        return LOOPBACK;
    }

    @Override
    public String restAddress(String host) {
        return LOOPBACK;
    }

    @Override
    public String clients() {
        return LOOPBACK + "/32";
    }

    @Override
    public List<String> on(String host) {
        return List.of();
    }

    @Override
    public Door door(Address published, Address api) throws IOException {
        return new Forwarder(published.port(), api.port());
    }

    @Override
    public boolean hasDirectRest() {
        return false;
    }

    @Override
    public void unplug(String host) {
        throw new UnsupportedOperationException("one host cannot be unplugged from itself");
    }

    @Override
    public void forget(String host) {
        throw new UnsupportedOperationException("one host cannot forget itself");
    }

    @Override
    public void silence(String host, List<String> others) {
        throw new UnsupportedOperationException("one host cannot be cut off from itself");
    }

    @Override
    public void silenceToClients(String host) {
        throw new UnsupportedOperationException("one host cannot be cut off from itself");
    }

    @Override
    public void heal(String host) {
        // nothing can have happened
    }

    @Override
    public void close() {
        // nothing was made
    }
}
