package dev.trunkline.server.patroni;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * A network namespace for each host and a bridge between them, in which this process is the host {@code .1}: see ip-netns(8).
 * All names contain the number of this process, and the addresses are of the block for tests of devices (RFC 2544), so that runs side
 * by side do not meet. Needs root.
 */
final class Namespaces implements Network {
    /** No interface has it: what is sent there is dropped by the bridge. */
    private static final String NOBODY = "02:00:00:00:00:01";

    private static final int REST_OFFSET = 100;

    private final String ip;
    private final String id = Long.toString(ProcessHandle.current().pid());
    private final String bridge = "tlb" + id;
    private final String subnet;
    private final Map<String, Integer> numbers = new LinkedHashMap<>();
    private final Set<String> present = new LinkedHashSet<>();

    private Namespaces(String ip) throws IOException {
        this.ip = ip;
        this.subnet = freeSubnet();
    }

    /** Why there can be none here; empty if there can. In a container root may be allowed to run {@code ip} and nothing more. */
    static String obstacle() throws InterruptedException {
        if (!"root".equals(System.getProperty("user.name"))) {
            return "needs root";
        }
        if (program().isEmpty()) {
            return "needs ip (Debian: iproute2)";
        }
        try {
            of(List.of("trial")).close();
            return "";
        } catch (IOException e) {
            return "needs to make network namespaces: " + e.getMessage();
        }
    }

    /** Makes the bridge and the hosts. */
    static Namespaces of(List<String> hosts) throws IOException, InterruptedException {
        Namespaces network = new Namespaces(program());
        try {
            network.build(hosts);
            return network;
        } catch (IOException | InterruptedException | RuntimeException e) {
            try {
                network.close();
            } catch (IOException left) {
                e.addSuppressed(left); // what was never made cannot be removed
            }
            throw e;
        }
    }

    private void build(List<String> hosts) throws IOException, InterruptedException {
        ip("link", "add", bridge, "type", "bridge", "forward_delay", "0");
        ip("addr", "add", gateway() + "/24", "dev", bridge);
        ip("link", "set", bridge, "up");
        for (String host : hosts) {
            numbers.put(host, 10 + numbers.size());
            addHost(host);
        }
    }

    private void addHost(String host) throws IOException, InterruptedException {
        String space = space(host);
        ip("netns", "add", space);
        present.add(host);
        ip("link", "add", cable(host), "type", "veth", "peer", "name", "eth0", "netns", space);
        // The same each time: others remember it.
        ip("-n", space, "link", "set", "eth0", "address", "02:00:00:00:01:" + numbers.get(host));
        ip("link", "set", cable(host), "master", bridge, "up");
        ip("-n", space, "addr", "add", address(host) + "/24", "dev", "eth0");
        ip("-n", space, "addr", "add", restAddress(host) + "/24", "dev", "eth0");
        ip("-n", space, "link", "set", "lo", "up");
        ip("-n", space, "link", "set", "eth0", "up");
    }

    private void removeHost(String host) throws IOException, InterruptedException {
        present.remove(host);
        ip("link", "del", cable(host));
        ip("netns", "del", space(host));
    }

    @Override
    public String address(String host) {
        return subnet + numbers.get(host);
    }

    @Override
    public String restAddress(String host) {
        return subnet + (REST_OFFSET + numbers.get(host));
    }

    @Override
    public String clients() {
        return subnet + "0/24";
    }

    @Override
    public List<String> on(String host) {
        return List.of(ip, "netns", "exec", space(host));
    }

    /** Shut by taking the address to this host, where nothing listens on it. */
    @Override
    public Door door(Address published, Address api) {
        return new Door() {
            private boolean isShut;

            @Override
            public void cut() throws IOException, InterruptedException {
                change("add");
                isShut = true;
            }

            @Override
            public void restore() throws IOException, InterruptedException {
                change("del");
                isShut = false;
            }

            @Override
            public void close() throws IOException, InterruptedException {
                if (isShut) {
                    restore();
                }
            }

            private void change(String how) throws IOException, InterruptedException {
                ip("addr", how, published.host() + "/32", "dev", "lo");
            }
        };
    }

    @Override
    public boolean hasDirectRest() {
        return true;
    }

    @Override
    public void unplug(String host) throws IOException, InterruptedException {
        ip("link", "set", cable(host), "down");
    }

    @Override
    public void forget(String host) throws IOException, InterruptedException {
        removeHost(host);
    }

    @Override
    public void silence(String host, List<String> others) throws IOException, InterruptedException {
        for (String other : others) {
            misdirect(host, address(other));
            misdirect(host, restAddress(other));
        }
    }

    @Override
    public void silenceToClients(String host) throws IOException, InterruptedException {
        misdirect(host, gateway());
    }

    /** A route that leads nowhere would be an error of every connect at once; a wrong hardware address is silent. */
    private void misdirect(String host, String address) throws IOException, InterruptedException {
        ip("-n", space(host), "neigh", "replace", address, "lladdr", NOBODY, "dev", "eth0", "nud", "permanent");
    }

    @Override
    public void heal(String host) throws IOException, InterruptedException {
        if (!present.contains(host)) {
            addHost(host);
        }
        ip("link", "set", cable(host), "up");
        ip("-n", space(host), "neigh", "flush", "dev", "eth0", "nud", "permanent");
    }

    @Override
    public void close() throws IOException, InterruptedException {
        List<String> left = new ArrayList<>();
        for (String host : List.copyOf(present)) {
            remove(left, () -> ip("link", "del", cable(host)));
            remove(left, () -> ip("netns", "del", space(host)));
        }
        remove(left, () -> ip("link", "del", bridge));
        if (!left.isEmpty()) {
            throw new IOException("the network was not removed as a whole: " + left);
        }
    }

    private interface Removal {
        void run() throws IOException, InterruptedException;
    }

    private static void remove(List<String> left, Removal removal) throws InterruptedException {
        try {
            removal.run();
        } catch (IOException e) {
            left.add(e.getMessage());
        }
    }

    private String gateway() {
        return subnet + 1;
    }

    private String space(String host) {
        return "trunkline-" + id + "-" + host;
    }

    /** Of a host, its end on the bridge. Names of interfaces have at most 15 characters. */
    private String cable(String host) {
        return "tl" + id + "c" + numbers.get(host);
    }

    private void ip(String... words) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(ip));
        all.addAll(List.of(words));
        Command.run(new ProcessBuilder(all));
    }

    private static String freeSubnet() throws IOException {
        SplittableRandom random = new SplittableRandom();
        while (true) {
            String subnet = "198." + random.nextInt(18, 20) + "." + random.nextInt(256) + ".";
            if (NetworkInterface.getByInetAddress(InetAddress.getByName(subnet + 1)) == null) {
                return subnet;
            }
        }
    }

    private static String program() {
        return Stream.of("/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip")
                .filter(file -> Files.isExecutable(Path.of(file)))
                .findFirst()
                .orElse("");
    }
}
