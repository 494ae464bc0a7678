package dev.trunkline.server.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.config.Problem;
import dev.trunkline.wire.scram.ScramSecret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsersFileTest {
    private static final String SCRAM =
            ScramSecret.derive("pencil", new byte[] {1, 2, 3}, 1).format();

    @TempDir
    Path directory;

    private UsersFile.Loaded load(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("users.txt"), text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return UsersFile.load(file);
    }

    @Test
    void load_allKindsOfSecrets() throws IOException {
        UsersFile.Loaded loaded = load("""
                ; PgBouncer's comment
                # another
                "plain" "it's; a \\ word"

                  "md5"	"md50123456789abcdef0123456789abcdef"  ignored
                "scram" "%s"
                "with ""quotes""\" "a""b"
                "empty" ""
                "upper" "md50123456789ABCDEF0123456789ABCDEF"
                """.formatted(SCRAM));

        assertThat(loaded.errors()).isEmpty();
        assertThat(loaded.warnings()).isEmpty();
        UsersFile users = loaded.users();
        assertThat(users.size()).isEqualTo(6);
        assertThat(users.find("plain")).isEqualTo(new Secret.Plain("it's; a \\ word"));
        assertThat(users.find("md5")).isEqualTo(new Secret.Md5("md50123456789abcdef0123456789abcdef"));
        assertThat(users.find("scram")).isEqualTo(new Secret.Scram(ScramSecret.parse(SCRAM)));
        assertThat(users.find("with \"quotes\"")).isEqualTo(new Secret.Plain("a\"b"));
        assertThat(users.find("empty")).isEqualTo(new Secret.None());
        // PostgreSQL takes upper-case digits for a password too.
        assertThat(users.find("upper")).isInstanceOf(Secret.Plain.class);
        assertThat(users.find("nobody")).isNull();
    }

    @Test
    void load_everyBadLineIsToldAtItsPlaceAndShowsNoSecret() throws IOException {
        UsersFile.Loaded loaded = load("""
                joe "secret"
                "joe" hidden
                "joe"
                "joe" "hidden
                "joe" "SCRAM-SHA-256$hidden"
                "" "hidden"
                "ann" "hidden"
                "ann" "hidden"
                """);

        assertThat(loaded.errors())
                .extracting(Problem::toString)
                .map(line -> line.substring(line.indexOf("users.txt:") + 10))
                .containsExactly(
                        "1:1: expected a user name in double quotes",
                        "2:7: expected a secret in double quotes",
                        "3:6: expected a secret in double quotes",
                        "4:7: the quotes around a secret are not closed",
                        "5:7: malformed secret of \"joe\"; expected SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey",
                        "6:1: the user name is empty",
                        "8:1: the user \"ann\" is given twice; first in line 7")
                .noneMatch(line -> line.contains("hidden"));
    }

    @Test
    void load_aFileThatEverybodyCanReadIsAWarning() throws IOException {
        Path file = Files.writeString(directory.resolve("open.txt"), "\"a\" \"b\"\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(UsersFile.load(file).warnings()).singleElement().asString().contains("chmod o-rwx");
    }

    @Test
    void load_aMissingOrUnreadableFileIsOneProblem() throws IOException {
        assertThat(UsersFile.load(directory.resolve("none")).errors())
                .singleElement()
                .asString()
                .endsWith("none: there is no such users file");
        assertThat(UsersFile.load(directory).errors()).hasSize(1);
        Path binary = Files.write(directory.resolve("b"), new byte[] {'"', (byte) 0xff, '"'});
        assertThat(UsersFile.load(binary).errors()).singleElement().asString().contains("not UTF-8");
    }

    // Hazard S12
    @Test
    void toString_showsNoSecret() throws IOException {
        UsersFile users = load("\"a\" \"hunter2\"\n\"b\" \"" + SCRAM + "\"\n\"c\" \"md5" + "0".repeat(32) + "\"\n")
                .users();
        String shown = users + " " + users.find("a") + users.find("b") + users.find("c");
        assertThat(shown).doesNotContain("hunter2", "0000", SCRAM.substring(20));
    }
}
