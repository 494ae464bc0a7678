package dev.trunkline.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketFileTest {
    @TempDir
    private Path directory;

    private Path socket;
    private Path lock;

    @BeforeEach
    void name() {
        socket = directory.resolve(".s.PGSQL.6432");
        lock = directory.resolve(".s.PGSQL.6432.lock");
    }

    private static ServerSocketChannel listenOn(Path path) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        return listener.bind(UnixDomainSocketAddress.of(path));
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private void assertRefused(String why) {
        assertThatThrownBy(() -> UnixSocketFile.claim(socket))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot listen on the Unix socket " + socket + ": " + why);
    }

    @Test
    void place_isMarkedWithTheProcessIdAndLeftEmpty() throws IOException {
        UnixSocketFile file = UnixSocketFile.claim(socket);
        assertThat(Files.readString(lock).strip())
                .isEqualTo(String.valueOf(ProcessHandle.current().pid()));
        assertThat(Files.getAttribute(lock, "unix:mode")).isEqualTo(0100600);
        listenOn(socket).close();
        assertThat(files()).containsExactly(".s.PGSQL.6432", ".s.PGSQL.6432.lock");
        file.close();
        assertThat(files()).isEmpty();
    }

    /** Closing a listener does not remove its file, so that this is what a killed process leaves. */
    @Test
    void socketThatNobodyListensOn_isReplaced() throws IOException {
        listenOn(socket).close();
        Files.writeString(lock, "4711\n/old/and/longer/than/a/process/id\n");
        try (UnixSocketFile _ = UnixSocketFile.claim(socket)) {
            assertThat(files()).containsExactly(".s.PGSQL.6432.lock");
            assertThat(Files.readString(lock).strip())
                    .isEqualTo(String.valueOf(ProcessHandle.current().pid()));
        }
    }

    /** A PostgreSQL has no lock of the operating system on its file, which is nevertheless its own. */
    @Test
    void socketThatSomebodyListensOn_isLeftAlone() throws IOException {
        Files.writeString(lock, "4711\n/var/lib/postgresql\n");
        try (ServerSocketChannel _ = listenOn(socket)) {
            assertRefused("another process listens there");
        }
        assertThat(socket).exists();
        assertThat(lock).hasContent("4711\n/var/lib/postgresql\n");
    }

    @Test
    void refusal_leavesNoLockFileBehind() throws IOException {
        try (ServerSocketChannel _ = listenOn(socket)) {
            assertRefused("another process listens there");
        }
        assertThat(files()).containsExactly(".s.PGSQL.6432");
    }

    /** It is the operating system's, and ends with its process however that ends. */
    @Test
    void lock_keepsAnotherProcessAway() throws Exception {
        try (UnixSocketFile _ = UnixSocketFile.claim(socket)) {
            assertThat(lockElsewhere()).contains("BlockingIOError");
        }
        Files.createFile(lock);
        assertThat(lockElsewhere()).isEmpty();
    }

    private String lockElsewhere() throws IOException {
        String script = "import fcntl,sys; fcntl.lockf(open(sys.argv[1], 'r+'), fcntl.LOCK_EX | fcntl.LOCK_NB)";
        Process process = new ProcessBuilder("python3", "-c", script, lock.toString())
                .redirectErrorStream(true)
                .start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void placeOfAnotherProxy_isRefusedEvenBeforeItListens() throws IOException {
        try (UnixSocketFile _ = UnixSocketFile.claim(socket)) {
            assertRefused("another process has locked " + lock + " (process id "
                    + ProcessHandle.current().pid() + ")");
            assertThat(lock).exists();
        }
        UnixSocketFile.claim(socket).close();
        assertThat(files()).isEmpty();
    }

    @Test
    void fileThatIsNoSocket_isLeftAlone() throws IOException {
        Files.writeString(socket, "mine");
        assertRefused("there is a file of that name which is no socket");
        assertThat(socket).hasContent("mine");
    }

    @Test
    void linkInThePlaceOfTheLock_isNotFollowed() throws IOException {
        Path victim = Files.writeString(directory.resolve("victim"), "mine");
        Files.createSymbolicLink(lock, victim);
        assertThatThrownBy(() -> UnixSocketFile.claim(socket)).isInstanceOf(IOException.class);
        assertThat(victim).hasContent("mine");
    }

    @Test
    void directoryThatIsNotThere_isNamed() {
        socket = directory.resolve("none").resolve(".s.PGSQL.6432");
        assertRefused("the directory does not exist");
    }

    /** Only root may give a file to a group that it is not in; others give it to their own. */
    @Test
    void restrict_setsModeAndGroup() throws IOException {
        boolean root = "root".equals(System.getProperty("user.name"));
        try (UnixSocketFile file = UnixSocketFile.claim(socket);
                ServerSocketChannel _ = listenOn(socket)) {
            int own = (int) Files.getAttribute(socket, "unix:gid");
            int wanted = root ? 1 : own;
            file.restrict(0640, String.valueOf(wanted));
            assertThat(Files.getAttribute(socket, "unix:mode")).isEqualTo(0140640);
            assertThat(Files.getAttribute(socket, "unix:gid")).isEqualTo(wanted);
            file.restrict(0777, "");
            assertThat(Files.getAttribute(socket, "unix:mode")).isEqualTo(0140777);
            assertThat(Files.getAttribute(socket, "unix:gid")).isEqualTo(wanted);
        }
    }

    @Test
    void restrict_namesTheGroupThatIsMissing() throws IOException {
        try (UnixSocketFile file = UnixSocketFile.claim(socket);
                ServerSocketChannel _ = listenOn(socket)) {
            assertThatThrownBy(() -> file.restrict(0770, "no such group"))
                    .hasMessage("cannot listen on the Unix socket " + socket
                            + ": there is no group \"no such group\", which unix_socket_group names");
        }
    }
}
