package dev.trunkline.server;

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
    public static void main(String[] args) {
        System.exit(commandLine(ProxyServer::start, Main::atShutdown).execute(args));
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
