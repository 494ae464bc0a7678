package dev.trunkline.router.discovery;

/** etcd has answered, and says no. Has no stack trace: its message is etcd's own. */
final class EtcdRefusal extends RuntimeException {
    private final boolean loginNeeded;

    private EtcdRefusal(String message, boolean loginNeeded) {
        super(message, null, false, false);
        this.loginNeeded = loginNeeded;
    }

    /** @param text etcd's words */
    static EtcdRefusal of(String text) {
        return new EtcdRefusal(text, isAboutLogin(text));
    }

    /** Whether it may say yes to who logs in again: tokens end with their time, and when users or roles change. */
    boolean isLoginNeeded() {
        return loginNeeded;
    }

    private static boolean isAboutLogin(String text) {
        return text.contains("invalid auth token")
                || text.contains("user name is empty")
                || text.contains("revision of auth store is old");
    }
}
