package dev.trunkline.server;

import dev.trunkline.server.auth.Secret;
import dev.trunkline.server.auth.UsersFile;
import dev.trunkline.server.config.ApiAccess;
import dev.trunkline.server.config.ClusterConfig;
import dev.trunkline.server.config.Config;
import dev.trunkline.server.config.ConfigLoader;
import dev.trunkline.server.config.DatabaseConfig;
import dev.trunkline.server.config.LoadResult;
import dev.trunkline.server.config.Problem;
import dev.trunkline.server.config.TlsFiles;
import dev.trunkline.server.config.UnixSocketSettings;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Reads the configuration and the files that it names, and checks what they say of each other. Blocks. */
public final class SetupLoader {
    private final Path file;
    private final List<Problem> problems = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();

    private SetupLoader(Path file) {
        this.file = file;
    }

    /** Reads {@code file} and what it names; every problem in any of the files is told. */
    public static SetupResult load(Path file) {
        return new SetupLoader(file).load();
    }

    private SetupResult load() {
        return switch (ConfigLoader.load(file)) {
            case LoadResult.Invalid invalid -> {
                problems.addAll(invalid.problems());
                users(invalid.usersFile());
                yield new SetupResult.Broken(problems);
            }
            case LoadResult.Loaded loaded -> {
                warnings.addAll(loaded.warnings());
                UsersFile users = users(loaded.config().general().auth().usersFile());
                yield finish(loaded.config(), users);
            }
        };
    }

    private SetupResult finish(Config config, @Nullable UsersFile users) {
        Map<TlsFiles, SSLContext> tls = tls(config);
        if (!problems.isEmpty()) {
            return new SetupResult.Broken(problems);
        }
        warnOfServerUsers(config, users);
        warnOfUnixSockets(config.general().unixSockets());
        if (users != null) {
            warnOfUnknown(config, users);
        }
        return new SetupResult.Ready(new Setup(config, users, tls), warnings);
    }

    private Map<TlsFiles, SSLContext> tls(Config config) {
        Map<TlsFiles, SSLContext> contexts = new HashMap<>();
        for (ClusterConfig cluster : config.clusters().values()) {
            for (ApiAccess api : cluster.source().apis()) {
                if (!api.tls().isDefault()) {
                    addTls(cluster.name(), api, contexts);
                }
            }
        }
        return contexts;
    }

    private void addTls(String cluster, ApiAccess api, Map<TlsFiles, SSLContext> contexts) {
        try {
            contexts.put(api.tls(), ApiTls.load(api.tls()));
        } catch (PemFile.Unusable e) {
            String setting = e.file().equals(api.tls().ca())
                    ? "ca_file"
                    : e.file().equals(api.tls().cert()) ? "cert_file" : "key_file";
            String where = " (" + api.api() + "_" + setting + " of the cluster \"" + cluster + "\")";
            problems.add(new Problem(e.file(), 0, 0, e.getMessage() + where));
        }
    }

    /** Only warnings: the directory may be made, with its group, when the proxy is started. */
    private void warnOfUnixSockets(UnixSocketSettings settings) {
        if (!settings.areOn() || settings.areAbstract()) {
            return;
        }
        if (!Files.isDirectory(Path.of(settings.directory()))) {
            warn("the directory \"" + settings.directory() + "\" in \"unix_socket_dir\" does not exist");
        }
        if (!settings.group().isEmpty() && !isGroup(settings.group())) {
            warn("there is no group \"" + settings.group() + "\", which \"unix_socket_group\" names");
        }
    }

    private static boolean isGroup(String name) {
        try {
            FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByGroupName(name);
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private @Nullable UsersFile users(@Nullable Path usersFile) {
        if (usersFile == null) {
            return null;
        }
        UsersFile.Loaded loaded = UsersFile.load(usersFile);
        problems.addAll(loaded.errors());
        warnings.addAll(loaded.warnings());
        return loaded.users();
    }

    /** Those who log in to servers without having logged in here need a secret that can be shown to a server. */
    private void warnOfServerUsers(Config config, @Nullable UsersFile users) {
        for (ClusterConfig cluster : config.clusters().values()) {
            warnOfServerUser("check_user of the cluster \"" + cluster.name() + "\"", cluster.checkUser(), users);
            cluster.source().apis().forEach(api -> warnOfApiUser(cluster, api, users));
        }
        for (DatabaseConfig database : config.databases().values()) {
            warnOfServerUser("user of the database \"" + database.name() + "\"", database.user(), users);
        }
    }

    private void warnOfApiUser(ClusterConfig cluster, ApiAccess api, @Nullable UsersFile users) {
        String user = api.user();
        if (user != null && !(users != null && users.find(user) instanceof Secret.Plain)) {
            String name = api.api().equals("etcd") ? "etcd" : "Patroni";
            warn("\"" + user + "\", the " + api.api() + "_user of the cluster \"" + cluster.name()
                    + "\", has no password in plain text in the users file; " + name + " is asked without one");
        }
    }

    private void warnOfServerUser(String role, @Nullable String user, @Nullable UsersFile users) {
        Secret secret = user == null || users == null ? null : users.find(user);
        if (user != null && (secret == null || secret instanceof Secret.None)) {
            warn("\"" + user + "\", the " + role + ", has no password in the users file; the servers must trust it");
        } else if (secret instanceof Secret.Scram) {
            warn("\"" + user + "\", the " + role
                    + ", has a SCRAM secret in the users file, with which nobody can log in to "
                    + "a server; give the password");
        }
    }

    private void warnOfUnknown(Config config, UsersFile users) {
        warnOfUnknown("users", config.users().keySet(), users);
        warnOfUnknown("admin_users", config.general().auth().adminUsers(), users);
        warnOfUnknown("stats_users", config.general().auth().statsUsers(), users);
    }

    private void warnOfUnknown(String setting, Set<String> names, UsersFile users) {
        names.stream()
                .sorted()
                .filter(name -> users.find(name) == null)
                .forEach(name -> warn("\"" + name + "\" in \"" + setting + "\" is not in the users file"));
    }

    private void warn(String message) {
        warnings.add(new Problem(file, 0, 0, message));
    }
}
