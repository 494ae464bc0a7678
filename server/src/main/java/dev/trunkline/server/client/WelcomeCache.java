package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.pooler.backend.ServerConnection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the servers of one user on one database tell a client at login, so that a login needs no server connection of its own:
 * not while there is no leader, and not in a storm of logins. Loop-confined.
 */
public final class WelcomeCache {
    private static final int MAX_VERIFIED = 1000;

    /** What the latest client that keeps its connection has begun its session with: the next ones will mostly do the same. */
    private Parameters usual = Parameters.NONE;

    private @Nullable Parameters facts;
    private Parameters defaults = Parameters.NONE;
    private final Map<Map<String, String>, Parameters> verified = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Map<String, String>, Parameters> eldest) {
            return size() > MAX_VERIFIED;
        }
    };

    /** Notes what this server connection was told at its login. What was verified under other defaults is forgotten. */
    void learn(ServerConnection server) {
        facts = server.identity().facts();
        if (!server.atLogin().sameAs(defaults)) {
            defaults = server.atLogin();
            verified.clear();
        }
    }

    /** Notes what the server made of the parameters that a client has asked for. */
    void verified(Parameters requested, Parameters result) {
        verified.put(requested.toMap(), result);
    }

    /** Notes what a session on a server has begun with that was opened for one client. */
    void begun(Parameters startup) {
        usual = startup;
    }

    /** What new server connections begin with that nobody in particular has asked for. */
    public Parameters usual() {
        return usual;
    }

    /** It may have been what a server would not take. */
    public void forgetUsual() {
        usual = Parameters.NONE;
    }

    /** True once a server connection was seen. */
    boolean isKnown() {
        return facts != null;
    }

    /** Facts about the server, as server_version. */
    Parameters facts() {
        return facts == null ? Parameters.NONE : facts;
    }

    /** What a session has that asks for nothing. */
    Parameters defaults() {
        return defaults;
    }

    /** What a client has that asks for these; null if no server was asked yet. */
    @Nullable
    Parameters sessionParameters(Parameters requested) {
        if (!isKnown()) {
            return null;
        }
        return requested.size() == 0 ? defaults : verified.get(requested.toMap());
    }
}
