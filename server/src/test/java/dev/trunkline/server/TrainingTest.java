package dev.trunkline.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingTest {
    @Test
    void everyQuery_isAnswered_andNothingIsLeft(@TempDir Path directory) throws IOException {
        Training.train(directory, 30);
        assertThat(directory).isEmptyDirectory();
    }
}
