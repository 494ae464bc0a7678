package dev.trunkline.server.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the parts below the top level and checks what they say of each other. */
final class ConfigReader {
    private final Section top;
    private final Path directory;
    private final Problems problems;
    private final Map<String, Position> databasePlaces = new HashMap<>();

    /** @param directory what relative paths begin at */
    ConfigReader(Section top, Path directory, Problems problems) {
        this.top = top;
        this.directory = directory;
        this.problems = problems;
    }

    /** Reads everything; what is wrong is left out of the result and reported. */
    Config read(General general) {
        PortCheck ports = new PortCheck(problems);
        List<Node.Entry> clusterEntries = entries(GlobalSettings.CLUSTERS);
        ClusterNames clusterNames = new ClusterNames(names(clusterEntries), problems);
        List<ListenerConfig> listeners = listeners(ports, general.unixSockets(), clusterNames);
        HttpConfig http = http(ports);
        Map<String, DatabaseConfig> databases = databases(clusterNames, general.pools());
        Map<String, ClusterConfig> clusters = clusters(clusterEntries);
        warnOfUnused(clusterEntries, listeners, databases);
        warnOfUnsampled(databases, clusters);
        return new Config(general, listeners, http, clusters, databases, users());
    }

    private List<ListenerConfig> listeners(PortCheck ports, UnixSocketSettings unixSockets, ClusterNames clusters) {
        ListenerReader reader = new ListenerReader(ports, unixSockets, clusters, problems);
        Node.Sequence sequence = top.find(GlobalSettings.LISTENERS);
        List<ListenerConfig> listeners = new ArrayList<>();
        for (Node item : sequence == null ? List.<Node>of() : sequence.items()) {
            Node.Mapping mapping = Types.MAPPING.read("listeners", item, problems);
            ListenerConfig listener = mapping == null ? null : reader.read(mapping);
            if (listener != null) {
                listeners.add(listener);
            }
        }
        if (sequence != null && sequence.items().isEmpty()) {
            problems.error(sequence.at(), "\"listeners\" is empty; nobody could connect");
        }
        return listeners;
    }

    private @Nullable HttpConfig http(PortCheck ports) {
        Node.Mapping mapping = top.find(GlobalSettings.HTTP);
        if (mapping == null) {
            return null;
        }
        Section section = new Section(Scope.HTTP, mapping, problems);
        String address = section.get(HttpSettings.ADDRESS);
        Integer port = section.find(HttpSettings.PORT);
        if (port == null) {
            return null;
        }
        ports.claim(section.place(HttpSettings.PORT), address, port);
        return new HttpConfig(address, port);
    }

    private Map<String, ClusterConfig> clusters(List<Node.Entry> entries) {
        Map<String, ClusterConfig> clusters = new LinkedHashMap<>();
        for (Node.Entry entry : entries) {
            Node.Mapping mapping = Types.MAPPING.read(entry.name(), entry.value(), problems);
            ClusterConfig cluster =
                    mapping == null ? null : new ClusterReader(entry, mapping, directory, problems).read();
            if (cluster != null) {
                clusters.put(entry.name(), cluster);
            }
        }
        return clusters;
    }

    private Map<String, DatabaseConfig> databases(ClusterNames clusters, PoolDefaults general) {
        Map<String, DatabaseConfig> databases = new LinkedHashMap<>();
        for (Node.Entry entry : entries(GlobalSettings.DATABASES)) {
            if (entry.name().equals(Config.CONSOLE_DATABASE)) {
                problems.error(entry.at(), "the name \"" + entry.name() + "\" is reserved for the console");
            }
            Node.Mapping mapping = Types.MAPPING.read(entry.name(), entry.value(), problems);
            DatabaseConfig database = mapping == null
                    ? null
                    : new DatabaseReader(entry.name(), mapping, problems).read(clusters, general);
            databasePlaces.put(entry.name(), entry.at());
            if (database != null) {
                databases.put(entry.name(), database);
            }
        }
        return databases;
    }

