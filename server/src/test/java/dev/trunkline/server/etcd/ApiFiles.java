package dev.trunkline.server.etcd;

import dev.trunkline.server.SetupLoader;
import dev.trunkline.server.SetupResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Loads the files of an API as the proxy does at its start: from a configuration that names them. */
record ApiFiles(Path directory, String api) {
    SSLContext load(@Nullable String ca, @Nullable String cert, @Nullable String key, boolean verifyHost)
            throws IOException {
        SetupResult result = result(ca, cert, key, verifyHost);
        if (result instanceof SetupResult.Ready ready) {
            return ready.setup().tls().values().iterator().next();
        }
        throw new AssertionError(result);
    }

    /** What is wrong, a line for each problem. */
    List<String> problems(@Nullable String ca, @Nullable String cert, @Nullable String key) throws IOException {
        return result(ca, cert, key, true) instanceof SetupResult.Broken broken
                ? broken.problems().stream().map(Object::toString).toList()
                : List.of();
    }

    private SetupResult result(@Nullable String ca, @Nullable String cert, @Nullable String key, boolean verifyHost)
            throws IOException {
        String source =
                api.equals("etcd") ? "etcd: [ \"https://a:1\" ], etcd_scope: s" : "patroni: [ \"https://a:1\" ]";
        String text = "listeners: [ { port: 6432 } ]\nauth_type: trust\ndatabases: { d: { cluster: main } }\n"
                + "clusters: { main: { " + source + named("ca_file", ca) + named("cert_file", cert)
                + named("key_file", key) + ", " + api + "_verify_host: " + verifyHost + " } }\n";
        return SetupLoader.load(Files.writeString(directory.resolve("trunkline.yaml"), text));
    }

    private String named(String setting, @Nullable String file) {
        return file == null ? "" : ", " + api + "_" + setting + ": " + file;
    }
}
