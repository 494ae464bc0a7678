package dev.trunkline.server.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What an HTTPS client believes and shows, as files in PEM.
 *
 * @param ca certificates of those who may vouch for a server; null for those that the JVM brings
 * @param cert the client's own certificate, and behind it those that lead to who vouches for it; null to show none
 * @param key its private key in PKCS#8, not encrypted; null exactly if there is no certificate
 * @param verifyHost whether a server's certificate must name the host that was asked for
 */
public record TlsFiles(
        @Nullable Path ca, @Nullable Path cert, @Nullable Path key, boolean verifyHost) {
    /** What holds if nothing is said. */
    static final TlsFiles NONE = new TlsFiles(null, null, null, true);

    /** Whether it is what a client does without being told. */
    public boolean isDefault() {
        return equals(NONE);
    }
}
