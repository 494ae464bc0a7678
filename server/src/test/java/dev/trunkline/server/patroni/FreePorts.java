package dev.trunkline.server.patroni;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Loopback ports for servers that are stopped and started again on the same one. They lie below the range from which the kernel
 * takes the ports of outgoing connections: there, a client could take a port while its server is down.
 */
final class FreePorts {
    private static final int FIRST = 15_000;
    private static final int LAST = 32_000;

    private final RandomGenerator random;
    private final Set<Integer> given = new HashSet<>();

    FreePorts(RandomGenerator random) {
        this.random = random;
    }

    /** A port that was free a moment ago and that this object has not given before. */
    int next() {
        while (true) {
            int port = random.nextInt(FIRST, LAST);
            if (isFree(port) && given.add(port)) {
                return port;
            }
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}
