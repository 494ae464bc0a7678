package dev.trunkline.server.config;

import dev.trunkline.wire.ProtocolVersion;

/** Up to which version of the protocol servers are spoken to. */
public enum ProtocolChoice implements Keyword {
    /** For what stands in front of the servers and does not negotiate. */
    V3_0("3.0", ProtocolVersion.V3_0),
    /** PostgreSQL 18; older servers negotiate. */
    V3_2("3.2", ProtocolVersion.V3_2);

    private final String keyword;
    private final ProtocolVersion version;

    ProtocolChoice(String keyword, ProtocolVersion version) {
        this.keyword = keyword;
        this.version = version;
    }

    @Override
    public String keyword() {
        return keyword;
    }

    public ProtocolVersion version() {
        return version;
    }
}
