package dev.trunkline.server.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Loopback ports for servers. They lie below the range from which the kernel takes the ports of outgoing connections: there, any client
 * could take a port before its server listens, or while it is down.
 */
public final class FreePorts {
    private static final int FIRST = 15_000;
    private static final int LAST = 32_000;

    private final RandomGenerator random = new SplittableRandom();
    private final Set<Integer> given = new HashSet<>();

    /** A port that was free a moment ago and that this object has not given before. */
    public int next() {
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
