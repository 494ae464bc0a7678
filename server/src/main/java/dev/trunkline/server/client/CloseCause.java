package dev.trunkline.server.client;

/** Why a client connection ended. The text follows "closed because" in logs. */
public enum CloseCause {
    CLIENT_CLOSED("the client closed it"),
    CLIENT_TERMINATED("the client said goodbye"),
    PROTOCOL("the client broke the protocol"),
    AUTHENTICATION("the client could not prove who it is"),
    LOGIN_TIMEOUT("the login took too long"),
    REFUSED("the login was refused"),
    SERVER_LOST("its server connection was lost"),
    SERVER_CLOSED("its server closed the connection"),
    SERVER_LEFT("its server is not the one any more that it should be on"),
    ROLE_CHANGED("its server is not any more what it was chosen for"),
    SESSION_STATE("the session's parameters could not be set"),
    STATEMENT_MODE("it began a transaction block in statement mode"),
    IDLE_TIMEOUT("it was idle for too long"),
    IDLE_IN_TRANSACTION("it was idle in a transaction for too long"),
    LISTEN("it could not be served with notifications"),
    SHUTDOWN("the proxy is shutting down"),
    OUT_OF_MEMORY("there was no memory for its buffers"),
    INTERNAL("an unexpected error happened");

    private final String text;

    CloseCause(String text) {
        this.text = text;
    }

    /** A clause that completes "closed because". */
    public String text() {
        return text;
    }
}
