package dev.trunkline.server;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs the proxy until it is told to end. */
@Command(
        name = "run",
        description =
                "Runs the proxy. SIGTERM and SIGINT let running transactions end, as long as shutdown_timeout allows.",
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
    private final Launcher launcher;
    private final Consumer<Runnable> atShutdown;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call()
    private CommandSpec spec;

    @Parameters(paramLabel = "CONF", description = "the configuration file (YAML)")
    @SuppressWarnings("NullAway.Init") // set by picocli before call()
    private Path file;

    /**
     * A command that starts proxies by {@code launcher}.
     *
     * @param atShutdown takes what is to be done when the process is told to end
     */
    RunCommand(Launcher launcher, Consumer<Runnable> atShutdown) {
        this.launcher = launcher;
        this.atShutdown = atShutdown;
    }

    @Override
    public Integer call() throws InterruptedException {
        return run(file, spec.commandLine().getErr());
    }

    /**
     * Runs a proxy to its end.
     *
     * @param err for the user
     * @return the exit status
     */
    int run(Path configuration, PrintWriter err) throws InterruptedException {
        return switch (SetupLoader.load(configuration)) {
            case SetupResult.Broken broken -> {
                CheckCommand.print(broken.problems(), "", err);
                yield 1;
            }
            case SetupResult.Ready ready -> {
                CheckCommand.print(ready.warnings(), "warning: ", err);
                yield run(ready.setup(), err);
            }
        };
    }

    private int run(Setup setup, PrintWriter err) throws InterruptedException {
        RunningProxy proxy;
        try {
            proxy = launcher.launch(setup);
        } catch (IOException e) {
            err.println("trunkline: " + e.getMessage());
            return 1;
        }
        atShutdown.accept(proxy::close);
        proxy.awaitEnd();
        return 0;
    }
}