    private Map<String, UserConfig> users() {
        Map<String, UserConfig> users = new LinkedHashMap<>();
        Node.Mapping all = top.find(GlobalSettings.USERS);
        for (Node.Entry entry : all == null ? List.<Node.Entry>of() : named(all)) {
            Node.Mapping mapping = Types.MAPPING.read(entry.name(), entry.value(), problems);
            if (mapping != null) {
                users.put(entry.name(), user(entry.name(), new Section(Scope.USER, mapping, problems)));
            }
        }
        return users;
    }

    private static UserConfig user(String name, Section section) {
        return new UserConfig(
                name,
                section.find(UserSettings.POOL_MODE),
                section.find(UserSettings.POOL_SIZE),
                section.find(UserSettings.MAX_USER_CONNECTIONS),
                section.find(UserSettings.QUERY_WAIT_TIMEOUT),
                section.find(UserSettings.IDLE_TRANSACTION_TIMEOUT),
                section.find(UserSettings.CLIENT_IDLE_TIMEOUT),
                section.find(UserSettings.NO_REPLICA),
                new SessionOverrides(
                        section.find(UserSettings.SESSION_STATE), section.find(UserSettings.MAX_PINNED_SHARE)),
                section.find(UserSettings.LISTEN),
                section.find(UserSettings.READ_ROUTING),
                section.find(UserSettings.CONSISTENCY));
    }

    /** The entries of a part that must have at least one. */
    private List<Node.Entry> entries(Setting<Node.Mapping> setting) {
        Node.Mapping mapping = top.find(setting);
        if (mapping == null) {
            return List.of();
        }
        if (mapping.entries().isEmpty()) {
            problems.error(mapping.at(), "\"" + setting.name() + "\" is empty; at least one is needed");
        }
        return named(mapping);
    }

    /** The entries whose own name is fit; the others are reported. */
    private List<Node.Entry> named(Node.Mapping mapping) {
        return mapping.entries().stream()
                .filter(entry ->
                        Types.NAME.read(entry.name(), new Node.Scalar(entry.at(), entry.name()), problems) != null)
                .toList();
    }

    private static Set<String> names(List<Node.Entry> entries) {
        return entries.stream().map(Node.Entry::name).collect(Collectors.toUnmodifiableSet());
    }

    /** Nothing goes wrong then, but nothing that was meant to leave the leader does. */
    private void warnOfUnsampled(Map<String, DatabaseConfig> databases, Map<String, ClusterConfig> clusters) {
        for (DatabaseConfig database : databases.values()) {
            ClusterConfig cluster = clusters.get(database.cluster());
            if (isForSession(database) && cluster != null && cluster.checkUser() == null) {
                problems.warning(
                        Objects.requireNonNull(databasePlaces.get(database.name())),
                        "with \"consistency: session\", the default beside \"read_routing: auto\", and a cluster without"
                                + " \"check_user\" a client that has written reads"
                                + " from the leader only; nobody can ask what replicas have replayed");
            }
        }
    }

    private static boolean isForSession(DatabaseConfig database) {
        Consistency said = database.replicas().consistency();
        return said == Consistency.SESSION || (said == null && database.readRouting() == ReadRouting.AUTO);
    }

    private void warnOfUnused(
            List<Node.Entry> clusters, List<ListenerConfig> listeners, Map<String, DatabaseConfig> databases) {
        Set<String> used = Stream.concat(
                        databases.values().stream().map(DatabaseConfig::cluster),
                        listeners.stream().map(ListenerConfig::cluster).filter(Objects::nonNull))
                .collect(Collectors.toUnmodifiableSet());
        for (Node.Entry entry : clusters) {
            if (!used.contains(entry.name())) {
                problems.warning(entry.at(), "no database and no listener uses the cluster \"" + entry.name() + "\"");
            }
        }
    }
}
