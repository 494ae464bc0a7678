package dev.trunkline.server.demo;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** TCP ports of the loopback interface. */
final class Ports {
    private Ports() {}

    /**
     * Makes sure that {@code port} can be listened on.
     *
     * @param option what the user writes to choose another one
     * @throws DemoException if it cannot
     */
    static void requireFree(int port, String option) throws DemoException {
        if (port < 1 || port > 0xffff) {
            throw new DemoException("port " + port + " does not exist; choose another with " + option);
        }
        try (ServerSocket socket = new ServerSocket()) {
            // Connections of an earlier run that are still in TIME_WAIT do not count.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (BindException e) {
            throw new DemoException("port " + port + " " + reason(e) + "; choose another with " + option, e);
        } catch (IOException e) {
            throw new DemoException("port " + port + " cannot be tried: " + e.getMessage(), e);
        }
    }

    private static String reason(BindException e) {
        String message = String.valueOf(e.getMessage());
        return message.contains("in use") ? "is in use" : "cannot be used (" + message + ")";
    }

    /** Two different ports that were free a moment ago, chosen by the kernel. */
    static int[] free() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket one = new ServerSocket(0, 1, loopback);
                ServerSocket two = new ServerSocket(0, 1, loopback)) {
            return new int[] {one.getLocalPort(), two.getLocalPort()};
        }
    }
}
