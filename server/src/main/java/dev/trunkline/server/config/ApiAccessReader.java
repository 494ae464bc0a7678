package dev.trunkline.server.config;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads as whom one API of a cluster is asked. */
final class ApiAccessReader {
    /**
     * The settings of one API.
     *
     * @param api what their names begin with
     * @param beside one of these must be there as well
     */
    record Names(
            String api,
            Setting<String> user,
            Setting<String> caFile,
            Setting<String> certFile,
            Setting<String> keyFile,
            Setting<Boolean> verifyHost,
            List<Setting<?>> beside) {}

    private final Section section;
    private final Path directory;
    private final Problems problems;

    /** @param directory what relative paths begin at */
    ApiAccessReader(Section section, Path directory, Problems problems) {
        this.section = section;
        this.directory = directory;
        this.problems = problems;
    }

    ApiAccess read(Names names) {
        if (names.beside().stream().noneMatch(section::has)) {
            complain(names);
        }
        Path cert = path(names.certFile());
        Path key = path(names.keyFile());
        checkPair(names.certFile(), names.keyFile());
        TlsFiles files = new TlsFiles(path(names.caFile()), cert, key, section.get(names.verifyHost()));
        return new ApiAccess(names.api(), section.find(names.user()), files);
    }

    /** The default may be written down. */
    private void complain(Names names) {
        Stream<Setting<?>> given = Stream.of(names.user(), names.caFile(), names.certFile(), names.keyFile());
        given.filter(section::has).forEach(setting -> complain(setting, names.beside()));
        if (!section.get(names.verifyHost())) {
            complain(names.verifyHost(), names.beside());
        }
    }

    private void complain(Setting<?> setting, List<Setting<?>> beside) {
        String others = String.join(
                " or ", beside.stream().map(other -> "\"" + other.name() + "\"").toList());
        problems.error(section.place(setting), "\"" + setting.name() + "\" stands only beside " + others);
    }

    private void checkPair(Setting<String> cert, Setting<String> key) {
        if (section.has(cert) != section.has(key)) {
            Setting<String> given = section.has(cert) ? cert : key;
            Setting<String> missing = section.has(cert) ? key : cert;
            problems.error(section.place(given), "\"" + given.name() + "\" needs \"" + missing.name() + "\"");
        }
    }

    private @Nullable Path path(Setting<String> setting) {
        String name = section.find(setting);
        return name == null ? null : directory.resolve(name);
    }
}
