package dev.trunkline.server;

import dev.trunkline.server.config.Problem;
import dev.trunkline.server.demo.Demo;
import dev.trunkline.server.demo.DemoOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs the demo until it is told to end. */
@Command(
        name = "demo",
        description =
                "Starts a PostgreSQL leader, a streaming replica and the proxy in front of them, to be tried out.",
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
    private static final int MAX_PORT = 65_535;

    private final Launcher launcher;
    private final PrintStream out;
    private final LongSupplier ticker;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call()
    private CommandSpec spec;

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "where every transaction is routed (default: ${DEFAULT-VALUE}); the port after it only reads")
    private int port = DemoOptions.DEFAULT_PORT;

    @Option(names = "--http-port", paramLabel = "N", description = "metrics and health (default: ${DEFAULT-VALUE})")
    private int httpPort = DemoOptions.DEFAULT_HTTP_PORT;

    /**
     * A command that starts proxies by {@code launcher}.
     *
     * @param out for the user
     * @param ticker nanoseconds
     */
    DemoCommand(Launcher launcher, PrintStream out, LongSupplier ticker) {
        this.launcher = launcher;
        this.out = out;
        this.ticker = ticker;
    }

    @Override
    public Integer call() {
        check("--port", port, MAX_PORT - 1);
        check("--http-port", httpPort, MAX_PORT);
        DemoOptions options = new DemoOptions(port, httpPort, DemoOptions.defaultCache());
        return Demo.run(options, this::launch, out, ticker);
    }

    private void check(String option, int value, int max) {
        if (value < 1 || value > max) {
            throw new ParameterException(
                    spec.commandLine(), "Invalid value for option '" + option + "': expected 1 to " + max);
        }
    }

    private RunningProxy launch(Path configuration) throws IOException, InterruptedException {
        return switch (SetupLoader.load(configuration)) {
            case SetupResult.Ready ready -> launcher.launch(ready.setup());
            case SetupResult.Broken broken ->
                throw new IOException(
                        broken.problems().stream().map(Problem::toString).collect(Collectors.joining("\n")));
        };
    }
}
