package dev.trunkline.server.config;

import dev.trunkline.pooler.backend.UnixSockets;

/**
 * Where clients find Unix sockets, and who may connect.
 *
 * @param directory {@code unix_socket_dir}: absolute, or {@code @} and more for abstract sockets; empty = there are none
 * @param mode {@code unix_socket_mode}: the permissions of the files, 0 to 0777
 * @param group {@code unix_socket_group}: to whom the files belong; empty = as the process makes them
 */
public record UnixSocketSettings(String directory, int mode, String group) {
    /** Whether there are any. */
    public boolean areOn() {
        return !directory.isEmpty();
    }

    /** Whether they are kept outside of the file system, where {@link #mode} and {@link #group} mean nothing. */
    public boolean areAbstract() {
        return UnixSockets.isAbstract(directory);
    }

    /** The path of the socket of that port. */
    String path(int port) {
        return UnixSockets.path(directory, port);
    }
}
