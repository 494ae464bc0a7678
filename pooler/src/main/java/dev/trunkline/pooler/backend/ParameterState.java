package dev.trunkline.pooler.backend;

import java.util.Objects;

/**
 * The parameters of one server session: what it has begun with, and what it has now as far as the server has told or the proxy
 * has asked for. Loop-confined; it belongs to one {@link ServerConnection}.
 *
 * <p>Facts are what the server reports and nobody can set as such (the version, whose rights it acts with); they are kept apart
 * from the parameters, which are compared with those of a client and replayed.
 */
final class ParameterState {
    private final Parameters factsAtLogin;
    private final Parameters atLogin;
    private Parameters startup = Parameters.NONE;
    private Parameters current;
    private Parameters facts;

    ParameterState(Parameters facts, Parameters atLogin) {
        this.factsAtLogin = facts;
        this.facts = facts;
        this.atLogin = atLogin;
        this.current = atLogin;
    }

    /** Notes what the startup packet has asked for. */
    void startedWith(Parameters parametersOfPacket) {
        startup = parametersOfPacket;
    }

    Parameters startup() {
        return startup;
    }

    /** As they were reported up to the end of the login. */
    Parameters atLogin() {
        return atLogin;
    }

    Parameters current() {
        return current;
    }

    /** Notes parameters that are known to be equal in value, or that were just asked for. */
    void current(Parameters newParameters) {
        current = newParameters;
    }

    Parameters facts() {
        return facts;
    }

    /**
     * The server has reported a value.
     *
     * @return true if it is of a parameter that a client can set; false if it is a fact
     */
    boolean reported(String name, String value) {
        if (Parameters.isFact(name)) {
            facts = facts.with(name, value);
            return false;
        }
        current = current.with(name, value);
        return true;
    }

    /** DISCARD ALL was carried out. */
    void discarded() {
        current = atLogin;
    }

    /** True if the session acts as another user than the one that has logged in, and it is not known as whom. */
    boolean isSomebodyElse() {
        return facts != factsAtLogin
                && (hasChanged("session_authorization") || hasChanged("is_superuser"))
                && current.get("role") == null
                && current.get("session_authorization") == null;
    }

    private boolean hasChanged(String fact) {
        return !Objects.equals(facts.get(fact), factsAtLogin.get(fact));
    }
}
