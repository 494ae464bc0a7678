package dev.trunkline.server;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The command line of Trunkline. */
@Command(
        name = "trunkline",
        description = "Pools and routes the connections of applications to a Patroni cluster of PostgreSQL.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.VersionLine.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "Exit status: 0 all is well, 1 it cannot start or the configuration is wrong, 2 wrong usage."})
public final class Main {
    private Main() {}

    /** Runs one command and ends the process with its status. */
    public static void main(String[] args) throws InterruptedException {
        System.exit(execute(
                args, ProxyServer::start, Main::atShutdown, new PrintWriter(System.err, true, System.err.charset())));
    }

    /**
     * Runs one command and gives its status; {@code err} is for the user. {@code run CONF} goes past the parser of command lines: its classes are of a
     * format that no AOT cache can hold, and reading them is a fifth of the work of a start.
     */
    static int execute(String[] args, Launcher launcher, Consumer<Runnable> atShutdown, PrintWriter err)
            throws InterruptedException {
        if (isPlainRun(args)) {
            return new RunCommand(launcher, atShutdown).run(Path.of(args[1]), err);
        }
        return commandLine(launcher, atShutdown).setErr(err).execute(args);
    }

    /** True if there is nothing to parse: neither an option, nor a file of arguments, which begins with an "@". */
    private static boolean isPlainRun(String[] args) {
        return args.length == 2 && args[0].equals("run") && !args[1].isEmpty() && "-@".indexOf(args[1].charAt(0)) < 0;
    }

    /** The commands, over what they need of their surroundings. */
    static CommandLine commandLine(Launcher launcher, Consumer<Runnable> atShutdown) {
        return new CommandLine(new Main())
                .addSubcommand(new RunCommand(launcher, atShutdown))
                .addSubcommand(new CheckCommand())
                .addSubcommand(new DemoCommand(launcher, System.out, System::nanoTime));
    }

    private static void atShutdown(Runnable task) {
        Runtime.getRuntime().addShutdownHook(new Thread(task, "shutdown"));
    }

    /** What {@code --version} prints. */
    static final class VersionLine implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"Trunkline " + Version.current()};
        }
    }
}
