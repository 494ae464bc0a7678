package dev.trunkline.server;

import dev.trunkline.server.auth.UsersFile;
import dev.trunkline.server.config.Config;
import dev.trunkline.server.config.TlsFiles;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * All that a proxy is started with, checked and immutable.
 *
 * @param users null if the configuration names no users file
 * @param tls for all files that the configuration names; who is told nothing is not in it
 */
public record Setup(Config config, @Nullable UsersFile users, Map<TlsFiles, SSLContext> tls) {
    public Setup {
        tls = Map.copyOf(tls);
    }
}
