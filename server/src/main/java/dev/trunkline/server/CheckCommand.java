package dev.trunkline.server;

import dev.trunkline.server.config.Problem;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reads a configuration and prints what is wrong with it. */
@Command(
        name = "check",
        description =
                "Checks a configuration file and what it names; prints every problem, and ends with status 1 if there is"
                        + " any.",
        mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call()
    private CommandSpec spec;

    @Parameters(paramLabel = "CONF", description = "the configuration file (YAML)")
    @SuppressWarnings("NullAway.Init") // set by picocli before call()
    private Path file;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        return switch (SetupLoader.load(file)) {
            case SetupResult.Broken broken -> {
                print(broken.problems(), "", out);
                yield 1;
            }
            case SetupResult.Ready ready -> {
                print(ready.warnings(), "warning: ", out);
                out.println(file + ": ok");
                yield 0;
            }
        };
    }

    static void print(List<Problem> problems, String prefix, PrintWriter out) {
        problems.forEach(problem -> out.println(prefix + problem));
    }
}
