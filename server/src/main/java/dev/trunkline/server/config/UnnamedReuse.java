package dev.trunkline.server.config;

import dev.trunkline.pooler.statement.Reuse;

/** Which unnamed statements are prepared once for all clients that send the same text. */
public enum UnnamedReuse implements Keyword {
    OFF("off", Reuse.NONE),
    WITHOUT_PARAMETERS("without_parameters", Reuse.WITHOUT_PARAMETERS),
    ALL("all", Reuse.ALL);

    private final String keyword;
    private final Reuse reuse;

    UnnamedReuse(String keyword, Reuse reuse) {
        this.keyword = keyword;
        this.reuse = reuse;
    }

    @Override
    public String keyword() {
        return keyword;
    }

    /** What the statements of a client are told. */
    public Reuse reuse() {
        return reuse;
    }
}
