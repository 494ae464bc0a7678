package dev.trunkline.server.config;

/** How clients prove who they are. Source: PgBouncer's {@code auth_type}. */
public enum AuthType implements Keyword {
    /** SCRAM-SHA-256 (RFC 5802, RFC 7677). */
    SCRAM_SHA_256("scram-sha-256"),
    /** PostgreSQL's md5; a user whose stored secret is a SCRAM secret is asked for SCRAM. */
    MD5("md5"),
    /** No proof; the user must be in the users file if one is given. */
    TRUST("trust");

    private final String keyword;

    AuthType(String keyword) {
        this.keyword = keyword;
    }

    @Override
    public String keyword() {
        return keyword;
    }
}
