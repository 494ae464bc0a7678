package dev.trunkline.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README tells a new user to do with the sample. */
class SampleTest {
    private static final Path CONF = Path.of("..", "conf");

    @Test
    void sample_withACopyOfTheSampleUsersFile_isReady(@TempDir Path directory) throws IOException {
        Path sample = Files.copy(CONF.resolve("trunkline.yaml"), directory.resolve("trunkline.yaml"));
        Path users = Files.copy(CONF.resolve("userlist.txt.example"), directory.resolve("userlist.txt"));
        Files.setPosixFilePermissions(users, PosixFilePermissions.fromString("rw-------"));

        assertThat(SetupLoader.load(sample))
                .isInstanceOfSatisfying(SetupResult.Ready.class, ready -> assertThat(ready.warnings())
                        .isEmpty());
    }
}
