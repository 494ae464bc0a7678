package dev.trunkline.server.config;

/**
 * The settings of the top level, in groups.
 */
public record General(
        PoolDefaults pools,
        ServerSettings servers,
        ClientSettings clients,
        AuthSettings auth,
        UnixSocketSettings unixSockets,
        ProcessSettings process) {}
