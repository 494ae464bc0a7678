package dev.trunkline.server.config;

import org.jspecify.annotations.Nullable;

/**
 * As whom the proxy asks an HTTP API, and whom it believes there.
 *
 * @param api what the names of the settings begin with: {@code patroni} or {@code etcd}
 * @param user whose password stands in the users file; null for nobody
 */
public record ApiAccess(String api, @Nullable String user, TlsFiles tls) {}
