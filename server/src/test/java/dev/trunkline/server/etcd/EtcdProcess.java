package dev.trunkline.server.etcd;

import dev.trunkline.server.testing.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A real etcd of one member, with its data in a directory of the test's. One thread at a time. */
final class EtcdProcess {
    private static final Duration START = Duration.ofSeconds(20);

    private final FreePorts ports = new FreePorts();
    private final Path directory;
    private final String scheme;
    private final List<String> options;
    private final int port = ports.next();
    /** A JVM that is told to end must not leave it behind. */
    private final Thread atExit = new Thread(() -> process().destroyForcibly());

    private volatile Process process;
    private int listening;

    private EtcdProcess(Path directory, String scheme, List<String> options) {
        this.directory = directory;
        this.scheme = scheme;
        this.options = options;
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    static EtcdProcess start(Path directory) throws IOException, InterruptedException {
        EtcdProcess etcd = new EtcdProcess(directory, "http", List.of());
        etcd.startAgain();
        return etcd;
    }

    /** One that shows and wants certificates. */
    static EtcdProcess startWithTls(Path directory, TestCertificates certificates, String server, String authority)
            throws IOException, InterruptedException {
        EtcdProcess etcd = new EtcdProcess(
                directory,
                "https",
                List.of(
                        "--client-cert-auth",
                        "--cert-file=" + certificates.certificate(server),
                        "--key-file=" + certificates.key(server),
                        "--trusted-ca-file=" + certificates.certificate(authority)));
        etcd.startAgain();
        return etcd;
    }

    private Process process() {
        return process;
    }

    String url() {
        return scheme + "://127.0.0.1:" + port;
    }

    void startAgain() throws IOException, InterruptedException {
        startAt(port);
    }

    /** With the same data where nobody expects it. */
    void startElsewhere() throws IOException, InterruptedException {
        startAt(ports.next());
    }

    private void startAt(int at) throws IOException, InterruptedException {
        listening = at;
        String client = scheme + "://127.0.0.1:" + at;
        String peer = "http://127.0.0.1:" + ports.next();
        List<String> words = new ArrayList<>(List.of(
                "etcd",
                "--name=etcd",
                "--data-dir=" + directory.resolve("data"),
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=etcd=" + peer,
                "--log-level=warn"));
        words.addAll(options);
        Path log = directory.resolve("etcd.log");
        process = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        long deadline = System.nanoTime() + START.toNanos();
        while (!accepts(at)) {
            if (System.nanoTime() > deadline || !process.isAlive()) {
                throw new AssertionError("etcd does not start:\n" + Files.readString(log));
            }
            new CountDownLatch(1).await(20, TimeUnit.MILLISECONDS);
        }
    }

    private static boolean accepts(int port) {
        try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    void stop() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Runs etcdctl; returns what it prints. Its words are those of docs/failover.md. */
    String ctl(String... words) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("etcdctl", "--endpoints=" + scheme + "://127.0.0.1:" + listening));
        all.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(all).redirectErrorStream(true);
        builder.environment().put("ETCDCTL_API", "3");
        Process ctl = builder.start();
        ctl.getOutputStream().close();
        String output = new String(ctl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (ctl.waitFor() != 0) {
            throw new AssertionError(all + ": " + output);
        }
        return output;
    }
}
