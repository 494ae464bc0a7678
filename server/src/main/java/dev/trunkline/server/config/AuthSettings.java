package dev.trunkline.server.config;

import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may come in, and how they prove it.
 *
 * @param type {@code auth_type}
 * @param usersFile absolute, or relative to the directory of the process; null only with {@link AuthType#TRUST}
 * @param adminUsers may do everything on the console
 * @param statsUsers may only look at the console
 */
public record AuthSettings(AuthType type, @Nullable Path usersFile, Set<String> adminUsers, Set<String> statsUsers) {
    public AuthSettings {
        adminUsers = Set.copyOf(adminUsers);
        statsUsers = Set.copyOf(statsUsers);
    }
}
