package dev.trunkline.server.admin;

/** Who sits at the console. Immutable. */
public record AdminUser(String name, ConsoleAccess access) {
    boolean isAdmin() {
        return access == ConsoleAccess.ADMIN;
    }
}
