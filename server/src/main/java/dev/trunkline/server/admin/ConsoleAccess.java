package dev.trunkline.server.admin;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who may use the console, and for what. Source: PgBouncer's settings {@code admin_users} and {@code stats_users}. */
public enum ConsoleAccess {
    /** Every command. */
    ADMIN,
    /** SHOW, and the SET commands that do nothing. */
    STATS;

    /**
     * What a user who has proved to be {@code user} may do; null if the console is closed to that user, who then gets
     * FATAL "not allowed" (42501) at login.
     */
    public static @Nullable ConsoleAccess of(String user, Set<String> adminUsers, Set<String> statsUsers) {
        if (adminUsers.contains(user)) {
            return ADMIN;
        }
        return statsUsers.contains(user) ? STATS : null;
    }
}
