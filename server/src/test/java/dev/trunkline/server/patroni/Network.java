package dev.trunkline.server.patroni;

import java.io.IOException;
import java.util.List;

/**
 * The hosts of a cluster, each by its name, and how they are reached from where the proxies, their clients and the observers are.
 * One thread at a time.
 */
interface Network {
    String ETCD = "etcd";

    /** Of a host. */
    String address(String host);

    /** Where the REST API of a host listens: another address, so that it can be taken away alone. */
    String restAddress(String host);

    /** From where clients come, in CIDR notation. */
    String clients();

    /** The words in front of a command that run it on a host. */
    List<String> on(String host);

    /** The door of the REST API: what is published is {@code published}, what Patroni listens on is {@code api}. */
    Door door(Address published, Address api) throws IOException;

    /** True if the published address is the API's own. */
    boolean hasDirectRest();

    /** Nothing that a host sends arrives anywhere, and nothing reaches it: no FIN, no RST, as when it has lost its power. */
    void unplug(String host) throws IOException, InterruptedException;

    /** A host on which nothing runs any more loses what it still had to send, as memory does without power. */
    void forget(String host) throws IOException, InterruptedException;

    /** What {@code host} sends to {@code others} is lost without a word, and so are its answers to them. */
    void silence(String host, List<String> others) throws IOException, InterruptedException;

    /** The same towards the proxies, their clients and the observers. */
    void silenceToClients(String host) throws IOException, InterruptedException;

    /** Ends all of this for a host; one that was forgotten starts anew. */
    void heal(String host) throws IOException, InterruptedException;

    /** Leaves nothing behind; nothing may run on the hosts any more. */
    void close() throws IOException, InterruptedException;
}
