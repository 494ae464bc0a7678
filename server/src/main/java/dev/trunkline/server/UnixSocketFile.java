package dev.trunkline.server;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The place of a Unix socket in the file system. Not thread-safe. Blocks, though not for long.
 *
 * <p>As with PostgreSQL a file {@code .s.PGSQL.<port>.lock} beside the socket holds the process id of whoever has the place, which
 * keeps a PostgreSQL away as well. Among proxies the lock of the operating system on that file decides, which ends with its process: a
 * process id says nothing in a container, where everybody has the same. A socket that somebody listens on is left alone even if
 * nobody has the lock. Source: miscinit.c (CreateLockFile).
 */
final class UnixSocketFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UnixSocketFile.class);

    /** Whoever can make links in the directory must not lead the proxy to another file. */
    private static final Set<OpenOption> OPEN_LOCK = Set.of(
            StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

    private static final FileAttribute<?> OWNER_ALONE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final int MOST_LINES = 4096;
    private static final int TYPE_BITS = 0170000;
    private static final int SOCKET = 0140000;

    private final Path socket;
    private final Path lockFile;
    private final FileChannel lock;

    private UnixSocketFile(Path socket, Path lockFile, FileChannel lock) {
        this.socket = socket;
        this.lockFile = lockFile;
        this.lock = lock;
    }

    /**
     * Takes the place, and removes the socket that a dead process has left there.
     *
     * @throws IOException if it is somebody else's or cannot be had, with a message for the user
     */
    static UnixSocketFile claim(Path socket) throws IOException {
        Path lockFile = socket.resolveSibling(socket.getFileName() + ".lock");
        try {
            FileChannel lock = FileChannel.open(lockFile, OPEN_LOCK, OWNER_ALONE);
            try {
                UnixSocketFile file = new UnixSocketFile(socket, lockFile, lock);
                file.take();
                return file;
            } catch (IOException e) {
                lock.close();
                throw e;
            }
        } catch (FileSystemException e) {
            throw cannot(socket, reason(e));
        }
    }

    private void take() throws IOException {
        if (!isLocked()) {
            throw lockedBySomebody();
        }
        boolean leftover = Files.exists(socket, LinkOption.NOFOLLOW_LINKS);
        if (leftover) {
            try {
                checkLeftover();
            } catch (IOException e) {
                forgetLock();
                throw e;
            }
        }
        if (!sign()) {
            throw lockedBySomebody();
        }
        if (leftover) {
            Files.deleteIfExists(socket);
            LOG.info("removed the Unix socket {}, which nobody listened on", socket);
        }
    }

    private IOException lockedBySomebody() throws IOException {
        return cannot(socket, "another process has locked " + lockFile + " (process id " + holder() + ")");
    }

    private boolean isLocked() throws IOException {
        try {
            return lock.tryLock() != null;
        } catch (OverlappingFileLockException _) {
            // By another proxy in this JVM.
            return false;
        }
    }

    /**
     * Writes the process id. False if whoever had the lock before has removed the file meanwhile, so that the lock is on a file without
     * a name. The file is known again by its length: to read it by its name would end the lock. Source: fcntl(2), "process-associated".
     */
    private boolean sign() throws IOException {
        String self = ProcessHandle.current().pid()
                + "\n".repeat(ThreadLocalRandom.current().nextInt(1, MOST_LINES));
        lock.truncate(0);
        lock.write(ByteBuffer.wrap(self.getBytes(StandardCharsets.US_ASCII)), 0);
        return Files.isRegularFile(lockFile, LinkOption.NOFOLLOW_LINKS) && Files.size(lockFile) == self.length();
    }

    private String holder() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(32);
        lock.read(bytes, 0);
        String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1);
        return text.lines().findFirst().filter(line -> line.matches("\\d+")).orElse("unknown");
    }

    /** Removes the lock file if it was made just now; else it may be a PostgreSQL's. */
    private void forgetLock() throws IOException {
        if (lock.size() == 0) {
            Files.deleteIfExists(lockFile);
        }
    }

    /** Throws if what is there is in use. */
    private void checkLeftover() throws IOException {
        int mode = (int) Files.getAttribute(socket, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if ((mode & TYPE_BITS) != SOCKET) {
            throw cannot(socket, "there is a file of that name which is no socket");
        }
        if (isListenedOn()) {
            throw cannot(socket, "another process listens there");
        }
    }

    private boolean isListenedOn() throws IOException {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            // Somebody who does not accept would keep a blocking one waiting.
            probe.configureBlocking(false);
            probe.connect(UnixDomainSocketAddress.of(socket));
            return true;
        } catch (ConnectException _) {
            return false;
        } catch (IOException e) {
            throw cannot(socket, "it is not known whether somebody listens there: " + e.getMessage());
        }
    }

    /**
     * Says who may connect; to be called when the socket is there. Until then it is open to whom the umask of the process leaves it.
     *
     * @param mode permissions
     * @param group by name or number; empty = it stays as it is
     * @throws IOException if that is not possible, with a message for the user
     */
    void restrict(int mode, String group) throws IOException {
        try {
            if (!group.isEmpty()) {
                GroupPrincipal principal =
                        socket.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group);
                Files.getFileAttributeView(socket, PosixFileAttributeView.class).setGroup(principal);
            }
            Files.setAttribute(socket, "unix:mode", mode);
        } catch (UserPrincipalNotFoundException _) {
            throw cannot(socket, "there is no group \"" + group + "\", which unix_socket_group names");
        } catch (FileSystemException e) {
            throw cannot(
                    socket,
                    "unix_socket_mode " + "0%03o".formatted(mode)
                            + (group.isEmpty() ? "" : " and unix_socket_group " + group)
                            + " cannot be set: " + reason(e));
        }
    }

    /** Removes the socket and gives the place up. The lock ends last: who finds no file makes a new one. */
    @Override
    public void close() {
        try (FileChannel held = lock) {
            Files.deleteIfExists(socket);
            Files.deleteIfExists(lockFile);
            LOG.debug("{} is given up, with the lock on {}", socket, held);
        } catch (IOException e) {
            LOG.warn("the Unix socket {} or its lock could not be removed: {}", socket, e.toString());
        }
    }

    private static IOException cannot(Path socket, String why) {
        return new IOException("cannot listen on the Unix socket " + socket + ": " + why);
    }

    private static String reason(FileSystemException e) {
        if (e instanceof NoSuchFileException) {
            return "the directory does not exist";
        }
        if (e instanceof AccessDeniedException) {
            return e.getFile() + " may not be written";
        }
        return String.valueOf(e.getMessage());
    }
}
