package dev.trunkline.server.patroni;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** One node: Patroni, the PostgreSQL that it runs, and the forwarder in front of its REST API. */
final class PatroniNode {
    private static final int REST_MILLIS = 2_000;
    private static final Duration END = Duration.ofSeconds(20);

    private final Place place;
    private final Programs programs;
    private final Network network;
    private final Door rest;
    private volatile Process patroni;

    /**
     * Where a node is.
     *
     * @param directory of its own, for everything that it writes
     * @param api where its REST API listens
     * @param publishedRest where others find its REST API
     */
    record Place(String name, Path directory, Address postgres, Address api, Address publishedRest, Address etcd) {}

    PatroniNode(Place place, Network network, Programs programs) throws IOException {
        this.place = place;
        this.network = network;
        this.programs = programs;
        this.rest = network.door(place.publishedRest(), place.api());
        Files.createDirectory(
                place.directory(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        writeFile("");
        Programs.own(place.directory());
        Programs.own(file());
    }

    /** The node has these tags from its Patroni's next round on, as {@code zone: a}; none if it is empty. Patroni runs. */
    void tag(String tags) throws IOException, InterruptedException {
        writeFile(tags);
        signalPatroni("HUP");
    }

    private void writeFile(String tags) throws IOException {
        String text =
                PatroniFile.of(place, network.clients(), programs.postgres().directory());
        Files.writeString(file(), tags.isEmpty() ? text : text + "tags: { " + tags + " }\n");
    }

    String name() {
        return place.name();
    }

    int postgresPort() {
        return place.postgres().port();
    }

    Address postgres() {
        return place.postgres();
    }

    /** Where the REST API is published. */
    Address publishedRest() {
        return place.publishedRest();
    }

    String restUrl() {
        return "http://" + place.publishedRest();
    }

    Door rest() {
        return rest;
    }

    void start() throws IOException {
        ProcessBuilder builder =
                programs.command(place.directory(), List.of(programs.patroni().toString(), file().toString()));
        builder.command().addAll(0, network.on(name()));
        patroni = builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
    }

    boolean isRunning() {
        return patroni != null && patroni.isAlive();
    }

    /** SIGKILL to Patroni and to every process of its PostgreSQL, none of which can say a word any more. */
    void kill() throws IOException, InterruptedException {
        List<ProcessHandle> all = processes();
        try {
            Command.signal("STOP", all);
        } catch (IOException _) {
            // One of them has ended by itself, or there is none; the others stand still.
        }
        all.forEach(ProcessHandle::destroyForcibly);
        awaitEnd(all);
        // A process may have ended a moment before its Process object knows, and then it would not be started again.
        if (patroni != null) {
            patroni.waitFor();
        }
    }

    /** Stops or wakes Patroni alone: {@code STOP} or {@code CONT}. */
    void signalPatroni(String signal) throws IOException, InterruptedException {
        Command.signal(signal, List.of(patroni.toHandle()));
    }

    /** The same with the postmaster alone. */
    void signalPostmaster(String signal) throws IOException, InterruptedException {
        Command.signal(signal, postmaster().stream().toList());
    }

    /** The same with all processes of PostgreSQL. */
    void signalPostgres(String signal) throws IOException, InterruptedException {
        List<ProcessHandle> all = new ArrayList<>();
        postmaster().ifPresent(handle -> addTree(handle, all));
        Command.signal(signal, all);
    }

    /** The same with the process alone that replays the leader's WAL. */
    void signalReplay(String signal) throws IOException, InterruptedException, SQLException {
        signalProcess("startup", signal);
    }

    /** The same with the process alone that receives it. */
    void signalReceiver(String signal) throws IOException, InterruptedException, SQLException {
        signalProcess("walreceiver", signal);
    }

    private void signalProcess(String type, String signal) throws IOException, InterruptedException, SQLException {
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT pid FROM pg_stat_activity WHERE backend_type = '" + type + "'")) {
            row.next();
            Command.signal(signal, ProcessHandle.of(row.getLong(1)).stream().toList());
        }
    }

    /** The same with all processes of the node. */
    void signalAll(String signal) throws IOException, InterruptedException {
        Command.signal(signal, processes());
    }

    /** Runs patronictl, as an operator would; returns what it has printed. */
    String control(String... words) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(programs.patronictl().toString(), "-c", file().toString()));
        all.addAll(List.of(words));
        return Command.run(programs.command(place.directory(), all));
    }

    /** Sets one of the things that all nodes have in common; returns when this one knows it. */
    void configure(String name, boolean value) throws IOException, InterruptedException {
        control("edit-config", "--quiet", "--force", "--set", name + "=" + value, PatroniFile.SCOPE);
        Await.until(
                END,
                () -> request("GET", "/config", "").body().contains("\"%s\": %s".formatted(name, value)),
                () -> name + " " + value + "\n" + logTail());
    }

    /** SIGTERM: Patroni stops its PostgreSQL. */
    void stop() throws IOException, InterruptedException {
        if (patroni == null) {
            return;
        }
        List<ProcessHandle> all = processes();
        patroni.destroy();
        if (!patroni.waitFor(END)) {
            all.addAll(processes());
        }
        all.forEach(ProcessHandle::destroyForcibly);
        awaitEnd(all);
    }

    /** What the API itself, not the forwarder, answers to GET with the status: 0 if nothing. */
    int status(String path) {
        try {
            return request("GET", path, "").status();
        } catch (IOException _) {
            return 0;
        }
    }

    /** An answer of the API. */
    record Answer(int status, String body) {}

    /** Sends a request to the API itself; for a POST with a body. */
    Answer request(String method, String path, String body) throws IOException {
        var connection = (HttpURLConnection)
                URI.create("http://" + place.api() + path).toURL().openConnection();
        connection.setConnectTimeout(REST_MILLIS);
        connection.setReadTimeout(method.equals("GET") ? REST_MILLIS : 30_000);
        connection.setRequestMethod(method);
        String login = PatroniFile.REST_USER + ":" + PatroniFile.PASSWORD;
        connection.setRequestProperty(
                "Authorization", "Basic " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8)));
        if (!body.isEmpty()) {
            connection.setDoOutput(true);
            connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
        }
        int status = connection.getResponseCode();
        try (var in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            return new Answer(status, in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } finally {
            connection.disconnect();
        }
    }

    /** A connection of the superuser to this node, past the proxy. */
    Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://" + place.postgres() + "/" + database
                        + "?connectTimeout=2&socketTimeout=5&ApplicationName=observer",
                PatroniFile.SUPERUSER,
                PatroniFile.PASSWORD);
    }

    /** The end of what Patroni and PostgreSQL have written. */
    String logTail() {
        try (Stream<String> lines = Files.lines(log())) {
            List<String> all = lines.toList();
            return String.join("\n", all.subList(Math.max(0, all.size() - 15), all.size()));
        } catch (IOException e) {
            return e.toString();
        }
    }

    void end() throws IOException, InterruptedException {
        stop();
        rest.close();
    }

    private Path file() {
        return place.directory().resolve("patroni.yml");
    }

    private Path log() {
        return place.directory().resolve("log");
    }

    private List<ProcessHandle> processes() throws IOException {
        List<ProcessHandle> all = new ArrayList<>();
        if (patroni != null) {
            addTree(patroni.toHandle(), all);
        }
        postmaster().ifPresent(handle -> addTree(handle, all));
        return all;
    }

    private static void addTree(ProcessHandle root, List<ProcessHandle> all) {
        all.add(root);
        root.descendants().forEach(all::add);
    }

    /** PostgreSQL is no child of Patroni's. Its number may be old and taken by somebody else: the program decides. */
    private Optional<ProcessHandle> postmaster() throws IOException {
        try {
            return Files.readAllLines(place.directory().resolve("data/postmaster.pid")).stream()
                    .findFirst()
                    .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid.strip())))
                    .filter(this::isOurs);
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    private boolean isOurs(ProcessHandle process) {
        try {
            Path directory = Files.readSymbolicLink(Path.of("/proc", Long.toString(process.pid()), "cwd"));
            return directory.startsWith(place.directory());
        } catch (IOException _) {
            return false; // it has ended
        }
    }

    private void awaitEnd(List<ProcessHandle> all) throws InterruptedException {
        Await.until(END, () -> all.stream().noneMatch(this::isOurs), () -> "the end of the processes of " + name());
    }
}
