package dev.trunkline.server.demo;

import java.nio.file.Path;

/** A demo with no proxy in a process of its own, for the tests that send signals. Arguments: port, HTTP port, cache. */
final class DemoProcess {
    private DemoProcess() {}

    @SuppressWarnings("SystemOut") // What the test reads.
    public static void main(String[] arguments) {
        DemoOptions options =
                new DemoOptions(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]), Path.of(arguments[2]));
        System.exit(Demo.run(options, configuration -> () -> {}, System.out, System::nanoTime));
    }
}
