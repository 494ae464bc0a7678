package dev.trunkline.server.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The demo: a leader, a replica and the proxy, from the start to Ctrl-C. All of it happens on the thread that calls
 * {@link #run}; a signal only interrupts that thread and waits until it has put everything away.
 */
public final class Demo {
    /** How long the JVM waits, after a signal, for the proxy and both servers to stop. */
    private static final Duration STOP_LIMIT = Duration.ofSeconds(60);

    private final DemoOptions options;
    private final ProxyLauncher launcher;
    private final Progress progress;

    /** Until this is reached, a signal waits. */
    private final CountDownLatch stopped = new CountDownLatch(1);

    private Demo(DemoOptions options, ProxyLauncher launcher, Progress progress) {
        this.options = options;
        this.launcher = launcher;
        this.progress = progress;
    }

    /**
     * Runs the demo until this thread is interrupted or the process is told to end (SIGINT, SIGTERM). When it returns, no
     * process and no data of it are left.
     *
     * @param out for the user
     * @param ticker nanoseconds
     * @return the exit status: 0 after it was stopped, 1 if it could not start or not stop, of which {@code out} says why
     */
    public static int run(DemoOptions options, ProxyLauncher launcher, PrintStream out, LongSupplier ticker) {
        return new Demo(options, launcher, new Progress(out, ticker)).runUntilStopped();
    }

    private int runUntilStopped() {
        Thread runner = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(runner), "demo-stop"));
        try {
            show();
            return 0;
        } catch (InterruptedException e) {
            return 0;
        } catch (DemoException e) {
            return failed(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            // An interrupt also ends the reading and writing of files, as an error.
            return Thread.interrupted() ? 0 : failed(e.toString());
        } finally {
            stopped.countDown();
        }
    }

    private int failed(String why) {
        progress.say("trunkline: " + why);
        return 1;
    }

    private void stop(Thread runner) {
        if (stopped.getCount() == 0) {
            return;
        }
        runner.interrupt();
        try {
            if (!stopped.await(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                progress.say("trunkline: not everything has stopped within " + STOP_LIMIT.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void show() throws DemoException, IOException, InterruptedException {
        Ports.requireFree(options.port(), "--port N");
        Ports.requireFree(options.readPort(), "--port N");
        Ports.requireFree(options.httpPort(), "--http-port N");
        DemoCluster cluster = DemoCluster.start(options.cache(), progress);
        try {
            showProxy(cluster);
        } finally {
            cluster.close();
            progress.step("stopped, and its data deleted");
        }
    }

    private void showProxy(DemoCluster cluster) throws DemoException, IOException, InterruptedException {
        AutoCloseable proxy = launch(DemoConfiguration.write(options, cluster));
        try {
            progress.step("proxy is up");
            progress.say(welcome(cluster));
            new CountDownLatch(1).await();
        } finally {
            progress.say("");
            progress.step("stopping");
            Uninterrupted.run(proxy::close);
        }
    }

    private AutoCloseable launch(Path configuration) throws DemoException, InterruptedException {
        try {
            return launcher.launch(configuration);
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            throw new DemoException("the proxy does not start: " + e, e);
        }
    }

    private String welcome(DemoCluster cluster) {
        String url = url(options.port(), PostgresTemplate.DATABASE);
        return String.format(
                Locale.ROOT,
                """

                Ready after %.1f s. In another terminal:

                  psql "%s"
                  pgbench -i -s 10 "%s" && pgbench -c 50 -j 2 -T 30 -P 5 "%s"

                  reads only         psql "%s"
                  console            psql "%s" -c "SHOW POOLS"
                  metrics            http://127.0.0.1:%d/metrics
                  leader directly    psql "%s"
                  replica directly   psql "%s"

                Ctrl-C stops everything and deletes the data.""",
                progress.seconds(),
                url,
                url,
                url,
                url(options.readPort(), PostgresTemplate.DATABASE),
                url(options.port(), "pgbouncer"),
                options.httpPort(),
                url(cluster.leaderPort(), PostgresTemplate.DATABASE),
                url(cluster.replicaPort(), PostgresTemplate.DATABASE));
    }

    private static String url(int port, String database) {
        return "postgresql://%s:%s@127.0.0.1:%d/%s"
                .formatted(PostgresTemplate.USER, PostgresTemplate.PASSWORD, port, database);
    }
}
