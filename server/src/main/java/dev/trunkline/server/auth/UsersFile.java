package dev.trunkline.server.auth;

import dev.trunkline.server.config.Problem;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The users and their secrets. Immutable; {@code toString} shows neither. */
public final class UsersFile {
    private static final long MAX_BYTES = 64 << 20;

    private final Map<String, Secret> secrets;

    /** A file that holds these users. */
    public UsersFile(Map<String, Secret> secrets) {
        this.secrets = Map.copyOf(secrets);
    }

    /**
     * What came of reading a file.
     *
     * @param users those that could be read
     * @param errors what must be mended first, in the order of the file
     * @param warnings what is doubtful
     */
    public record Loaded(UsersFile users, List<Problem> errors, List<Problem> warnings) {
        public Loaded {
            errors = List.copyOf(errors);
            warnings = List.copyOf(warnings);
        }
    }

    /** Reads a file in the format of PgBouncer's {@code auth_file}. Blocks; throws nothing for a bad or missing file. */
    public static Loaded load(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                return failed(file, "the users file is larger than 64MB");
            }
            UsersFileReader reader = new UsersFileReader(file);
            reader.read(Files.readAllLines(file));
            return new Loaded(new UsersFile(reader.secrets()), reader.errors(), openness(file));
        } catch (NoSuchFileException e) {
            return failed(file, "there is no such users file");
        } catch (CharacterCodingException e) {
            return failed(file, "the users file is not UTF-8 text");
        } catch (IOException e) {
            return failed(file, "the users file cannot be read: " + e);
        }
    }

    /** The secret of a user; null if there is no such user. */
    public @Nullable Secret find(String user) {
        return secrets.get(user);
    }

    /** All secrets, to see which kinds there are. */
    Iterable<Secret> all() {
        return secrets.values();
    }

    /** How many users there are. */
    public int size() {
        return secrets.size();
    }

    @Override
    public String toString() {
        return "UsersFile[" + secrets.size() + " users]";
    }

    private static Loaded failed(Path file, String message) {
        return new Loaded(new UsersFile(Map.of()), List.of(new Problem(file, 0, 0, message)), List.of());
    }

    private static List<Problem> openness(Path file) throws IOException {
        boolean posix = Files.getFileStore(file).supportsFileAttributeView("posix");
        if (posix && Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
            return List.of(new Problem(
                    file,
                    0,
                    0,
                    "every user of this machine can read the secrets in this file; chmod o-rwx would end that"));
        }
        return List.of();
    }
}
